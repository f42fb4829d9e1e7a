"""What is kept about events that do not change, by their identity: the same ones come again and again.

The timelines that make cases are judged again when those are checked; an event is in many timelines.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from converter.evaluate.result import CompiledQuery, Event, Matches, Table

_Found = TypeVar("_Found")
MOST_KEPT = 20_000
"""Events, before all that is known of them is forgotten."""


class PerEvent(Generic[_Found]):
    """What is found about each event, of so many events at a time."""

    def __init__(self, find: Callable[[Event], _Found], most: int = MOST_KEPT) -> None:
        self._find = find
        self._most = most
        self._kept: dict[int, tuple[Event, _Found]] = {}

    def of(self, event: Event) -> _Found:
        """As the function says of the event."""
        kept = self._kept.get(id(event))
        if kept is None:  # the event is kept as well, so that no other gets its identity
            if len(self._kept) > self._most:
                self._kept.clear()
            kept = self._kept[id(event)] = event, self._find(event)
        return kept[1]


class PerReading(Generic[_Found]):
    """What is found about each event, once for all of which the same is read."""

    def __init__(self, find: Callable[[Event], _Found], reading: Callable[[Event], Hashable]) -> None:
        self._find = find
        self._reading = reading
        self._kept: dict[Hashable, _Found] = {}

    def of(self, event: Event) -> _Found:
        """As the function says of the event."""
        read = self._reading(event)
        if read not in self._kept:
            if len(self._kept) > MOST_KEPT:
                self._kept.clear()
            self._kept[read] = self._find(event)
        return self._kept[read]


def hashable(values: Iterable[Any]) -> Hashable:
    """The values; of those that are no texts also the class, since 1 is 1.0 and True to Python."""
    return tuple([value if value.__class__ is str else (value.__class__, repr(value)) for value in values])


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
