"""Random patterns, written in every dialect and run on its engine, agree with the sets of positions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.regex import RegexNotSupported, compile_regex, examples, translate
from converter.regex.ast import (
    EMPTY,
    Alternation,
    Any,
    Char,
    Class,
    Complement,
    Dialect,
    Group,
    Intersection,
    Interval,
    Node,
    Nothing,
    Repeat,
    Sequence,
)
from converter.regex.engine import Matcher
from converter.regex.positions import Positions
from converter.regex.width import least
from converter.regex.write import write

ALPHABET = 'ab1_ -.\\\n\v"<&#@~[]^$|{}()*é'
texts = st.text(alphabet=ALPHABET, max_size=6)
chars = st.sampled_from(ALPHABET)
ranges = st.tuples(chars, chars).map(lambda pair: (min(pair), max(pair)))
classes = st.builds(
    Class,
    st.lists(ranges, min_size=1, max_size=3).map(tuple),
    st.lists(st.sampled_from("dDwWsS"), max_size=2).map(tuple),
    st.booleans(),
)
leaves = st.one_of(
    chars.map(Char),
    chars.map(Char),
    st.builds(Any, st.booleans()),
    classes,
    st.sampled_from("dDwWsS").map(lambda sign: Class(shorthands=(sign,))),
    st.builds(lambda a, b: Interval(min(a, b), max(a, b)), st.integers(0, 12), st.integers(0, 12)),
    st.just(Nothing()),
    st.just(EMPTY),
)


def larger(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.lists(children, min_size=2, max_size=3).map(lambda items: Sequence(tuple(items))),
        st.lists(children, min_size=2, max_size=3).map(lambda items: Alternation(tuple(items))),
        st.builds(
            lambda item, least, more: Repeat(item, least, None if more is None else least + more),
            children,
            st.integers(0, 2),
            st.none() | st.integers(0, 2),
        ),
        children.map(lambda item: Group(item, "plain")),
    )


def with_operators(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return larger(children) | children.map(Complement) | st.builds(Intersection, children, children)


patterns: st.SearchStrategy[Node] = st.recursive(leaves, larger, max_leaves=6)
lucene_patterns: st.SearchStrategy[Node] = st.recursive(leaves, with_operators, max_leaves=5)


def whole(node: Node, text: str) -> bool:
    return len(text) in Positions(text).ends(node, 0)


def found(node: Node, text: str) -> bool:
    positions = Positions(text)
    return any(positions.ends(node, start) for start in range(len(text) + 1))


@settings(max_examples=200, deadline=None)
@given(node=lucene_patterns, text=texts)
def test_no_match_is_shorter_than_the_least(node: Node, text: str) -> None:
    assert all(end >= least(node) for end in Positions(text).ends(node, 0))


@pytest.mark.parametrize("dialect", ["lucene", "pcre", "re2"])
@settings(max_examples=200, deadline=None)
@given(node=patterns, text=texts)
def test_each_dialect_agrees(dialect: Dialect, node: Node, text: str) -> None:
    written = write(node, dialect)
    matcher = compile_regex(written, dialect)
    assert matcher.fullmatch(text) == whole(node, text), written
    assert matcher.search(text) == found(node, text), written


@settings(max_examples=200, deadline=None)
@given(node=patterns, text=texts)
def test_the_backtracking_engine_agrees(node: Node, text: str) -> None:
    matcher = Matcher(node)
    matcher._linear = None
    assert matcher.fullmatch(text) == whole(node, text)
    assert matcher.search(text) == found(node, text)


@settings(max_examples=200, deadline=None)
@given(node=lucene_patterns, text=texts)
def test_lucene_written_and_read_again(node: Node, text: str) -> None:
    written = write(node, "lucene")
    assert compile_regex(written, "lucene").fullmatch(text) == whole(node, text), written


@pytest.mark.parametrize("target", ["pcre", "re2"])
@settings(max_examples=200, deadline=None)
@given(node=lucene_patterns, text=texts)
def test_a_translation_from_lucene_means_the_same(target: Dialect, node: Node, text: str) -> None:
    try:
        translated = translate(write(node, "lucene"), "lucene", target)
    except RegexNotSupported:
        return
    assert compile_regex(translated, target).search(text) == whole(node, text), translated


@pytest.mark.parametrize("target", ["lucene", "re2"])
@settings(max_examples=200, deadline=None)
@given(node=patterns, text=texts, start=st.booleans(), end=st.sampled_from(["", "$", r"\z"]))
def test_a_translation_from_pcre_means_the_same(
    target: Dialect, node: Node, text: str, start: bool, end: str
) -> None:
    source = f"{'^' * start}(?:{write(node, 'pcre')}){end}"
    matcher = compile_regex(translate(source, "pcre", target), target)
    found = matcher.fullmatch if target == "lucene" else matcher.search
    assert found(text) == compile_regex(source, "pcre").search(text)


@settings(max_examples=200, deadline=None)
@given(node=patterns)
def test_examples_match(node: Node) -> None:
    for text in examples(node, 10):
        assert whole(node, text)
