"""What a profile's log has of a timeline: the rows of its events, at their times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from converter.events.row import Untimed


class Kind(NamedTuple):
    """The rows of events that differ in their times alone, without these; `is_ordered`: whether an event's
    place among the others is told in one of them."""

    rows: Sequence[Untimed]
    is_ordered: bool


def kind_of(rows: Sequence[Untimed]) -> Kind:
    """The kind of events that have these rows."""
    return Kind(rows, any(row.is_ordered for row in rows))


class Logged(NamedTuple):
    """A timeline in a log: the rows of those of its events that are there, each with its time and place.

    `key`: of each event the number of its kind, its moment, and its place where that is told. It is equal for
    two timelines that have the same rows, as many have that differ in events that the log does not hold;
    None where that is not known.
    """

    found: Sequence[tuple[Sequence[Untimed], Any, int]]
    key: tuple[tuple[int, Any, int], ...] | None

    def rows(self) -> list[dict[str, Any]]:
        """The rows as the log has them."""
        return [row.at(moment, place) for rows, moment, place in self.found for row in rows]
