"""Our loop over Lark's tables against Lark's own: the same trees, tokens, places and errors."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import lark
import pytest
from lark import Lark, UnexpectedInput

from converter import kept
from converter.kept.nodes import Token, Tree, Unexpected

PACKAGE = Path(kept.__file__).parents[1]
OPTIONS: dict[str, dict[str, Any]] = {
    "evaluate/kusto/kusto.lark": {"maybe_placeholders": True},
    "evaluate/spl/search.lark": {"maybe_placeholders": False},
    "evaluate/spl/eval.lark": {"maybe_placeholders": False},
    "elastic/eql/grammar.lark": {"maybe_placeholders": True},
    "elastic/esql/esql.lark": {"maybe_placeholders": False},
    "elastic/kuery/kuery.lark": {"maybe_placeholders": False},
    "elastic/lucene/lucene.lark": {"maybe_placeholders": False, "lexer": "basic"},
}
TEXTS = (
    [
        ("evaluate/kusto/kusto.lark", text)
        for text in (
            "",
            ";\n;",
            "Things | where (Name has 'a' and Size + 1 > 2) or not(Name in~ ('b', \"c\"))",
            "let f = (x: long = 3) { x * 2 };\nThings // so\n| extend y = f(1).z['k'], w = dynamic([1, 'a'])",
            "Things\n| summarize n = count() by bin(Time, 5m)\n| top 3 by n desc nulls last\n| project n",
            "Things | project\n| where a between (1 .. 2)",
            "Things | mv-expand x to typeof(long) limit 3 | join kind=inner (Others) on $left.a == $right.b",
            "Things | where 'a\nb' == @'c",
            "Things | where (a == 1",
            "Things | where a ==",
            "Things | whither a",
        )
    ]
    + [
        ("evaluate/spl/search.lark", text)
        for text in (
            "",
            'a=1 OR NOT (b IN ("x", y z) c!="d\ne") [0 ] TERM(a.b) word',
            "a=1 AND",
            'a="b',
            "(a=1",
            "a=1)",
        )
    ]
    + [
        ("evaluate/spl/eval.lark", text)
        for text in (
            'a == 1 AND (b LIKE "c%" OR NOT \'d e\' IN (1, 2)) XOR -f(g . "h", 3 * 4 + 5)',
            "a == ",
            "f(1,",
            "a & b",
        )
    ]
    + [
        ("elastic/eql/grammar.lark", text)
        for text in (
            'process where a == 1 and not (b in~ ("c", "d") or e : "f*") | head 1',
            "sequence by a with maxspan=5m [file where true] by b [any where x != null] until [file where c]",
            "process where",
            "process where a == 'b'",
            "process where a == 1 or\n  and b",
        )
    ]
    + [
        ("elastic/esql/esql.lark", text)
        for text in (
            'from logs-* metadata _id | where a == "b" and c in (1, 2) | stats n = count(*) by d | sort n',
            "from logs-* | where",
            "row a = 1 | eval b = a +",
        )
    ]
    + [
        ("elastic/kuery/kuery.lark", text)
        for text in ('a : (b or "c d") and not e : { f : g* }', "a : ", "a > 1 )")
    ]
    + [
        ("elastic/lucene/lucene.lark", text)
        for text in ('a:b AND (c OR -d:"e f"~2) /g.h/', "a:(b", "a:[1 TO")
    ]
)


def tree_of(parser: Any, text: str) -> Any:
    """All that a reader of the tree may ask of it; or of the error."""
    return found(lambda: shape(parser.parse(text)))


def tokens_of(parser: Any, text: str) -> Any:
    return found(lambda: [shape(token) for token in parser.lex(text)])


def found(read: Callable[[], Any]) -> Any:
    """What is read; or of the error what a reader of it may ask."""
    try:
        return read()
    except Unexpected as error:
        return error.token and error.token.type, error.token, set(error.expected), *error.place[:3]
    except UnexpectedInput as error:
        token = getattr(error, "token", None)
        expected = getattr(error, "accepts", None) or vars(error).get("expected", vars(error).get("allowed"))
        kind = token and token.type
        return kind, token, set(expected or ()), error.line, error.column, error.pos_in_stream or 0


def shape(node: Any) -> Any:
    """A node with its place, a token with all of its places."""
    if isinstance(node, Token | lark.Token):
        ends = node.end_line, node.end_column, node.end_pos
        return node.type, str(node), node.line, node.column, node.start_pos, *ends
    if not isinstance(node, Tree | lark.Tree):
        return node
    place = [getattr(node.meta, name, none) for name, none in (("line", 1), ("column", 1), ("start_pos", 0))]
    return node.data, place, [shape(child) for child in node.children]


@cache
def both(grammar: str, **more: bool) -> tuple[kept.Parser, Lark]:
    place, options = PACKAGE / grammar, OPTIONS[grammar] | more
    larks_own = Lark(place.read_text("utf-8"), parser="lalr", **(options | {"propagate_positions": True}))
    return kept.parser(place, **options), larks_own


@pytest.mark.parametrize(("grammar", "text"), TEXTS)
def test_it_says_what_lark_says(grammar: str, text: str) -> None:
    ours, larks_own = both(grammar)
    assert tree_of(ours, text) == tree_of(larks_own, text)


@pytest.mark.parametrize("keep_all_tokens", [False, True])
@pytest.mark.parametrize(("grammar", "text"), TEXTS)
def test_nodes_end_where_larks_do_where_that_is_asked(grammar: str, text: str, keep_all_tokens: bool) -> None:
    ours, larks_own = both(grammar, propagate_positions=True, keep_all_tokens=keep_all_tokens)
    assert found(lambda: ends(ours.parse(text))) == found(lambda: ends(larks_own.parse(text)))
    assert tree_of(ours, text) == tree_of(larks_own, text)


def ends(node: Any) -> Any:
    if not isinstance(node, Tree | lark.Tree):
        return node
    return node.data, getattr(node.meta, "end_pos", 0), [ends(child) for child in node.children]


def test_tokens_of_one_text_are_equal_where_they_are_of_one_kind() -> None:
    token = Token("A", "x", 2, 1, 3, 1, 4, 3)
    assert token == "x" and token == Token("A", "x") and token != Token("A", "y")
    assert token != Token("B", "x")
    assert len({token, "x"}) == 1
    same = pickle.loads(pickle.dumps(token))
    assert (same.type, same, same.column, same.end_pos) == ("A", "x", 3, 3)


@pytest.mark.parametrize("text", ["", "a=b \"c\nd\", 'e' ([12 ])\n f!g", 'a=b\n "c', "a ] b"])
def test_tokens_alone_are_larks(text: str) -> None:
    place = PACKAGE / "evaluate/spl/arguments.lark"
    whole = Lark(place.read_text("utf-8"), parser="lalr", lexer="basic")
    assert tokens_of(kept.parser(place, lexer="basic"), text) == tokens_of(whole, text)
