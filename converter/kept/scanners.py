"""What the lexer finds at a place of the text, by what the parser may read there: see `flat`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_OFTEN = 300
"""An expression of its own costs a set as much as that many looks for the terminals of its whole group."""


class Scanner:
    """Finds the terminals of one set. `words`: by the kind of what it finds, which texts are keywords."""

    def __init__(self, shared: re.Pattern[str], own: str, kinds: Iterable[str], words: Any) -> None:
        self.words: Mapping[str, Mapping[str, str]] = words
        self._shared, self._pattern, self._kinds = shared.match, own, frozenset(kinds)
        self._own: Callable[[str, int], re.Match[str] | None] | None = None
        self._left = _OFTEN

    def match(self, text: str, place: int) -> re.Match[str] | None:
        """The first of the set's terminals that matches there, by its name as the match's last group."""
        if self._own is not None:
            return self._own(text, place)
        found = self._shared(text, place)
        self._left -= 1
        if self._left and (found is None or found.lastgroup in self._kinds):
            return found
        self._own = re.compile(self._pattern).match
        return self._own(text, place)


class Scanners(dict[int, Scanner]):
    """By the parser's state; each is made when a text first comes to it."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self._tables = tables
        self._groups: dict[int, re.Pattern[str]] = {}
        self._of_sets: dict[int, Scanner] = {}

    def __missing__(self, state: int) -> Scanner:
        number = self._tables["set_of"][state]
        if number not in self._of_sets:
            self._of_sets[number] = self._of_set(*self._tables["sets"][number])
        self[state] = self._of_sets[number]
        return self[state]

    def _of_set(self, kinds: tuple[str, ...], words: Any, group: int) -> Scanner:
        if group not in self._groups:
            self._groups[group] = re.compile(self._pattern(self._tables["groups"][group]))
        return Scanner(self._groups[group], self._pattern(kinds), kinds, words)

    def _pattern(self, kinds: Iterable[str]) -> str:
        return "|".join(f"(?P<{kind}>{self._tables['patterns'][kind]})" for kind in kinds)
