"""A query string to its tree. Source: the grammar of Lucene's classic query parser."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from converter.elastic.lucene.tree import Clause, Group, Leaf
from converter.elastic.syntax import check_size, syntax_error, token_position
from converter.kept import Parser, parser
from converter.kept.nodes import Token, Unexpected
from converter.late import late
from converter.source import Position, QuerySyntaxError

_BRACKETS = late(r'\\.|"(?:\\.|[^"\\])*"|/(?:\\/|[^*/])(?:\\/|[^/])*/|[()]', re.DOTALL)
_ESCAPE = late(r"\\(?:u([0-9a-fA-F]{4})|(.)|$)", re.DOTALL)
_WILDCARD = late(r"\\.|[*?]", re.DOTALL)

_NAMES = {
    "COLON": "':'",
    "LPAR": "'('",
    "RPAR": "')'",
    "AND": "AND",
    "OR": "OR",
    "NOT": "NOT",
    "WORD": "a term",
    "QUOTED": "a quoted phrase",
    "$END": "the end",
}


def read_lucene(text: str) -> Group:
    """The tree of a query string that is not blank. Raises :class:`QuerySyntaxError` with the place."""
    check_size(text, _BRACKETS)
    try:
        return cast(Group, _parser().parse(text))
    except Unexpected as error:
        # The lexer has no context, so for a stray character it would name every terminal.
        names = _NAMES if error.token is not None else {}
        raise syntax_error(error, text, names) from None


def unescape(text: str, place: Position) -> str:
    """The text without its backslashes; `\\u0041` is a character by its number."""

    def character(match: re.Match[str]) -> str:
        code, plain = match.groups()
        if code is None and plain is None:
            raise QuerySyntaxError("the text ends in a backslash that escapes nothing", place)
        return chr(int(code, 16)) if code else cast(str, plain)

    return _ESCAPE.sub(character, text)


def has_wildcard(text: str) -> bool:
    """Whether an unescaped `*` or `?` is in a word."""
    return any(len(match.group()) == 1 for match in _WILDCARD.finditer(text))


@cache
def _parser() -> Parser:
    grammar = Path(__file__).with_name("lucene.lark")
    return parser(grammar, transformer=_Builder(), lexer="basic", maybe_placeholders=False)


class _Builder:
    """Grammar rules to tree nodes, called as the parser reduces."""

    def start(self, items: list[Group]) -> Group:
        return items[0]

    def group(self, items: list[Any]) -> Group:
        clauses: list[Clause] = []
        conjunction: Literal["AND", "OR"] | None = None
        for item in items:
            if isinstance(item, Clause):
                clauses.append(Clause(item.item, item.field, conjunction, item.modifier, item.pos))
                conjunction = None
            else:
                conjunction = item
        return Group(tuple(clauses), clauses[0].pos)

    def conjunction(self, items: list[Token]) -> str:
        return items[0].type

    def modifier(self, items: list[Token]) -> tuple[str, Position]:
        return ("+" if items[0].type == "PLUS" else "-"), token_position(items[0])

    def field(self, items: list[Token]) -> tuple[str, Position]:
        place = token_position(items[0])
        if items[0] != "*" and has_wildcard(items[0]):
            raise QuerySyntaxError("an unescaped wildcard in a field name", place)
        return "field:" + unescape(items[0], place), place

    def clause(self, items: list[Any]) -> Clause:
        *before, item = items
        place = before[0][1] if before else item.pos
        field = modifier = None
        for text, _ in before:
            if text.startswith("field:"):
                field = text[len("field:") :]
            else:
                modifier = text
        return Clause(item, field, None, modifier, place)

    def leaf(self, items: list[Token]) -> Leaf:
        token, *suffixes = items
        kind = cast("Literal['WORD', 'QUOTED', 'RANGE', 'REGEX', 'BARE']", token.type)
        fuzzy = any(suffix.type == "FUZZY" for suffix in suffixes)
        boosted = any(suffix.type == "BOOST" for suffix in suffixes)
        return Leaf(kind, str(token), token_position(token), fuzzy, boosted)

    def parentheses(self, items: list[Any]) -> Group:
        return cast(Group, items[0])
