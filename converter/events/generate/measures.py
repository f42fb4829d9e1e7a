"""ES|QL: how far the rows of a pipeline are from what its conditions after the first `stats` ask.

The values are those of the original's own evaluator: the stages in front of each condition, and its
comparisons as columns beside them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import inf
from typing import Any, TypeAlias

from converter.evaluate.elastic import asks_time, compile_remembering
from converter.evaluate.elastic.esql_deciding import deciding
from converter.evaluate.remembered import PerEvent
from converter.evaluate.result import CompiledQuery, Event, Table
from converter.frozen import dataclass
from converter.ir import Pipeline
from converter.ir.detection import Eval, Stats, Take, Where
from converter.ir.rewrite import value_conjuncts
from converter.ir.value import Call, Comparison, FieldValue, Literal_, Logic, Value

_NOT_AT_ALL = 1.0
_OFFSETS: Mapping[str, tuple[int, ...]] = {
    ">=": (0, -1),
    ">": (0, 1),
    "<=": (0, 1),
    "<": (0, -1),
    "==": (0, -1, 1),
    "!=": (0, 1),
}
"""By the comparison, what the left side is more than the right one where it turns."""
Rows: TypeAlias = list[list[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Distance:
    """`missing`: how many conditions there are from the first that no row satisfies; `rest`: how far its best
    row is from it; `failing`: the conjuncts that this row fails, by their numbers in `Measure.conjuncts`."""

    missing: int
    rest: float
    failing: tuple[int, ...] = ()

    @property
    def order(self) -> tuple[int, float]:
        return self.missing, self.rest


@dataclass(frozen=True, slots=True)
class Bound:
    """A comparison below the nodes that lead to it, in the condition of that number, and how much more its
    left side is than its right one."""

    gate: int
    path: tuple[Value, ...]
    offset: int

    @property
    def comparison(self) -> Comparison:
        """What is compared."""
        found = self.path[-1]
        assert isinstance(found, Comparison)
        return found

    @property
    def holds(self) -> bool:
        """Whether it holds where both sides are equal."""
        return _holds(self.comparison)

    def beside(self, conjuncts: Sequence[Value]) -> Iterator[tuple[Value, bool]]:
        """What must hold, and what must not, for the comparison to decide."""
        yield from ((one, True) for one in conjuncts if one is not self.path[0])
        for node, below in pairwise(self.path):
            if isinstance(node, Logic) and node.op != "not":
                yield from ((item, node.op == "and") for item in node.items if item is not below)


class Measure:
    """The conditions after the first `stats` of a pipeline, in their order."""

    def __init__(self, pipeline: Pipeline, original: CompiledQuery | None = None) -> None:
        """`original`: as it judges the timelines; what it finds out about their events is known here."""
        pipeline = deciding(pipeline)
        self._whole = compile_remembering(pipeline, like=original)
        self.asks_time = asks_time(self._whole)
        self.conjuncts: list[Value] = []
        self._gates: list[_Gate] = []
        for place, stage in enumerate(pipeline.stages):
            if isinstance(stage, Where) and any(isinstance(one, Stats) for one in pipeline.stages[:place]):
                gate = _Gate(pipeline, place, stage.condition, len(self.conjuncts), self._whole)
                self._gates.append(gate)
                self.conjuncts.extend(gate.conjuncts)

    def bounds(self) -> Iterator[Bound]:
        """At each bound of the conditions, and one beyond it on the other side."""
        for place, gate in enumerate(self._gates):
            for path, comparison in gate.comparisons():
                yield from (Bound(place, path, offset) for offset in _OFFSETS.get(comparison.op, ()))

    def rows(self, events: Sequence[Event]) -> Rows:
        """The rows in front of each condition, with what is compared in them."""
        return [gate.rows(events) for gate in self._gates]

    def off(self, bound: Bound, rows: Rows) -> float:
        """How far the best row is from the bound, where all else that is asked of it holds: less than one of
        a row in which the comparison alone decides, on the bound's side of it."""
        gate = self._gates[bound.gate]
        return min((gate.off(bound, row) for row in rows[bound.gate]), default=inf)

    def open(self, bound: Bound, rows: Rows) -> Sequence[tuple[Bound, float]]:
        """What the best row lacks of the bound, each with by how much the left side is too large: itself, and
        the comparisons that must hold beside it, or must not."""
        gate = self._gates[bound.gate]
        row = min(rows[bound.gate], key=lambda one: gate.off(bound, one))
        found = ((one, gate.away(one, row)) for one in (*gate.failing(bound, row), bound))
        return [(one, away) for one, away in found if away]

    def away(self, bound: Bound, rows: Rows) -> float | None:
        """By how much the left side is too large in the first row."""
        return next((self._gates[bound.gate].away(bound, row) for row in rows[bound.gate]), None)

    def of(self, events: Sequence[Event]) -> Distance:
        """The distance of the events from an alert; nothing is missing where they raise one."""
        if self._whole.run(events):
            return Distance(0, 0.0)
        for place, gate in enumerate(self._gates):
            found = gate.of(events)
            if found is not None:
                return Distance(len(self._gates) - place, *found)
        return Distance(len(self._gates) + 1, 0.0)


