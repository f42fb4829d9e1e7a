"""ES|QL: how far the rows of a pipeline are from what its conditions after the first `stats` ask.

The values are those of the original's own evaluator: the stages in front of each condition, and its
comparisons as columns beside them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from converter.evaluate.elastic import compile_detection
from converter.evaluate.result import Event, Table
from converter.frozen import dataclass
from converter.ir import Pipeline
from converter.ir.detection import Eval, Stats, Take, Where
from converter.ir.rewrite import sub_values, value_conjuncts
from converter.ir.value import Call, Comparison, FieldValue, Literal_, Logic, Value

_NOT_AT_ALL = 1.0


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


class Measure:
    """The conditions after the first `stats` of a pipeline, in their order."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._whole = compile_detection(pipeline)
        self.conjuncts: list[Value] = []
        self._gates: list[_Gate] = []
        for place, stage in enumerate(pipeline.stages):
            if isinstance(stage, Where) and any(isinstance(one, Stats) for one in pipeline.stages[:place]):
                gate = _Gate(pipeline, place, stage.condition, len(self.conjuncts))
                self._gates.append(gate)
                self.conjuncts.extend(gate.conjuncts)

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

    def __init__(self, pipeline: Pipeline, place: int, condition: Value, first: int) -> None:
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
        self._query = compile_detection(dataclasses.replace(pipeline, stages=(*stages, Eval(tuple(columns)))))

    def of(self, events: Sequence[Event]) -> tuple[float, tuple[int, ...]] | None:
        """How far the best row is and the conjuncts that it fails; None where a row satisfies all."""
        table = self._query.run(events)
        assert isinstance(table, Table)
        best: tuple[float, tuple[int, ...]] = (2 * _NOT_AT_ALL * len(self.conjuncts), ())
        for cells in table.rows:
            row = dict(zip(table.columns, cells, strict=True))
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


def constants(value: Value) -> Iterator[int]:
    """The numbers from one on that a value speaks of."""
    for node in sub_values(value):
        match node:
            case Literal_(int(number) | float(number)) if not isinstance(number, bool) and number >= 1:
                yield int(number)
