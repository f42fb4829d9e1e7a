"""The station's driver: a detection over ECS -> a plan for one profile, with fidelity.

Steps, each in its module: `records` (which records), `parts` (the predicate over their fields), `merge`
(records that differ only by a value), then the plan; `pipelines` and `indicators` make the plans of ES|QL
and of threat matches.
"""

from __future__ import annotations

from dataclasses import replace

from converter.frozen import dataclass
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
from converter.lowering.esql_columns import both_ways
from converter.lowering.fidelity import Assumption, Fidelity, Reason, Refused, overall
from converter.lowering.given import Given, Notes
from converter.lowering.indicators import indicator_plan
from converter.lowering.key_forms import counted_apart, grouped_alike, joined_alike
from converter.lowering.parts import parts_of
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
from converter.lowering.same_event import in_two_logs, same_event


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
    try:
        plan = _plan(detection, given, notes)
    except Refused as refused:
        if given.by_name or not all(map(_is_of_accounts, refused.reasons)):
            raise
        return lower(detection, replace(given, by_name=True))
    return Lowered(plan, tuple(dict.fromkeys(notes.reasons)), tuple(dict.fromkeys(notes.assumed)))


def _is_of_accounts(reason: Reason) -> bool:
    """Whether the logs write an account's id in different ways: their names they may write alike."""
    name = reason.field or ""
    return reason.code == "keys-differ" and named_account(name) != name


def _plan(detection: Detection, given: Given, notes: Notes) -> Plan:
    match detection:
        case EventQuery(predicate=predicate):
            return EventPlan(parts_of(predicate, given, notes))
        case Sequence(steps=steps, maxspan=maxspan, until=until):
            end = None if until is None else _against(until, given, notes)
            ordered = SequencePlan(tuple(_step(step, given, notes) for step in steps), maxspan, end)
            asked = [step.predicate for step in steps]
            notes.add(
                in_two_logs(ordered, asked, given.taxonomy) if given.is_sigma else _at_one_moment(ordered)
            )
            keys = [step.keys for step in (*steps, *([until] if until is not None else []))]
            notes.add(joined_alike(ordered, keys, given))
            return ordered
        case Sample(steps=steps):
            plan = SequencePlan(tuple(_step(step, given, notes) for step in steps), None, None, ordered=False)
            asked = [step.predicate for step in steps]
            notes.add(in_two_logs(plan, asked, given.taxonomy) if given.is_sigma else same_event(plan))
            notes.add(joined_alike(plan, [step.keys for step in steps], given))
            return plan
        case Threshold():
            return _threshold(detection, given, notes)
        case NewTerms(predicate=predicate, fields=fields, window=window):
            terms = Beside(tuple(map(Key, fields)), grouped=not given.is_sigma)
            parts = parts_of(predicate, given, notes, terms)
            notes.add(grouped_alike(parts, terms.keys, given) if terms.grouped else ())
            if terms.grouped:  # an event more is one that was seen, an event less one that was not
                notes.add(both_ways(notes.reasons, fields))
            return NewTermsPlan(parts, window, given.since, tuple(fields))
        case IndicatorMatch():
            return indicator_plan(detection, given, notes)
        case Limited():
            message = "head and tail pick alerts by their number"
            raise Refused.because("eql-pipe", message, position=detection.pos)
        case Pipeline():
            from converter.lowering.pipelines import pipeline_plan  # with all of ES|QL

            return pipeline_plan(detection, given, notes)


def _step(step: Step, given: Given, notes: Notes) -> StepPlan:
    if step.absent:
        return _against(step, given, notes)
    parts = parts_of(step.predicate, given, notes, Beside(step.keys))
    return StepPlan(parts, step.runs)


def _against(step: Step, given: Given, notes: Notes) -> StepPlan:
    """A step whose events end sequences: where it takes more of them, the sequence alerts on less.

    Sigma has no such steps, and says so.
    """
    own = Notes()
    parts = parts_of(step.predicate, given, own, Beside(step.keys))
    if not given.is_sigma:
        notes.add(both_ways(own.reasons))
        notes.assumed += own.assumed
    return StepPlan(parts, step.runs, step.absent)


def _threshold(detection: Threshold, given: Given, notes: Notes) -> ThresholdPlan:
    """What is counted, and of which different values are."""
    counted = tuple(Key(name, optional=True) for name, _ in detection.cardinality)
    only = frozenset(key.field for key in counted).difference(detection.fields)
    keys = Beside((*map(Key, detection.fields), *counted), counted=only)
    parts = parts_of(detection.predicate, given, notes, keys)
    notes.add(grouped_alike(parts, keys.keys, given))
    least = tuple(number for _, number in detection.cardinality)
    notes.add(counted_apart(parts, len(detection.fields), [*zip(counted, least, strict=True)]))
    names = tuple(key.field for key in keys.keys)
    return ThresholdPlan(parts, detection.value, least, given.since, names)


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
