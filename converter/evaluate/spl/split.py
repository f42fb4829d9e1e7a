"""A search cut into commands at its pipes, and subsearches cut out of their arguments.

Quoted strings hide pipes and brackets. A subsearch's text is blanked in its command's arguments to
`[number]` of the same length, so that every character keeps its offset.
"""

from __future__ import annotations

import re
from dataclasses import field

from converter.evaluate.spl.text import Text
from converter.frozen import dataclass
from converter.source import NotSupportedError, Position, QuerySyntaxError

_NAME = re.compile(r"\s*([A-Za-z_]\w*)")
_PLAIN = re.compile(r"[^|\[\]\"']+")
_QUOTED = {'"': re.compile(r'"[^"\\]*(?:\\[\s\S][^"\\]*)*"'), "'": re.compile(r"'[^']*'")}
_DEPTH = 50
"""Subsearches that are nested deeper are refused."""
SINGLE_QUOTES_QUOTE = frozenset(
    {"eval", "where", "stats", "eventstats", "streamstats", "head", "transaction"}
)
"""Commands with expressions, where '...' is a field name; elsewhere an apostrophe is a letter."""


@dataclass(frozen=True)
class Command:
    """One command: its name, and the argument text, which begins at offset `start` of the whole text."""

    name: str
    arguments: str
    start: int
    name_start: int
    text: Text
    subsearches: tuple[tuple[Command, ...], ...] = ()
    implicit: bool = False

    @property
    def position(self) -> Position:
        """Where the command's name stands."""
        return self.text.position(self.name_start)

    def at(self, offset: int) -> Position:
        """Where the character at `offset` of the arguments stands."""
        return self.text.position(self.start + offset)


def split(text: Text) -> tuple[Command, ...]:
    """The commands of a search. Raises QuerySyntaxError for unclosed quotes and brackets."""
    scanner = _Scanner(text)
    return scanner.pipeline(inner=False)


@dataclass
class _Segment:
    start: int
    pieces: list[str] = field(default_factory=list)
    subsearches: list[tuple[Command, ...]] = field(default_factory=list)


class _Scanner:
    def __init__(self, text: Text) -> None:
        self.text = text
        self.content = text.content
        self.offset = 0
        self.depth = 0

    def pipeline(self, inner: bool) -> tuple[Command, ...]:
        """Commands up to the end of the text or the closing bracket."""
        segments: list[_Segment] = []
        opened = self.offset - 1
        while True:
            segments.append(self._segment())
            if self.offset >= len(self.content):
                if inner:
                    raise QuerySyntaxError("a subsearch that is not closed: [", self.text.position(opened))
                break
            stop = self.content[self.offset]
            self.offset += 1
            if stop == "]":
                if inner:
                    break
                raise QuerySyntaxError("unexpected ]", self.text.position(self.offset - 1))
        return self._commands(segments, inner)

    def _segment(self) -> _Segment:
        segment = _Segment(self.offset)
        name = _NAME.match(self.content, self.offset)
        quotes = '"' + ("'" if name and name.group(1) in SINGLE_QUOTES_QUOTE else "")
        while self.offset < len(self.content):
            if plain := _PLAIN.match(self.content, self.offset):
                segment.pieces.append(plain[0])
                self.offset = plain.end()
                continue
            char = self.content[self.offset]
            if char in "|]":
                break
            if char in quotes:
                segment.pieces.append(self._quoted(char))
            elif char == "[":
                segment.pieces.append(self._subsearch(segment))
            else:
                segment.pieces.append(char)
                self.offset += 1
        return segment

    def _quoted(self, quote: str) -> str:
        found = _QUOTED[quote].match(self.content, self.offset)
        if found is None:
            raise QuerySyntaxError(f"a text that is not closed: {quote}", self.text.position(self.offset))
        self.offset = found.end()
        return found[0]

    def _subsearch(self, segment: _Segment) -> str:
        start = self.offset
        if self.depth == _DEPTH:
            place = self.text.position(start)
            raise NotSupportedError("subsearches nested this deep", place, code="spl-depth")
        self.offset += 1
        self.depth += 1
        commands = self.pipeline(inner=True)
        self.depth -= 1
        number = str(len(segment.subsearches))
        segment.subsearches.append(commands)
        width = self.offset - start - 2
        if width < len(number):
            raise QuerySyntaxError("an empty subsearch", self.text.position(start))
        return "[" + number.ljust(width) + "]"

    def _commands(self, segments: list[_Segment], inner: bool) -> tuple[Command, ...]:
        commands: list[Command] = []
        for number, segment in enumerate(segments):
            arguments = "".join(segment.pieces)
            if not arguments.strip():
                if number == 0 and len(segments) > 1:
                    continue
                raise QuerySyntaxError("a command is missing", self.text.position(max(segment.start - 1, 0)))
            commands.append(self._command(segment, arguments, first=number == 0 and not inner))
        return tuple(commands)

    def _command(self, segment: _Segment, arguments: str, first: bool) -> Command:
        """The first part of a search is an implied `search`."""
        found = _NAME.match(arguments)
        start = segment.start + len(arguments) - len(arguments.lstrip())
        subsearches = tuple(segment.subsearches)
        if first and (found is None or found.group(1) != "search" or arguments[found.end() :][:1] == "="):
            return Command("search", arguments, segment.start, start, self.text, subsearches, implicit=True)
        if found is None:
            raise QuerySyntaxError("a command's name is missing", self.text.position(start))
        return Command(
            found.group(1).lower(),
            arguments[found.end() :],
            segment.start + found.end(),
            start,
            self.text,
            subsearches,
        )
