"""What flows through the pipes: rows, and what a run knows of its events and its time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from typing import Any, TypeAlias

from converter.evaluate.result import Event
from converter.evaluate.spl.times import event_time
from converter.evaluate.spl.values import flat, is_flat
from converter.frozen import dataclass
from converter.source import NotSupportedError, Position

Fields: TypeAlias = dict[str, Any]
Predicate: TypeAlias = Callable[[Mapping[str, Any]], bool]
Rows: TypeAlias = "list[Row]"
Lookups: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]


class Row:
    """Fields, and the numbers of the events they stem from; None where they are computed."""

    __slots__ = ("events", "fields")

    def __init__(self, fields: Fields, events: tuple[int, ...] | None = None) -> None:
        self.fields = fields
        self.events = events

    def with_fields(self, fields: Fields) -> Row:
        """The same events, other fields."""
        return Row(fields, self.events)


@dataclass
class Results:
    """Rows in order. `columns` are the known names in output order, used once rows are computed."""

    rows: Rows
    columns: tuple[str, ...] = ()

    def with_rows(self, rows: Rows) -> Results:
        """Other rows, the same columns."""
        return Results(rows, self.columns)

    def with_columns(self, names: Sequence[str]) -> Results:
        """These columns behind those there are."""
        return Results(self.rows, _each_once(self.columns, tuple(names))) if names else self


@lru_cache(maxsize=1024)
def _each_once(columns: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*columns, *more)))


Stage: TypeAlias = "Callable[[Results, Run], Results]"


@dataclass
class Run:
    """One evaluation: its events, newest first, and the time that `now()` gives."""

    events: Sequence[Event]
    given_now: float | None
    lookups: Lookups
    base: Rows = field(init=False)
    latest: float | None = field(init=False)

    def __post_init__(self) -> None:
        self.base = [Row(of_event(event), (number,)) for number, event in enumerate(self.events)]
        self.latest = _put_newest_first(self.base)

    def now(self, position: Position | None = None) -> float:
        """The given time, else that of the latest event. Raises NotSupportedError where neither is known."""
        if self.given_now is not None:
            return self.given_now
        if self.latest is None:
            raise NotSupportedError("the current time: no event has _time", position, code="spl-now")
        return self.latest


def of_event(event: Event) -> Fields:
    """The event's fields."""
    return event if isinstance(event, dict) and is_flat(event) else flat(event)


def _put_newest_first(rows: Rows) -> float | None:
    """Splunk's order of events: the latest first, of equal times the one that came later.

    Events without any `_time` keep their order. Gives the latest time.
    """
    times: dict[int, float] = {}
    for number, row in enumerate(rows):
        if "_time" in row.fields:
            written = row.fields["_time"]
            moment = event_time(written)
            if written != moment:
                row.fields = {**row.fields, "_time": moment}
            times[number] = moment
    if len(rows) < 2 or not times:
        return times.get(0)
    lowest = min(times.values())
    order = sorted(range(len(rows)), key=lambda number: (times.get(number, lowest), number), reverse=True)
    rows[:] = [rows[number] for number in order]
    return max(times.values())
