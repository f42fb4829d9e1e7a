"""What the lexer finds at a place of the text, by what the parser may read there.

Lark joins the expressions of all the terminals that may come next into one, which takes a third of a first
text's time to compile, and is different in nearly each of the parser's states. Here each terminal is compiled
for itself when a text first needs it: it is looked for where its matches may begin with the text's next
character, in Lark's order, until one is found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

BEYOND = "\x80"
"""Stands for all characters beyond ASCII, where it is said with which a terminal begins."""

_Match: TypeAlias = Callable[[str, int], re.Match[str] | None]
Terminal: TypeAlias = tuple[str, str, _Match | None]
"""Its kind, its text or expression, and, of an expression, what matches it."""


class Terminals(dict[str, Terminal]):
    """By their kinds; each is made when a text first needs it."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self._tables = tables

    def __missing__(self, kind: str) -> Terminal:
        if kind in self._tables["texts"]:
            self[kind] = kind, self._tables["texts"][kind], None
        else:
            pattern = self._tables["patterns"][kind]
            self[kind] = kind, pattern, re.compile(pattern).match
        return self[kind]


class Scanner(dict[str, Sequence[Terminal]]):
    """By the next character: the terminals to look for.

    `keywords`: by the kind of what is found, which texts are of another kind.
    """

    def __init__(
        self,
        kinds: Sequence[str],
        keywords: Mapping[str, Mapping[str, str]],
        first: Mapping[str, str],
        terminals: Terminals,
    ) -> None:
        self.keywords = keywords
        self._kinds, self._first, self._terminals = kinds, first, terminals

    def find(self, text: str, place: int) -> tuple[str, str] | None:
        """The kind of what stands there, and its text."""
        for kind, known, match in self[text[place]]:
            if match is None:
                if text.startswith(known, place):
                    return kind, known
            elif (found := match(text, place)) is not None:
                return kind, found[0]
        return None

    def __missing__(self, character: str) -> Sequence[Terminal]:
        sought = character if character.isascii() else BEYOND
        self[character] = [self._terminals[kind] for kind in self._kinds if sought in self._first[kind]]
        return self[character]


class Scanners(dict[int, Scanner]):
    """By the parser's state; each is made when a text first comes to it."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self._tables = tables
        self._terminals = Terminals(tables)
        self._of_sets: dict[int, Scanner] = {}

    def __missing__(self, state: int) -> Scanner:
        number = self._tables["set_of"][state]
        if number not in self._of_sets:
            kinds, keywords = self._tables["sets"][number]
            self._of_sets[number] = Scanner(kinds, keywords, self._tables["first"], self._terminals)
        self[state] = self._of_sets[number]
        return self[state]
