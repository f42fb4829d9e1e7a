"""Bound tabular expressions, and what a run of a query holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from itertools import islice
from typing import Any

from converter.evaluate.kusto.expression import Column, Expression, Row, Scope
from converter.evaluate.kusto.types import Type
from converter.evaluate.result import Choice, Event
from converter.frozen import dataclass
from converter.source import NotSupportedError, Position

Rows = list[Row]
Schema = Mapping[str, Type]
Filtered = Callable[[Callable[[Row], Any]], Rows]
"""Computes the rows for which a predicate holds."""

MAX_ROWS = 2_000_000
"""Rows that one operator may make of others; a query that needs more is refused, not run for hours."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table that can be computed.

    `provenance` are the slots that hold numbers of events (an int, a tuple of ints, or None); without any,
    the rows are not events. `serialized`: the order of rows is defined, window functions may look at it.
    `filtered` is there where it is cheaper to drop rows while they are made than afterwards. `chosen`: of the
    events of a table, each a row, those that all of these take; None for other rows.
    """

    columns: tuple[Column, ...]
    width: int
    rows: Callable[[], Rows]
    provenance: tuple[int, ...] = ()
    serialized: bool = False
    open: bool = False
    name: str = ""
    filtered: Filtered | None = None
    chosen: tuple[Choice, ...] | None = None

    @property
    def scope(self) -> Scope:
        return Scope(self.columns, self.width, self.open)

    def with_rows(self, rows: Callable[[], Rows], **changes: Any) -> Relation:
        return replace(self, **{"rows": rows, "filtered": None, "chosen": None, **changes})

    def named(self, name: str) -> Relation:
        return replace(self, name=name)

    def where(self, test: Callable[[Row], Any]) -> Relation:
        """The rows for which a predicate holds."""
        rows, filtered = self.rows, self.filtered
        if filtered is None:
            return self.with_rows(lambda: [row for row in rows() if test(row)])
        return self.with_rows(
            lambda: filtered(test),
            filtered=lambda other: filtered(lambda row: test(row) and other(row)),
        )


@dataclass(slots=True)
class Runtime:
    """One run: the events by table, the clock, and tables that were computed already.

    `explored`: what tables there are, or their columns, was read from events; others need a new plan.
    """

    events: Sequence[Event] = ()
    now: float = 0.0
    cache: dict[object, Any] = field(default_factory=dict)
    explored: bool = False
    choices: list[Choice] = field(default_factory=list)
    """For each place where a table stands, which of the events are looked at there."""

    def reset(self, events: Sequence[Event], now: float) -> None:
        self.events, self.now = events, now
        self.cache = {}

    def once(self, key: object, compute: Callable[[], Any]) -> Any:
        """The value of `compute()`, computed once in a run."""
        if key not in self.cache:
            self.cache[key] = compute()
        return self.cache[key]

    def renewed(self, compute: Callable[[], Rows]) -> Rows:
        """What `compute()` gives, with everything new in it computed again the next time."""
        outer = self.cache
        self.cache = dict(outer)
        try:
            return compute()
        finally:
            self.cache = outer

    def has_events(self, table: str) -> bool:
        """Whether any event is in the table; those without a table are in all."""
        self.explored = True
        return any(event.get("$table", table) == table for event in self.events)

    def tables(self) -> set[str]:
        """The tables that events say they are in."""
        self.explored = True
        return {event["$table"] for event in self.events if isinstance(event.get("$table"), str)}

    def table(self, name: str) -> Rows:
        """The events of a table, each as a row of the event and its number."""
        return [
            (event, number) for number, event in enumerate(self.events) if event.get("$table", name) == name
        ]


def bounded(rows: Iterable[Row], what: str, position: Position | None) -> Rows:
    """The rows as a list. Raises NotSupportedError where there are more than `MAX_ROWS`."""
    found = list(islice(rows, MAX_ROWS + 1))
    if len(found) > MAX_ROWS:
        raise too_many(what, position)
    return found


def too_many(what: str, position: Position | None) -> NotSupportedError:
    return NotSupportedError(f"{what} of over {MAX_ROWS} rows", position, code="kql-rows")


def fresh_name(wanted: str, taken: set[str]) -> str:
    """A column name that is not taken: `x`, `x1`, `x2`, ...; it is added to `taken`."""
    name, number = wanted, 0
    while name in taken:
        number += 1
        name = f"{wanted}{number}"
    taken.add(name)
    return name


def computed(
    relation: Relation, expressions: Sequence[tuple[str, Expression]], keep: Sequence[Column]
) -> tuple[tuple[Column, ...], int, Callable[[Rows], Rows]]:
    """Columns that keep some and add computed ones in new slots: the columns, the width, the widening."""
    added = tuple(
        Column(name, expression.type, relation.width + number)
        for number, (name, expression) in enumerate(expressions)
    )
    functions = [expression.evaluate for _, expression in expressions]

    def widen(rows: Rows) -> Rows:
        if not functions:
            return rows
        if len(functions) == 1:
            only = functions[0]
            return [(*row, only(row)) for row in rows]
        return [(*row, *[function(row) for function in functions]) for row in rows]

    return (*keep, *added), relation.width + len(added), widen
