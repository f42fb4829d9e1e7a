"""What is kept about events that do not change, by their identity or by what is read of them: the same ones
come again and again.

The timelines that make cases are judged again when those are checked; an event is in many timelines.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from converter.evaluate.result import Alike, CompiledQuery, Event, Kind, Matches, Table

_Found = TypeVar("_Found")
_Given = TypeVar("_Given")
MOST_KEPT = 20_000
"""Events, before all that is known of them is forgotten."""
_ABSENT = object()
_NOT_FOUND = object()
_OF_EACH = object()
MOST_ANSWERS = 4096
"""Answers of one expression, before all of them are forgotten."""
_LEAST = 6
"""Parts of an expression for each value that it reads, from which on it takes longer than to look it up."""
_MOST_VALUES = 3
"""Values that an expression reads, above which few events have the same."""


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

    def of_each(self, events: Iterable[Event]) -> list[_Found]:
        """The same for all events of a timeline, of which most are known: without a call for each."""
        of, kept = self.of, self._kept
        return [one[1] if (one := kept.get(id(event))) is not None else of(event) for event in events]


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


def pays(parts: int, values: int) -> bool:
    """Whether an expression of so many parts, which reads so many values, is worth remembering."""
    return 0 < values <= _MOST_VALUES and values * _LEAST <= parts


def reading_of(names: Collection[str]) -> Callable[[Mapping[str, Any]], Hashable]:
    """What reads the values of these names: equal where an expression over them says the same. That one is
    missing differs from that it is null."""
    if len(names) == 1:
        (name,) = names

        def read_one(fields: Mapping[str, Any]) -> Hashable:
            value = fields.get(name, _ABSENT)
            if value.__class__ is str or value is _ABSENT:
                return value
            return value.__class__, repr(value)

        return read_one
    in_turn = sorted(names)

    def read(fields: Mapping[str, Any]) -> Hashable:
        values = [fields.get(name, _ABSENT) for name in in_turn]
        return tuple(
            [
                value if value.__class__ is str or value is _ABSENT else (value.__class__, repr(value))
                for value in values
            ]
        )

    return read


def remembering(
    read: Callable[[_Given], Hashable], find: Callable[[_Given], _Found]
) -> Callable[[_Given], _Found]:
    """The function, asked once for all that read the same. What it raises is raised each time."""
    kept: dict[Hashable, Any] = {}

    def found_of(given: _Given) -> _Found:
        key = read(given)
        found: _Found = kept.get(key, _NOT_FOUND)
        if found is _NOT_FOUND:
            if len(kept) >= MOST_ANSWERS:
                kept.clear()
            found = kept[key] = find(given)
        return found

    return found_of


def of_kinds(find: Callable[[Event], _Found], reads: Collection[str]) -> Callable[[Event], _Found]:
    """The function, which reads the fields of these names alone, asked once for all events of a kind; of each
    where one of these is an event's own. What it raises is raised each time."""
    kept: dict[Kind, Any] = {}

    def found_of(event: Event) -> _Found:
        if event.__class__ is not Alike:
            return find(event)
        kind: Kind = event.kind
        found: _Found = kept.get(kind, _NOT_FOUND)
        if found is _OF_EACH:
            return find(event)
        if found is _NOT_FOUND:
            if len(kept) > MOST_KEPT:
                kept.clear()
            if not kind.own.isdisjoint(reads):
                kept[kind] = _OF_EACH
                return find(event)
            found = kept[kind] = find(event)
        return found

    return found_of


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
