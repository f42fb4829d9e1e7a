"""Kuery text to its tree. Source: Kibana's grammar (`kbn-es-query`, `grammar.peggy`)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from converter.elastic.kuery.tree import Both, Inside, Is, Negated, Range, Tree, Value
from converter.elastic.syntax import check_size, syntax_error, token_position
from converter.ir import Wild
from converter.kept import Parser, parser
from converter.kept.nodes import Token, Unexpected

_SPACE = " \t\r\n\xa0"
_NESTING = re.compile(r'\\.|"(?:\\[\\"]|[^"\\]|\\(?![\\"]))*"|[(){}]', re.DOTALL)
_ESCAPE = re.compile(r"\\([trn])|\\u([0-9a-fA-F]{4})|\\((?i:or|and|not))|\\(.)|(\*)", re.DOTALL)
_QUOTED_ESCAPE = re.compile(r'\\([trn])|\\u([0-9a-fA-F]{4})|\\([\\"])')
_WHITESPACE = {"t": "\t", "r": "\r", "n": "\n"}
_CONSTANTS = ("true", "false", "null")

_NAMES = {
    "COLON": "':'",
    "LPAR": "'('",
    "RPAR": "')'",
    "LBRACE": "'{'",
    "RBRACE": "'}'",
    "RANGE": "a comparison",
    "_OR": "'or'",
    "_AND": "'and'",
    "NOT": "'not'",
    "QUOTED": "a quoted value",
    "UNQUOTED": "a value",
    "$END": "the end",
}


def read_kuery(text: str) -> Tree | None:
    """The tree of a Kuery text; None for an empty one.

    Raises :class:`QuerySyntaxError` with the place of what is not of the language.
    """
    if not text.strip(_SPACE):
        return None
    check_size(text, _NESTING)
    try:
        return cast("Tree | None", _parser().parse(text))
    except Unexpected as error:
        raise syntax_error(error, text, _NAMES) from None


@cache
def _parser() -> Parser:
    grammar = Path(__file__).with_name("kuery.lark")
    return parser(grammar, transformer=_Builder(), lexer="contextual", maybe_placeholders=False)


class _Builder:
    """Grammar rules to tree nodes, called as the parser reduces."""

    def start(self, items: list[Tree]) -> Tree:
        return items[0]

    def or_query(self, items: list[Tree]) -> Tree:
        return Both("or", tuple(items), items[0].pos)

    def and_query(self, items: list[Tree]) -> Tree:
        return Both("and", tuple(items), items[0].pos)

    def not_query(self, items: list[Any]) -> Tree:
        return Negated(items[1], token_position(items[0]))

    or_values, and_values, not_values = or_query, and_query, not_query

    def nested(self, items: list[Any]) -> Tree:
        return Inside(items[0], items[1], items[0].pos)

    def range(self, items: list[Any]) -> Tree:
        op = cast("Literal['<', '<=', '>', '>=']", str(items[1]))
        return Range(items[0], op, items[2], items[0].pos)

    def is_query(self, items: list[Any]) -> Tree:
        return Is(items[0], items[1], items[0].pos)

    def bare(self, items: list[Any]) -> Tree:
        return Is(None, items[0], items[0].pos)

    def field(self, items: list[Any]) -> Value:
        return cast(Value, items[0])

    def quoted(self, items: list[Token]) -> Value:
        text = _QUOTED_ESCAPE.sub(_quoted_escape, items[0][1:-1])
        return Value((text,), True, token_position(items[0]))

    def unquoted(self, items: list[Token]) -> Value:
        pieces = _pieces(items[0])
        position = token_position(items[0])
        if len(pieces) == 1 and pieces[0] in _CONSTANTS:
            constant = cast("Literal['true', 'false', 'null']", pieces[0])
            return Value(pieces, False, position, constant)
        return Value(pieces, False, position)


def _quoted_escape(match: re.Match[str]) -> str:
    white, code, character = match.groups()
    return _WHITESPACE[white] if white else chr(int(code, 16)) if code else character


def _pieces(text: str) -> tuple[str | Wild, ...]:
    """The unescaped literal, its unescaped stars as wildcards, trimmed at both ends."""
    pieces: list[str | Wild] = []
    literal, start = "", 0
    for match in _ESCAPE.finditer(text):
        white, code, keyword, character, star = match.groups()
        literal += text[start : match.start()]
        start = match.end()
        if star:
            pieces += [literal, Wild.ANY]
            literal = ""
        else:
            escaped = _WHITESPACE[white] if white else chr(int(code, 16)) if code else None
            literal += escaped or keyword or character
    pieces.append(literal + text[start:])
    # Kibana trims after it has read the escapes, so an escaped space at an end is lost too.
    if isinstance(pieces[0], str):
        pieces[0] = pieces[0].lstrip()
    if isinstance(pieces[-1], str):
        pieces[-1] = pieces[-1].rstrip()
    return tuple(piece for piece in pieces if piece != "")
