"""What an expression needs, and the characters that it takes one by one, say what the engines say."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.regex import compile_regex, search_any
from converter.regex.ast import Dialect

NEEDED = [
    ("(?:^|[^a-z])Get-(?:item|child)[^a-z]*Names", "names"),
    ("ab(?:cd)+e", "ab"),
    ("(?:abc)?d", "d"),
    ("a|b", ""),
    ("(ab)(?i:CD)", "abcd"),
    ("ab(?!cdefg)c", "ab"),
    ("k\u00e9x{0}yz", "yz"),
]
PIECES = [
    "a",
    "B",
    "k",
    "1",
    ".",
    "[^k]",
    "(?:ab|k)",
    "k+",
    "b*",
    "(?i)",
    "\\b",
    "$",
    "\u212a",
    "(?i:s)",
    "(ab)",
]
CHARACTERS = [
    "[0-9]",
    ".",
    "(?s).",
    "(?i)k",
    "[^a-z]",
    "\\s",
    "\\W",
    "([a-k])",
    "(?i:\u00df)",
    "s",
    "(?i)[^S]",
]
texts = st.text("abkKsS1.\n\u00df\u1e9e\u212a\u017f\U0001f525", max_size=8)
dialects: st.SearchStrategy[Dialect] = st.sampled_from(["pcre", "re2"])


@pytest.mark.parametrize(("pattern", "found"), NEEDED)
def test_what_is_needed(pattern: str, found: str) -> None:
    assert compile_regex(pattern, "pcre").needed == found


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=5), max_size=3), texts)
def test_several_are_asked_as_each(patterns: Sequence[Sequence[str]], text: str) -> None:
    matchers = [compile_regex("".join(pieces), "pcre") for pieces in patterns]
    each = [matcher.finds(text) for matcher in matchers]
    assert [matcher.search(text) for matcher in matchers] == each
    assert search_any(matchers)(text) is any(each)


@given(st.sampled_from(CHARACTERS), dialects, texts)
def test_characters_are_the_matches(pattern: str, dialect: Dialect, text: str) -> None:
    matcher = compile_regex(pattern, dialect)
    characters = matcher.characters(text)
    assert characters is not None
    assert set(characters) == {match.group() for match in matcher.finditer(text)}


@pytest.mark.parametrize("pattern", ["ab", "a*", "^a", "a|b", "a\\b", "a(?=b)", ""])
def test_more_than_a_character(pattern: str) -> None:
    assert compile_regex(pattern, "pcre").characters("ab") is None
