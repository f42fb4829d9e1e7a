"""The columns that a stage of a pipeline sees: the events' fields at first, and what stages make of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache

from converter.evaluate.elastic.esql_expressions import Expression, Row
from converter.evaluate.elastic.esql_types import V, collected, each
from converter.evaluate.elastic.fields import nested
from converter.source import Position, QuerySyntaxError


class VisibleColumns:
    """While rows are events, any field is a column unless a `keep` or `drop` hides it; then, what was made.

    `computed` holds the columns that stages made, in order.
    """

    def __init__(self, has_events: bool) -> None:
        self.has_events = has_events
        self.computed: dict[str, None] = {}
        self._filters: list[Callable[[str], bool]] = []

    def names(self) -> tuple[str, ...]:
        """The computed columns in order."""
        return tuple(self.computed)

    def shows(self, name: str) -> bool:
        """Whether a field of the event can be read under the name."""
        return self.has_events and all(shown(name) for shown in self._filters)

    def add(self, name: str, keep_place: bool = False) -> None:
        """A new column, at the end, also where one of the name was before it."""
        if not keep_place:
            self.computed.pop(name, None)
        self.computed[name] = None

    def keep(self, patterns: tuple[str, ...], pos: Position | None) -> None:
        """Only the columns that match, in the order of the patterns.

        A column stands where its own name does, else at the last pattern that it matches; `*` comes last.
        """
        self._check(patterns, pos)
        chosen = {name: _chosen(name, patterns) for name in self.computed}
        self.computed = {
            name: None for pattern in dict.fromkeys(patterns) for name in chosen if chosen[name] == pattern
        }
        self._filters.append(lambda name: any(_matches(pattern, name) for pattern in patterns))

    def drop(self, patterns: tuple[str, ...], pos: Position | None) -> None:
        """Without the columns that match."""
        self._check(patterns, pos)
        self.computed = {
            name: None for name in self.computed if not any(_matches(pattern, name) for pattern in patterns)
        }
        self._filters.append(lambda name: not any(_matches(pattern, name) for pattern in patterns))

    def _check(self, patterns: tuple[str, ...], pos: Position | None) -> None:
        for pattern in patterns:
            if "*" not in pattern and pattern not in self.computed and not self.shows(pattern):
                raise QuerySyntaxError(f"unknown column {pattern}", pos)

    def rename(self, old: str, new: str) -> None:
        """The column under its new name, in its old place; one that had that name is gone."""
        if old in self.computed:
            kept = [name for name in self.computed if name != new]
            self.computed = {new if name == old else name: None for name in kept}
        else:
            self.add(new)
        self._filters.append(lambda name: name != old)


def _chosen(name: str, patterns: tuple[str, ...]) -> str | None:
    if name in patterns:
        return name
    matching = [pattern for pattern in patterns if _matches(pattern, name)]
    narrow = [pattern for pattern in matching if pattern != "*"]
    return (narrow or matching)[-1] if matching else None


@lru_cache(maxsize=4096)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)


def _matches(pattern: str, name: str) -> bool:
    return pattern == name or ("*" in pattern and _pattern(pattern).fullmatch(name) is not None)


def _identifier(row: Row) -> V:
    found = row.event.get("_id")
    return str(row.number) if found is None else str(found)


METADATA: dict[str, Expression] = {
    "_id": _identifier,
    "_index": lambda row: row.event.get("_index"),
    "_source": lambda row: json.dumps(nested(row.event), separators=(",", ":"), ensure_ascii=False),
    "_version": lambda row: row.event.get("_version", 1),
    "_ignored": lambda row: collected(sorted(map(str, each(row.event.get("_ignored"))))),
}
"""Columns that `from ... metadata` adds; an event without an `_id` has its number."""
