"""A query that keeps what it said: the timelines that make cases are judged again when those are checked."""

from __future__ import annotations

from collections.abc import Sequence

from converter.evaluate.result import CompiledQuery, Event, Matches, Table


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