class _Gate:
    """One condition: what it compares as columns of the rows in front of it."""

    def __init__(
        self, pipeline: Pipeline, place: int, condition: Value, first: int, whole: CompiledQuery
    ) -> None:
        columns_before = dict(
            assignment
            for stage in pipeline.stages[:place]
            if isinstance(stage, Eval)
            for assignment in stage.assignments
        )
        self.conjuncts = [_opened(one, columns_before) for one in value_conjuncts(condition)]
        self._first = first
        atoms = dict.fromkeys(atom for one in self.conjuncts for atom in _atoms(one))
        self._names = {atom: f"$measured{number}" for number, atom in enumerate(atoms)}
        columns: list[tuple[str, Value]] = []
        for atom, name in self._names.items():
            columns.append((name, atom))
            if isinstance(atom, Comparison):
                columns.extend(((f"{name}l", atom.left), (f"{name}r", atom.right)))
        stages = [stage for stage in pipeline.stages[:place] if not isinstance(stage, Take)]
        measured = dataclasses.replace(pipeline, stages=(*stages, Eval(tuple(columns))))
        self._query = compile_remembering(measured, like=whole)
        self._fars: PerEvent[dict[tuple[int, bool], float]] = PerEvent(lambda row: {})

    def rows(self, events: Sequence[Event]) -> list[Mapping[str, Any]]:
        """The rows in front of it."""
        table = self._query.run(events)
        assert isinstance(table, Table)
        return [dict(zip(table.columns, cells, strict=True)) for cells in table.rows]

    def comparisons(self) -> Iterator[tuple[tuple[Value, ...], Comparison]]:
        """What is compared, below the nodes that lead to it."""
        stack: list[tuple[Value, ...]] = [(one,) for one in reversed(self.conjuncts)]
        while stack:
            path = stack.pop()
            node = path[-1]
            if isinstance(node, Logic):
                stack.extend((*path, item) for item in reversed(node.items))
            elif isinstance(node, Comparison):
                yield path, node

    def off(self, bound: Bound, row: Mapping[str, Any]) -> float:
        """How far the row is from the bound: one more where it is on the other side of it, or some other
        condition does not hold as it must."""
        away = self.away(bound, row)
        if away is None:
            return inf
        left_over = away + bound.offset
        known = self._fars.of(row)
        far = 0.0
        for node, wanted in bound.beside(self.conjuncts):
            key = id(node), wanted
            if key not in known:
                known[key] = self._far(node, row, wanted)
            far += known[key]
        holds = row.get(self._names[bound.comparison]) is bound.holds
        on_its_side = left_over * bound.offset > 0 if bound.offset else holds
        return far + 0.9 * abs(away) / (abs(away) + 1) + (0 if on_its_side else _NOT_AT_ALL)

    def away(self, bound: Bound, row: Mapping[str, Any]) -> float | None:
        """By how much the left side is too large; None where it is no number."""
        name = self._names[bound.comparison]
        left, right = _number(row.get(f"{name}l")), _number(row.get(f"{name}r"))
        return None if left is None or right is None else left - right - bound.offset

    def failing(self, bound: Bound, row: Mapping[str, Any]) -> Iterator[Bound]:
        """The comparisons beside the bound's that do not hold as they must, each where it turns."""
        for node, wanted in bound.beside(self.conjuncts):
            if self._far(node, row, wanted):
                yield from self._failing(bound.gate, node, row, wanted)

    def _failing(self, gate: int, node: Value, row: Mapping[str, Any], wanted: bool) -> Iterator[Bound]:
        if isinstance(node, Logic):
            turned = wanted is not (node.op == "not")
            for item in node.items:
                if self._far(item, row, turned):
                    yield from self._failing(gate, item, row, turned)
        elif isinstance(node, Comparison):
            offsets = _OFFSETS.get(node.op, ())
            offsets = offsets[:1] if wanted is _holds(node) else offsets[1:]
            yield from (Bound(gate, (node,), offset) for offset in offsets)

    def of(self, events: Sequence[Event]) -> tuple[float, tuple[int, ...]] | None:
        """How far the best row is and the conjuncts that it fails; None where a row satisfies all."""
        best: tuple[float, tuple[int, ...]] = (2 * _NOT_AT_ALL * len(self.conjuncts), ())
        for row in self.rows(events):
            far = [self._far(one, row, wanted=True) for one in self.conjuncts]
            if not any(far):
                return None
            failing = tuple(self._first + number for number, one in enumerate(far) if one)
            best = min(best, (sum(far), failing))
        return best

    def _far(self, value: Value, row: Mapping[str, Any], wanted: bool) -> float:
        if isinstance(value, Logic):
            if value.op == "not":
                return self._far(value.items[0], row, not wanted)
            parts = [self._far(item, row, wanted) for item in value.items]
            return sum(parts) if (value.op == "and") is wanted else min(parts)
        name = self._names[value]
        if row.get(name) is wanted:
            return 0.0
        left, right = _number(row.get(f"{name}l")), _number(row.get(f"{name}r"))
        if left is None or right is None:
            return _NOT_AT_ALL
        return 0.1 + 0.8 * abs(left - right) / (abs(left) + abs(right) + 1)


def _holds(comparison: Comparison) -> bool:
    """Whether it holds where both sides are equal."""
    return comparison.op in (">=", "<=", "==")


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _opened(value: Value, columns: Mapping[str, Value]) -> Value:
    """A comparison of a column with a constant as the conditions of the `case` that the column is."""
    if isinstance(value, Logic):
        return dataclasses.replace(value, items=tuple(_opened(item, columns) for item in value.items))
    match value:
        case Comparison(op="==" | "!=" as op, left=FieldValue(name=name), right=Literal_(value=constant)):
            match columns.get(name):
                case Call(function="case", arguments=items):
                    branches = zip(items[::2], items[1::2], strict=False)
                    wanted = [
                        condition
                        for condition, result in branches
                        if isinstance(result, Literal_) and (result.value == constant) is (op == "==")
                    ]
                    return Logic("or", tuple(wanted)) if wanted else value
    return value


def _atoms(value: Value) -> Iterator[Value]:
    if isinstance(value, Logic):
        for item in value.items:
            yield from _atoms(item)
    else:
        yield value
