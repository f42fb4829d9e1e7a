"""What lowering hands to the writers: detections over one profile's fields, with the records they are in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from converter.ir.detection import Stage
from converter.ir.predicate import Predicate
from converter.ir.value import Value
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
    pipeline counts and groups by, computed from the fields; then `keys` are the fields in them.
    `beside` names the further records that are merged into it.
    """

    record: Record
    shape: Shape
    predicate: Predicate
    keys: tuple[str, ...] = ()
    computed: tuple[tuple[str, Cell], ...] = ()
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    columns: tuple[tuple[str, Value], ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def records(self) -> tuple[str, ...]:
        """The names of all its records."""
        return (self.record.name, *self.beside)

    def taking(self, other: Part) -> Part:
        """The part, with the other's records beside its own."""
        return replace(self, beside=tuple(dict.fromkeys((*self.beside, *other.records))))


@dataclass(frozen=True, slots=True)
class EventPlan:
    """Each event that one of the parts takes."""

    parts: tuple[Part, ...]


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

    `window` is the time over which the rule counts (its look-back), in milliseconds.
    """

    parts: tuple[Part, ...]
    value: int
    cardinality: tuple[int, ...] = ()
    window: int = 0


@dataclass(frozen=True, slots=True)
class NewTermsPlan:
    """First seen: the parts' keys are the terms; `window` the history, `since` the look-back (ms)."""

    parts: tuple[Part, ...]
    window: int
    since: int


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
    """

    parts: tuple[Part, ...]
    stages: tuple[Stage, ...]
    kinds: Mapping[str, Kind]
    known: frozenset[str]
    nearest: ThresholdPlan | None = None
    whole: bool = False


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
    names = [{name for part in step.parts for name in part.records} for step in steps]
    return all(first.isdisjoint(second) for index, first in enumerate(names) for second in names[index + 1 :])
