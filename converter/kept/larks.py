"""Lark itself: it makes the tables of a grammar that has none yet, and says what is wrong with a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from lark import Lark, UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark import Token as LarksToken
from lark.grammar import Rule
from lark.lexer import TerminalDef

from converter.kept.flat import Flat, flat
from converter.kept.nodes import Place, Token, Unexpected
from converter.kept.store import derived


class Grammar:
    """A grammar's text with Lark's options; `sources`: all that Lark's tables are derived from. `callbacks`:
    what is called for each token of a kind, before it is read."""

    def __init__(
        self, text: str, options: Mapping[str, Any], sources: tuple[str, ...], callbacks: Mapping[str, Any]
    ) -> None:
        data, memo = derived(sources, partial(_tables, text, options))
        hooks = {kind: partial(_called, callback) for kind, callback in callbacks.items()}
        # As parsers do that `lark.tools.standalone` writes; Lark's own files are pickles, which may run code.
        load: Callable[..., Lark] = Lark._load_from_dict
        self._whole = load(data, memo, lexer_callbacks=hooks)

    def flat(self) -> Flat:
        """The tables of our loop."""
        return flat(self._whole)

    def unexpected(self, text: str, start: str | None, lexed: bool) -> Unexpected:
        """What is wrong with a text that our loop has not read; `lexed`: it was asked for tokens alone."""
        try:
            if lexed:
                list(self._whole.lex(text))
            else:
                self._whole.parse(text, start=start)
        except UnexpectedInput as error:
            return _told(error)
        raise AssertionError("Lark reads what our loop does not")


def _tables(text: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[int, Any]]:
    data, memo = Lark(text, parser="lalr", **options).memo_serialize([TerminalDef, Rule])
    return data, memo


def _called(callback: Callable[[Token], Token], token: LarksToken) -> LarksToken:
    """Lark reads on with its own token: of the callback only that it may raise is of use."""
    callback(_ours(token))
    return token


def _told(error: UnexpectedInput) -> Unexpected:
    offset = error.pos_in_stream or 0
    place = Place(error.line, error.column, offset, offset)
    if isinstance(error, UnexpectedToken):
        return Unexpected(_ours(error.token), frozenset(error.accepts or error.expected), place)
    assert isinstance(error, UnexpectedCharacters)
    return Unexpected(None, frozenset(error.allowed or ()), place)


def _ours(token: LarksToken) -> Token:
    begin = token.start_pos or 0, token.line or 1, token.column or 1
    end = token.end_line or 1, token.end_column or 1, token.end_pos or 0
    return Token(token.type, str(token), *begin, *end)
