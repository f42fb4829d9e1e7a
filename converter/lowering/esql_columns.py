"""What a pipeline computes of an event before it counts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from converter.frozen import dataclass
from converter.ir.detection import Eval, Stage, Stats, Where
from converter.ir.value import Comparison, FieldValue, Literal_, Logic, Value
from converter.lowering.esql import Normal, columns_read
from converter.lowering.fidelity import Reason, flip

_GROWING = frozenset({"count", "count_distinct", "max", "values", "mv_count"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column over fields; `identity`: only which values are the same matters, not what they are; `group`:
    rows are grouped by it, and nothing else is asked of it."""

    name: str
    value: Value
    identity: bool
    group: bool = False


def columns_of(form: Normal) -> tuple[Column, ...]:
    """The columns that the first `stats` reads."""
    read = columns_read(form.stages)
    first = form.stages[0]
    assert isinstance(first, Stats)
    grouped = {name for name, _ in first.by}
    counted: dict[str, bool] = {}
    for item in first.aggregates:
        if isinstance(item.argument, FieldValue):
            plain = item.function in ("count", "count_distinct")
            counted[item.argument.name] = counted.get(item.argument.name, True) and plain
    return tuple(
        Column(
            name,
            value,
            counted.get(name, True) and not (name in grouped and name in read),
            name in grouped and name not in read and name not in counted,
        )
        for name, value in form.columns
    )


def is_monotone(stages: Sequence[Stage]) -> bool:
    """Whether more events can only give more rows: each condition asks that something be large enough."""
    growing: set[str] = set()
    for stage in stages:
        if isinstance(stage, Stats):
            groups = {name for name, _ in stage.by}
            growing = {item.name for item in stage.aggregates if item.function in _GROWING} | groups
        elif isinstance(stage, Eval) or (isinstance(stage, Where) and not _grows(stage.condition, growing)):
            return False
    return sum(isinstance(stage, Stats) for stage in stages) < 2


def _grows(condition: Value, growing: set[str]) -> bool:
    if isinstance(condition, Logic):
        return condition.op != "not" and all(_grows(item, growing) for item in condition.items)
    if isinstance(condition, Comparison) and condition.op in (">", ">="):
        return isinstance(condition.right, Literal_) and _is_column(condition.left, growing)
    return False


def _is_column(value: Value, names: set[str]) -> bool:
    return isinstance(value, FieldValue) and value.name in names


def both_ways(reasons: Iterable[Reason], keys: Iterable[str] = ()) -> list[Reason]:
    """The same reasons in the other direction, for what speaks against an alert in groups by these `keys`:
    what is in groups of its own does not speak against those of the original."""
    return [
        dataclasses.replace(reason, direction=flip(reason.direction))
        for reason in reasons
        if set(reason.apart).isdisjoint(keys)
    ]
