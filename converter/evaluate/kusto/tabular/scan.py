"""`scan`: sequences of rows by a state machine.

Source: "scan operator" in the KQL reference, its matching logic and walkthrough. Each step keeps the latest
records of itself and of the steps before it. A row is tried on the steps from last to first:

1. Where the step before has a state and the condition holds in it, that state moves here, and the step
   before is empty again.
2. Else, where this step has a state (or is the first) and the condition holds, its record is replaced.

A match gets its number when the first step's empty state takes a record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.bind import Binder
from converter.evaluate.kusto.environment import Environment
from converter.evaluate.kusto.expression import Column, Evaluate, Row, Scope, convert, null
from converter.evaluate.kusto.relation import Relation, Rows
from converter.evaluate.kusto.tabular.sources import events_of
from converter.evaluate.kusto.types import Type
from converter.frozen import dataclass
from converter.source import QuerySyntaxError


@dataclass(frozen=True, slots=True)
class _Step:
    """A bound step: closures over a row followed by the records of all steps."""

    condition: Evaluate
    assign: Callable[[Row], Row]
    output: str


@dataclass(slots=True)
class _State:
    """An active sequence: its match number, the record of each step so far, and the events behind them."""

    match: int
    records: list[Row | None]
    events: list[tuple[int, ...]]
    waiting: Row | None = None


def scan(environment: Environment, relation: Relation, node: ast.Scan) -> Relation:
    if not relation.serialized:
        raise QuerySyntaxError("scan needs a serialized table (sort or serialize)", node.position)
    names = [step.name for step in node.steps]
    if len(set(names)) < len(names):
        raise QuerySyntaxError("two steps of a scan have one name", node.position)
    width = relation.width
    declared = _declared(environment, relation, node)
    defaults = tuple(value for _, value in declared)
    scope = _scope(relation, node, [column for column, _ in declared])
    steps = [_step(environment, scope, node, place, defaults, declared) for place in range(len(node.steps))]
    match_slot, events_slot = width + len(declared), width + len(declared) + 1
    columns = [*relation.columns, *(column for column, _ in declared)]
    if node.match_id:
        columns.append(Column(node.match_id, Type.LONG, match_slot))
    rows, provenance = relation.rows, relation.provenance
    empty: Row = ((None,) * width) + defaults

    def matched() -> Rows:
        return _Run(steps, empty, provenance).over(rows())

    return Relation(
        tuple(columns),
        events_slot + 1,
        matched,
        (events_slot,) if provenance else (),
        serialized=True,
        open=relation.open,
    )


def _declared(environment: Environment, relation: Relation, node: ast.Scan) -> list[tuple[Column, Any]]:
    """The declared columns, in slots behind those of the source, with their default values."""
    declared: list[tuple[Column, Any]] = []
    for place, item in enumerate(node.declarations):
        default = null(item.type)
        if item.default is not None:
            default = convert(Binder(environment).bind(item.default), item.type)
        if not default.row_free:
            raise QuerySyntaxError("a default of scan must be a constant", item.position)
        column = Column(item.name, item.type, relation.width + place)
        if relation.scope.find(item.name) is not None:
            raise QuerySyntaxError(f"the table already has a column {item.name}", item.position)
        declared.append((column, default.evaluate(())))
    return declared


def _scope(relation: Relation, node: ast.Scan, declared: list[Column]) -> Scope:
    """The row's columns, and for each step the columns of its record, one record behind the other."""
    size = relation.width + len(declared)
    records = {}
    for place, step in enumerate(node.steps):
        offset = relation.width + place * size
        columns = [replace(column.moved(offset), optional=True) for column in relation.columns]
        columns += [column.moved(offset) for column in declared]
        records[step.name] = Scope(tuple(columns), size, relation.open)
    return Scope(relation.columns, relation.width, relation.open, records)


def _step(
    environment: Environment,
    scope: Scope,
    node: ast.Scan,
    place: int,
    defaults: Row,
    declared: list[tuple[Column, Any]],
) -> _Step:
    """A step can look at its own record and at those of the steps before it."""
    step = node.steps[place]
    visible = dict(list(scope.records.items())[: place + 1])
    binder = Binder(environment, replace(scope, records=visible))
    condition = binder.typed(step.condition, Type.BOOL, "a condition of scan").evaluate
    places = {column.name: (number, column.type) for number, (column, _) in enumerate(declared)}
    assigned: list[tuple[int, Evaluate]] = []
    for item in step.assignments:
        if len(item.names) != 1 or item.names[0] not in places:
            raise QuerySyntaxError("scan assigns to a column that is not declared", item.position)
        number, kind = places[item.names[0]]
        assigned.append((number, convert(binder.bind(item.value), kind).evaluate))

    def assign(row: Row) -> Row:
        values = list(defaults)
        for number, evaluate in assigned:
            values[number] = evaluate(row)
        return tuple(values)

    return _Step(condition, assign, step.output)


class _Run:
    """One pass over the rows."""

    def __init__(self, steps: list[_Step], empty: Row, provenance: tuple[int, ...]) -> None:
        self.steps = steps
        self.empty = empty
        self.provenance = provenance
        self.states: list[_State | None] = [None] * len(steps)
        self.matches = 0
        self.output: Rows = []

    def over(self, rows: Rows) -> Rows:
        for row in rows:
            for place in range(len(self.steps) - 1, -1, -1):
                if not self._advance(row, place):
                    self._repeat(row, place)
        for state in self.states:
            self._emit_waiting(state)
        return self.output

    def _seen(self, row: Row, state: _State | None, place: int) -> Row:
        """The row with the records that a step sees."""
        records = state.records if state else []
        known = [
            records[n] if n < len(records) and records[n] is not None else self.empty
            for n in range(place + 1)
        ]
        return (*row, *(value for record in known for value in record or ()))

    def _advance(self, row: Row, place: int) -> bool:
        """Check 1: the state of the step before moves here."""
        before = self.states[place - 1] if place else None
        if before is None:
            return False
        seen = self._seen(row, before, place)
        if self.steps[place].condition(seen) is not True:
            return False
        self._emit_waiting(self.states[place])
        self._emit_waiting(before)
        self.states[place - 1] = None
        self.states[place] = before
        self._record(row, seen, before, place)
        return True

    def _repeat(self, row: Row, place: int) -> None:
        """Check 2: the record of this step is replaced, or the first step begins a match."""
        state = self.states[place]
        if state is None and place:
            return
        seen = self._seen(row, state, place)
        if self.steps[place].condition(seen) is not True:
            return
        if state is None:
            state = self.states[place] = _State(self.matches, [], [])
            self.matches += 1
        self._record(row, seen, state, place)

    def _record(self, row: Row, seen: Row, state: _State, place: int) -> None:
        step = self.steps[place]
        record = (*row, *step.assign(seen))
        state.records[place:] = [record]
        state.events[place:] = [events_of(row, self.provenance)]
        events = tuple(dict.fromkeys(number for part in state.events for number in part))
        result = (*record, state.match, events)
        if step.output == "all":
            self.output.append(result)
        elif step.output == "last":
            state.waiting = result

    def _emit_waiting(self, state: _State | None) -> None:
        """With `output=last`: the last record of a series, once the series is over."""
        if state is not None and state.waiting is not None:
            self.output.append(state.waiting)
            state.waiting = None
