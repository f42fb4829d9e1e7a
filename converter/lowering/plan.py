"""What lowering hands to the writers: detections over one profile's fields, with the records they are in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import TypeAlias

from converter.frozen import dataclass
from converter.ir.detection import Stage
from converter.ir.predicate import Predicate
from converter.ir.value import Value
from converter.lowering.fidelity import Refused
from converter.lowering.kinds import Kind
from converter.taxonomy.model import Cell, IndicatorList, Record, Shape

LOGS = ("Channel", "source", "sourcetype")
"""The fields that name the log which a record is in."""


@dataclass(frozen=True, slots=True)
class Part:
    """One record's share of a step: `predicate` over the profile's fields (without the shape's `where`).

    `keys` are the names of the join or group-by fields there; `computed` those among them that the log does
    not hold by themselves, with the cell that they come from (a name out of a path); `where` is what is left
    of the shape's constants (records that differ only in one are merged, and it goes). `columns` are what a
    pipeline counts and groups by, computed from the fields; then `keys` are the fields in them. `merged` are
    the names of the other records whose share it is too, `asked` the ECS fields that the rule asks of their
    events, whatever is left of that.
    """

    record: Record
    shape: Shape
    predicate: Predicate
    keys: tuple[str, ...] = ()
    computed: tuple[tuple[str, Cell], ...] = ()
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    columns: tuple[tuple[str, Value], ...] = ()
    merged: frozenset[str] = field(default=frozenset(), compare=False)
    asked: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def records(self) -> frozenset[str]:
        """The names of all records whose events it takes."""
        return self.merged | {self.record.name}

    def of_both(self, other: Part) -> Part:
        """The part, as one of the other's records too."""
        return replace(self, merged=self.merged | other.records, asked=self.asked | other.asked)


@dataclass(frozen=True, slots=True)
class EventPlan:
    """Each event that one of the parts takes; at most `limit` of them."""

    parts: tuple[Part, ...]
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class StepPlan:
    """One step of a sequence; see :class:`converter.ir.Step`."""

    parts: tuple[Part, ...]
    runs: int = 1
    absent: bool = False


@dataclass(frozen=True, slots=True)
class SequencePlan:
    """Steps in time order with equal keys; `ordered` is False for EQL's sample. `maxspan` in milliseconds."""

    steps: tuple[StepPlan, ...]
    maxspan: int | None = None
    until: StepPlan | None = None
    ordered: bool = True


@dataclass(frozen=True, slots=True)
class ThresholdPlan:
    """Counted events; the parts' keys are the group-by fields, at their end the cardinality's fields.

    `window` is the time over which the rule counts (its look-back), in milliseconds; `names` are the keys'
    ECS fields, after which they are called where the parts' logs call them differently.
    """

    parts: tuple[Part, ...]
    value: int
    cardinality: tuple[int, ...] = ()
    window: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewTermsPlan:
    """First seen: the parts' keys are the terms, of the ECS fields `names`; `window` the history, `since` the
    look-back (ms)."""

    parts: tuple[Part, ...]
    window: int
    since: int
    names: tuple[str, ...] = ()


Shared: TypeAlias = tuple[tuple[str, str], ...]
"""(name of the event's field in the target, ECS field of the indicator): all are equal."""


@dataclass(frozen=True, slots=True)
class IndicatorPlan:
    """Events that share values with an entry of the list: each part with its alternatives.

    A part's keys are the fields of all its alternatives.
    """

    blocks: tuple[tuple[Part, tuple[Shared, ...]], ...]
    indicators: IndicatorList | None


@dataclass(frozen=True, slots=True)
class PipelinePlan:
    """Counts: the parts' columns, which have the same names and `kinds` in each, through `stages`.

    The stages are Stats, Where and Eval over columns only. `known` are columns that are never null. For a
    target without pipelines, `nearest` is what it can count, which is all that the stages ask where `whole`.
    There are at most `limit` rows.
    """

    parts: tuple[Part, ...]
    stages: tuple[Stage, ...]
    kinds: Mapping[str, Kind]
    known: frozenset[str]
    nearest: ThresholdPlan | None = None
    whole: bool = False
    limit: int | None = None


def called(names: Sequence[str], parts: Sequence[Part]) -> tuple[str, ...]:
    """What the keys of ECS fields are called in a query over logs that call them differently.

    Raises Refused where a log has one of these names for another key's field.
    """
    found = tuple(name.replace(".", "_").replace("@", "") for name in names)
    if any(one in part.keys and part.keys.index(one) != at for part in parts for at, one in enumerate(found)):
        raise called_differently()
    return found


def called_differently() -> Refused:
    """The refusal of logs that call the keys differently, where a query can't give these one name."""
    return Refused.because("keys-differ", "the log sources call the group-by fields differently")


Plan: TypeAlias = PipelinePlan | EventPlan | SequencePlan | ThresholdPlan | NewTermsPlan | IndicatorPlan


def first_run(plan: SequencePlan) -> int:
    """How many events in a row the first step takes at once, as a window over its events; 1 where there is
    no run, or `until` could end one half-way."""
    return plan.steps[0].runs if plan.ordered and plan.until is None else 1


def unrolled(plan: SequencePlan) -> tuple[StepPlan, ...]:
    """The steps, each one that takes several events as often; but the first where it takes them at once."""
    rest = tuple(step for step in plan.steps[1:] for _ in range(step.runs))
    first = plan.steps[0]
    return (first, *rest) if first_run(plan) > 1 else (*[first] * first.runs, *rest)


def numbered_by(steps: Sequence[StepPlan], until: StepPlan | None = None) -> str | None:
    """The field by which one log numbers the records of all steps, in the order in which it wrote them; None
    where a log has no such field, or the records are of several: each log counts its own."""
    together = steps if until is None else (*steps, until)
    shapes = [part.shape for step in together for part in step.parts]
    logs = {(shape.table, *map(shape.where.get, LOGS)) for shape in shapes}
    fields = {shape.order for shape in shapes}
    return fields.pop() if len(logs) == len(fields) == 1 else None


def exclusive(steps: Sequence[StepPlan]) -> bool:
    """Whether no event can be of two of the (unrolled) steps: their records differ."""
    names = [frozenset().union(*(part.records for part in step.parts)) for step in steps]
    return all(first.isdisjoint(second) for index, first in enumerate(names) for second in names[index + 1 :])
