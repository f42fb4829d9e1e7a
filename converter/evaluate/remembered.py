"""What is kept about events that do not change, by their identity: the same ones come again and again.

The timelines that make cases are judged again when those are checked; an event is in many timelines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from converter.evaluate.result import CompiledQuery, Event, Matches, Table

_Found = TypeVar("_Found")
MOST_KEPT = 20_000
"""Events, before all that is known of them is forgotten."""


class PerEvent(Generic[_Found]):
    """What is found about each event, of so many events at a time."""

    def __init__(self, find: Callable[[Event], _Found]) -> None:
        self._find = find
        self._kept: dict[int, tuple[Event, _Found]] = {}

    def of(self, event: Event) -> _Found:
        """As the function says of the event."""
        kept = self._kept.get(id(event))
        if kept is None:  # the event is kept as well, so that no other gets its identity
            if len(self._kept) > MOST_KEPT:
                self._kept.clear()
            kept = self._kept[id(event)] = event, self._find(event)
        return kept[1]


class Remembered:
    """A query whose answers are kept, by the identity of the event list: tuples, since these don't change."""

    def __init__(self, query: CompiledQuery) -> None:
        self.query = query
        self._said: dict[int, tuple[Sequence[Event], Matches | Table]] = {}

    def run(self, events: Sequence[Event]) -> Matches | Table:
        """As the query."""
        if not isinstance(events, tuple):
            return self.query.run(events)
        kept = self._said.get(id(events))
        if kept is None:  # the events are kept as well, so that no others get their identity
            kept = self._said[id(events)] = events, self.query.run(events)
        return kept[1]
