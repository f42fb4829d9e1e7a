"""The package's grammars, loaded once, and their errors as places in the query."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from converter.evaluate.spl.split import Command
from converter.kept import Parser, parser
from converter.kept.nodes import Token, Tree, Unexpected
from converter.source import QuerySyntaxError


@cache
def _parser(name: str, starts: tuple[str, ...]) -> Parser:
    grammar = Path(__file__).with_name(f"{name}.lark")
    return parser(grammar, start=list(starts), maybe_placeholders=False)


@lru_cache(maxsize=64)
def _tree(name: str, starts: tuple[str, ...], start: str, text: str) -> Tree[Token]:
    """A search is read twice: for what it does, and whether that depends on the order of AND and OR."""
    return _parser(name, starts).parse(text, start=start)


def parse_search(text: str, command: Command, offset: int) -> Tree[Token]:
    """Search terms, which begin at `offset` of the command's arguments. Raises QuerySyntaxError."""
    return _parse("search", ("start",), "start", text, command, offset)


def parse_expression(text: str, command: Command, offset: int) -> Tree[Token]:
    """An expression of `eval` or `where`. Raises QuerySyntaxError."""
    return _parse("eval", ("start", "assignments"), "start", text, command, offset)


def parse_assignments(text: str, command: Command, offset: int) -> Tree[Token]:
    """The arguments of `eval`. Raises QuerySyntaxError."""
    return _parse("eval", ("start", "assignments"), "assignments", text, command, offset)


def _parse(
    name: str, starts: tuple[str, ...], start: str, text: str, command: Command, offset: int
) -> Tree[Token]:
    try:
        return _tree(name, starts, start, text)
    except Unexpected as error:
        place = len(text.rstrip()) if error.is_end else error.place.start_pos
        raise QuerySyntaxError(_message(error, text), command.at(offset + place)) from None


def _message(error: Unexpected, text: str) -> str:
    if error.is_end:
        return "unexpected end"
    if error.token is None:
        return f"unexpected {text[error.place.start_pos : error.place.start_pos + 1]!r}"
    return f"unexpected {str(error.token)[:40]!r}"
