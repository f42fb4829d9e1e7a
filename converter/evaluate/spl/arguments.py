"""A cursor over a command's words: options, names, groups in parentheses, subsearches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from converter.evaluate.spl.split import Command
from converter.evaluate.spl.terms import unescape
from converter.evaluate.spl.times import seconds, span
from converter.kept import Parser, parser
from converter.kept.nodes import Token, Unexpected
from converter.source import NotSupportedError, Position, QuerySyntaxError, SourceError

_Read = TypeVar("_Read")
_BOOLEANS = {"t": True, "true": True, "1": True, "f": False, "false": False, "0": False}


@cache
def _lexer() -> Parser:
    return parser(Path(__file__).with_name("arguments.lark"), lexer="basic")


class Cursor:
    """Reads a command's arguments from left to right."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self._place = 0
        try:
            self._tokens = _lexer().lex(command.arguments)
        except Unexpected as error:
            place = error.place.start_pos
            found = command.arguments[place : place + 1]
            raise QuerySyntaxError(f"unexpected {found!r}", command.at(place)) from None

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self._place >= len(self._tokens)

    @property
    def position(self) -> Position:
        """Where the next word stands, or the command's name at the end."""
        return self.command.position if self.done else self.at(self._tokens[self._place])

    def at(self, token: Token) -> Position:
        """Where the token stands."""
        return self.command.at(token.start_pos or 0)

    def peek(self, ahead: int = 0) -> Token | None:
        """The next token, or one further on."""
        place = self._place + ahead
        return self._tokens[place] if place < len(self._tokens) else None

    def next(self) -> Token:
        """The next token. Raises QuerySyntaxError at the end."""
        if self.done:
            raise QuerySyntaxError(f"{self.command.name}: an argument is missing", self.command.position)
        self._place += 1
        return self._tokens[self._place - 1]

    def unexpected(self) -> QuerySyntaxError:
        """The error for the next token."""
        token = self.peek()
        if token is None:
            return QuerySyntaxError(f"{self.command.name}: an argument is missing", self.command.position)
        return QuerySyntaxError(f"{self.command.name}: unexpected {str(token)[:40]!r}", self.at(token))

    def finish(self) -> None:
        """Raises QuerySyntaxError if something is left."""
        if not self.done:
            raise self.unexpected()

    def takes(self, kind: str) -> Token | None:
        """The next token if it is of the kind."""
        token = self.peek()
        return self.next() if token is not None and token.type == kind else None

    def sees_word(self, *words: str) -> bool:
        """Whether the next token is one of the (lower-case) words, in any case, and no option's name."""
        token, after = self.peek(), self.peek(1)
        assigned = after is not None and after.type == "OPERATOR"
        return token is not None and token.type == "WORD" and token.lower() in words and not assigned

    def takes_word(self, *words: str) -> bool:
        """The same, and passes it."""
        found = self.sees_word(*words)
        if found:
            self.next()
        return found

    def sees_option(self) -> bool:
        """Whether `name=` is next."""
        name, sign = self.peek(), self.peek(1)
        return name is not None and name.type == "WORD" and sign is not None and sign == "="

    def name(self) -> str:
        """A field's name, quoted or not. Raises QuerySyntaxError."""
        token = self.peek()
        if token is None or token.type not in ("WORD", "STRING", "QUOTED"):
            raise self.unexpected()
        return plain(self.next())

    def names(self, *stops: str) -> list[str]:
        """Names with blanks or commas between them, up to one of the words."""
        found: list[str] = []
        while not self.done and not self.sees_word(*stops) and not self.sees_option():
            found.append(self.name())
            self.takes("COMMA")
        return found

    def group(self) -> tuple[str, int]:
        """What stands in the parentheses that come next, and where in the arguments it begins."""
        opened = self.takes("OPEN")
        if opened is None:
            raise self.unexpected()
        depth = 1
        while depth:
            if self.done:
                raise QuerySyntaxError("a parenthesis that is not closed", self.at(opened))
            depth += {"OPEN": 1, "CLOSE": -1}.get(self.next().type, 0)
        start, end = (opened.start_pos or 0) + 1, self._tokens[self._place - 1].start_pos or 0
        return self.command.arguments[start:end], start

    def subsearch(self) -> int:
        """The number of the subsearch that comes next. Raises QuerySyntaxError."""
        token = self.takes("SUBSEARCH")
        if token is None:
            raise self.unexpected()
        return int(str(token)[1:-1])

    def rest_until(self, *stops: str) -> tuple[str, int]:
        """The text up to one of the words outside of parentheses (or the end), and where it begins."""
        start = self._tokens[self._place].start_pos or 0 if not self.done else len(self.command.arguments)
        depth = 0
        while not self.done:
            if depth == 0 and self.sees_word(*stops):
                break
            depth += {"OPEN": 1, "CLOSE": -1}.get(self.next().type, 0)
        token = self.peek()
        end = len(self.command.arguments) if token is None else token.start_pos or 0
        return self.command.arguments[start:end], start

    def options(self, readers: Mapping[str, Callable[[Cursor], Any]]) -> Iterator[tuple[str, Any]]:
        """The options that come next, each once. Raises NotSupportedError for one that is not known."""
        seen: set[str] = set()
        while self.sees_option():
            token = self.next()
            self.next()
            name = token.lower()
            if name not in readers:
                what = f"{self.command.name} option {token}"
                raise NotSupportedError(what, self.at(token), code="spl-option")
            if name in seen:
                raise QuerySyntaxError(f"{self.command.name}: {token} stands twice", self.at(token))
            seen.add(name)
            yield name, readers[name](self)
            self.takes("COMMA")


def plain(token: Token) -> str:
    """A token's letters without its quotes."""
    if token.type == "STRING":
        return unescape(str(token)[1:-1])
    return str(token)[1:-1] if token.type == "QUOTED" else str(token)


def boolean(cursor: Cursor) -> bool:
    """An option's value: true or false."""
    position = cursor.position
    value = cursor.name()
    if value.lower() not in _BOOLEANS:
        raise QuerySyntaxError(f"not true or false: {value}", position)
    return _BOOLEANS[value.lower()]


def integer(cursor: Cursor) -> int:
    """An option's value: a number that is not negative."""
    position = cursor.position
    value = cursor.name()
    if not value.isdecimal():
        raise QuerySyntaxError(f"not a number: {value}", position)
    return int(value)


def whole(cursor: Cursor) -> int:
    """An option's value: a number that may be negative."""
    position = cursor.position
    value = cursor.name()
    if not value.removeprefix("-").isdecimal():
        raise QuerySyntaxError(f"not a number: {value}", position)
    return int(value)


def duration(cursor: Cursor) -> float:
    """An option's value: a span of time in seconds; -1 for none."""
    return _placed(seconds, cursor)


def span_length(cursor: Cursor) -> tuple[float, str]:
    """An option's value: a span of time as (length, unit)."""
    return _placed(span, cursor)


def _placed(read: Callable[[str], _Read], cursor: Cursor) -> _Read:
    position = cursor.position
    try:
        return read(cursor.name())
    except SourceError as error:
        error.position = position
        raise


def words(cursor: Cursor) -> str:
    """An option's value: a word or quoted text."""
    return cursor.name()


def only(wanted: Any, read: Callable[[Cursor], Any]) -> Callable[[Cursor], Any]:
    """An option of which only one value (its default) is supported."""

    def reader(cursor: Cursor) -> Any:
        position = cursor.position
        value = read(cursor)
        if value != wanted:
            what = f"{cursor.command.name} with this option: {value}"
            raise NotSupportedError(what, position, code="spl-option")
        return value

    return reader
