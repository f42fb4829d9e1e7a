"""The station's driver: a detection over ECS -> a plan for one profile, with fidelity.

Steps, each in its module: `records` (which records), `parts` (the predicate over their fields), `merge`
(records that differ only by a value), then the plan; `pipelines` and `indicators` make the plans of ES|QL
and of threat matches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from converter.ir import (
    Detection,
    EventQuery,
    IndicatorMatch,
    Key,
    Limited,
    NewTerms,
    Pipeline,
    Sample,
    Sequence,
    Step,
    Threshold,
)
from converter.lowering.conversions.values import named_account
from converter.lowering.fidelity import Assumption, Fidelity, Reason, Refused, overall
from converter.lowering.given import Given, Notes
from converter.lowering.indicators import indicator_plan
from converter.lowering.parts import parts_of
from converter.lowering.pipelines import pipeline_plan
from converter.lowering.plan import (
    EventPlan,
    NewTermsPlan,
    Plan,
    SequencePlan,
    StepPlan,
    ThresholdPlan,
    exclusive,
    numbered_by,
    unrolled,
)
from converter.lowering.record_part import Beside


@dataclass(frozen=True, slots=True)
class Lowered:
    """A plan for one profile; `reasons` say how it differs from the original (none: exact), `assumed` what
    that takes for granted."""

    plan: Plan
    reasons: tuple[Reason, ...] = ()
    assumed: tuple[Assumption, ...] = ()

    @property
    def fidelity(self) -> Fidelity:
        """What follows from the reasons."""
        return overall(self.reasons)


def lower(detection: Detection, given: Given) -> Lowered:
    """The plan for the profile. Raises Refused with every reason where there is none."""
    notes = Notes()
    plan = _plan(detection, given, notes)
    return Lowered(plan, tuple(dict.fromkeys(notes.reasons)), tuple(dict.fromkeys(notes.assumed)))


def _plan(detection: Detection, given: Given, notes: Notes) -> Plan:
    match detection:
        case EventQuery(predicate=predicate):
            return EventPlan(parts_of(predicate, given, notes))
        case Sequence(steps=steps, maxspan=maxspan, until=until):
            made = _steps((*steps, *((until,) if until is not None else ())), given, notes)
            end = made[-1] if until is not None else None
            ordered = SequencePlan(made[: len(steps)], maxspan, end)
            if not given.is_sigma:
                notes.add(_at_one_moment(ordered))
            return ordered
        case Sample(steps=steps):
            return SequencePlan(_steps(steps, given, notes), None, None, ordered=False)
        case Threshold():
            return _threshold(detection, given, notes)
        case NewTerms(predicate=predicate, fields=fields, window=window):
            keys = Beside(tuple(map(Key, fields)), grouped=not given.is_sigma)
            return NewTermsPlan(parts_of(predicate, given, notes, keys), window, given.since)
        case IndicatorMatch():
            return indicator_plan(detection, given, notes)
        case Limited():
            message = "head and tail pick alerts by their number"
            raise Refused.because("eql-pipe", message, position=detection.pos)
        case Pipeline():
            return pipeline_plan(detection, given, notes)


def _steps(steps: Iterable[Step], given: Given, notes: Notes) -> tuple[StepPlan, ...]:
    """The steps of a sequence; where the logs of some tell accounts by their names alone, all do."""
    steps, tried = tuple(steps), Notes()
    made = tuple(_step(step, given, tried) for step in steps)
    told = {
        by_name for step, plan in zip(steps, made, strict=True) for by_name in _by_name(step, plan, given)
    }
    if len(told) > 1:
        tried = Notes()
        made = tuple(_step(step, replace(given, by_name=True), tried) for step in steps)
    notes.add(tried.reasons, tried.assumed)
    return made


def _by_name(step: Step, plan: StepPlan, given: Given) -> Iterator[bool]:
    """For each key that tells an account by its id, whether the step's logs tell it by its name."""
    for part in plan.parts:
        for key, name in zip(step.keys, part.keys, strict=True):
            account = named_account(key.field)
            if account != key.field:
                cell = part.record.cell(account, given.profile.name)
                yield cell is not None and cell.field == name


def _step(step: Step, given: Given, notes: Notes) -> StepPlan:
    parts = parts_of(step.predicate, given, notes, Beside(step.keys))
    return StepPlan(parts, step.runs, step.absent)


def _threshold(detection: Threshold, given: Given, notes: Notes) -> ThresholdPlan:
    """What is counted; where keys are finer than the original's, values that are counted are more."""
    counted = tuple(Key(name, optional=True) for name, _ in detection.cardinality)
    keys = Beside((*map(Key, detection.fields), *counted))
    parts = parts_of(detection.predicate, given, notes, keys)
    if counted:
        finer = [reason for reason in notes.reasons if reason.code == "sigma-key"]
        notes.add(replace(reason, direction=Fidelity.WIDER) for reason in finer)
    least = tuple(number for _, number in detection.cardinality)
    return ThresholdPlan(parts, detection.value, least, given.since)


def _at_one_moment(plan: SequencePlan) -> list[Reason]:
    """What becomes of events at one moment where the log keeps no order of its own."""
    steps = unrolled(plan)
    if len(steps) == 1 or numbered_by(steps, plan.until) is not None:
        return []
    if exclusive(steps):
        message, direction = "events at the very same time count as in order", Fidelity.WIDER
    else:
        message, direction = "events at the very same time never follow each other", Fidelity.NARROWER
    return [Reason("equal-timestamps", message, direction)]
