"""Plans over Sigma's fields -> the drafts that the writer writes, with what a correlation cannot say.

`temporal_ordered` has a group-by, a timespan and aliases; no runs, no absence, no until. Sigma has no
history and no indicator lists either: these get the base detection, which alerts on more.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import string
from collections.abc import Iterator, Sequence

from converter.ir.predicate import Constant, Equals, Exists, Predicate
from converter.ir.rewrite import conjunction, conjuncts, disjunction
from converter.lowering.fidelity import Fidelity, Reason, Refused
from converter.lowering.plan import (
    EventPlan,
    IndicatorPlan,
    NewTermsPlan,
    Part,
    PipelinePlan,
    Plan,
    SequencePlan,
    StepPlan,
    ThresholdPlan,
    exclusive,
)
from converter.sigma.draft import CorrelationDraft, DetectionDraft, Logsource, SigmaDraft

MAX_WAYS = 32
"""More combinations of log sources than this are too many correlations for one rule."""
LONGEST = 7 * 86_400_000
"""The timespan, in milliseconds, of a sequence that names none: a correlation must have one."""


def draft(plan: Plan) -> tuple[SigmaDraft, tuple[Reason, ...]]:
    """The draft, and what it loses. Raises Refused for what not even nearly fits."""
    made, reasons = _draft(plan)
    return made, (*reasons, *_unconditional(plan))


def _draft(plan: Plan) -> tuple[SigmaDraft, tuple[Reason, ...]]:
    match plan:
        case EventPlan(parts=parts):
            return SigmaDraft(_detections(parts)), ()
        case SequencePlan():
            return _sequence(plan)
        case ThresholdPlan():
            return _threshold(plan)
        case NewTermsPlan(parts=parts):
            names = ", ".join(parts[0].keys)
            note = (
                f"The original alerts only on values of {names} not seen before; Sigma has no such history."
            )
            return SigmaDraft(_detections(parts), notes=(note,)), (_wider("sigma-new-terms", note),)
        case IndicatorPlan(blocks=blocks):
            parts = tuple(part for part, _ in blocks)
            note = (
                "The original alerts only where a value is a known threat indicator; Sigma has no such lists."
            )
            return SigmaDraft(_detections(parts), notes=(note,)), (_wider("sigma-indicators", note),)
        case PipelinePlan():
            return _pipeline(plan)


def _unconditional(plan: Plan) -> Iterator[Reason]:
    """What is asked of a field because Sigma has no rule without a condition.

    Every event of the record has the field. It is said where the rule itself asks it of other events of the
    record (of which then some may lack it), or needs it as a key elsewhere, as the record there calls it.
    """
    counted = 0
    match plan:
        case SequencePlan(steps=steps, until=until):
            parts = [part for step in steps if not step.absent for part in step.parts]
            others = [step for step in (*steps, until) if step is not None]
            asking = [part for step in others for part in step.parts]
        case IndicatorPlan(blocks=blocks):
            parts = asking = [part for part, _ in blocks]
        case _:
            parts = asking = list(plan.parts)
            counted = len(plan.cardinality) if isinstance(plan, ThresholdPlan) else 0
    wanted = [
        part
        for part in parts
        if _takes_all(part) and part.shape.always not in part.keys[: len(part.keys) - counted]
    ]
    for name in dict.fromkeys(part.shape.always for part in wanted):
        if any(_asks(other, one) for one in wanted if one.shape.always == name for other in asking):
            message = f"Sigma has no rule without a condition: events without {name} are missed."
            yield Reason("sigma-no-condition", message, Fidelity.NARROWER)


def _asks(part: Part, bearer: Part) -> bool:
    """Whether the part asks what the bearer's events always have: in a condition on events of its record, or
    as a key, as the part's own record calls it."""
    name, profile = bearer.shape.always, part.shape.profile
    own = [ecs for ecs, cell in bearer.record.cells_of(profile) if name in (cell.field, cell.argument)]
    cells = [cell for ecs in own if (cell := part.record.cell(ecs, profile)) is not None]
    names = {name, *own, *(one for cell in cells for one in (cell.field, cell.argument))}
    asked = frozenset[str]() if part.records.isdisjoint(bearer.records) else part.asked
    return not names.isdisjoint((*asked, *part.keys))


def _detections(parts: Sequence[Part], prefix: str = "") -> tuple[DetectionDraft, ...]:
    return tuple(
        DetectionDraft(Logsource(**part.shape.logsource), _whole(part), label)
        for part, label in _labelled(parts, prefix)
    )


def _labelled(parts: Sequence[Part], prefix: str) -> Iterator[tuple[Part, str]]:
    """Each part with the label of its rule: the prefix, numbered (`step1a`, `2`) where there are several."""
    for number, part in enumerate(parts):
        mark = _letters(number) if prefix else str(number + 1)
        yield part, prefix if len(parts) == 1 else f"{prefix}{mark}"


def _letters(number: int) -> str:
    """a, b, ... z, aa, ab, ..."""
    rest, last = divmod(number, len(string.ascii_lowercase))
    return (_letters(rest - 1) if rest else "") + string.ascii_lowercase[last]


def _whole(part: Part) -> Predicate:
    return Exists(part.shape.always) if _takes_all(part) else _asked(part)


def _takes_all(part: Part) -> bool:
    """Whether the rule has no condition on the log source's events, and a field stands in for one."""
    return bool(part.shape.always) and _asked(part) == Constant(True)


def _asked(part: Part) -> Predicate:
    constants = [
        disjunction(Equals(name, value, ignore_case=True) for value in values) for name, values in part.where
    ]
    return conjunction((*constants, part.predicate))


def _sequence(plan: SequencePlan) -> tuple[SigmaDraft, tuple[Reason, ...]]:
    reasons = list(_not_said(plan))
    steps = [step for step in plan.steps if not step.absent]
    if len(steps) == 1 and steps[0].runs > 1:
        return _run(plan, steps[0], reasons)
    ways = math.prod(len(step.parts) for step in steps)
    if ways > MAX_WAYS:
        raise Refused.because(
            "sigma-step-log-sources",
            f"its steps lie in {ways} combinations of log sources, each a correlation of its own",
        )
    detections = tuple(
        detection
        for number, step in enumerate(steps, 1)
        for detection in _detections(step.parts, f"step{number}")
    )
    if len(steps) < 2:
        return SigmaDraft(detections, notes=tuple(reason.message for reason in reasons)), tuple(reasons)
    numbered = [
        [(part, label) for part, label in _labelled(step.parts, f"step{number}")]
        for number, step in enumerate(steps, 1)
    ]
    combinations = list(itertools.product(*numbered))
    correlations = tuple(
        _ordered(plan, way, "" if len(combinations) == 1 else f"way{number}")
        for number, way in enumerate(combinations, 1)
    )
    notes = tuple(reason.message for reason in reasons)
    return SigmaDraft(detections, correlations, notes), tuple(reasons)


def _run(
    plan: SequencePlan, step: StepPlan, reasons: Sequence[Reason]
) -> tuple[SigmaDraft, tuple[Reason, ...]]:
    """One step, so many times in a row: as many events of it within the span."""
    correlation = _count(step.parts, "step1", plan.maxspan, step.runs)
    notes = tuple(reason.message for reason in reasons)
    return SigmaDraft(_detections(step.parts, "step1"), (correlation,), notes), tuple(reasons)


def _ordered(plan: SequencePlan, way: Sequence[tuple[Part, str]], label: str) -> CorrelationDraft:
    """One correlation: of each step the rule of one log source."""
    group_by, aliases = _groups(way)
    return CorrelationDraft(
        type="temporal_ordered" if plan.ordered else "temporal",
        timespan=plan.maxspan or LONGEST,
        labels=tuple(name for _, name in way),
        label=label,
        group_by=group_by,
        aliases=aliases,
    )


def _not_said(plan: SequencePlan) -> list[Reason]:
    reasons: list[Reason] = []
    if plan.until is not None:
        reasons.append(_wider("sigma-until", "Sigma cannot end a sequence at an event (`until`)."))
    if any(step.absent for step in plan.steps):
        reasons.append(_wider("sigma-absence", "Sigma cannot ask for the absence of an event in a sequence."))
    present = [step for step in plan.steps if not step.absent]
    if len(present) > 1 and any(step.runs > 1 for step in present):
        reasons.append(_wider("sigma-runs", "Sigma cannot ask for several events of one step in a row."))
    if not plan.ordered and not exclusive(plan.steps):
        message = "Sigma takes one event for several steps, where the original wants one for each."
        reasons.append(_wider("sigma-same-event", message))
    if plan.maxspan is None:
        message = "The original has no time limit; the correlation needs one and takes seven days."
        reasons.append(Reason("sigma-timespan", message, Fidelity.NARROWER))
    return reasons


def _groups(
    way: Sequence[tuple[Part, str]], counted: int = 0
) -> tuple[tuple[str, ...], dict[str, dict[str, str]]]:
    """Field names where all steps call the key alike, aliases where not; the last `counted` are no keys."""
    group_by: list[str] = []
    aliases: dict[str, dict[str, str]] = {}
    for names in zip(*(part.keys[: len(part.keys) - counted] for part, _ in way), strict=True):
        if len(set(names)) == 1:
            if names[0] not in group_by:
                group_by.append(names[0])
        else:
            alias = f"key{len(aliases) + 1}"
            group_by.append(alias)
            aliases[alias] = {label: name for (_, label), name in zip(way, names, strict=True)}
    return tuple(group_by), aliases


def _threshold(plan: ThresholdPlan) -> tuple[SigmaDraft, tuple[Reason, ...]]:
    counted = {part.keys[len(part.keys) - len(plan.cardinality) :] for part in plan.parts}
    if len(counted) > 1:
        raise Refused.because("sigma-step-log-sources", "the counted field has a name in each log source")
    reasons: list[Reason] = []
    if len(plan.cardinality) > 1 or (plan.cardinality and plan.value > plan.cardinality[0]):
        message = "Sigma cannot count events and distinct values at once: only the first values are counted."
        reasons.append(_wider("sigma-threshold", message))
    least = plan.cardinality[0] if plan.cardinality else plan.value
    correlation = _count(plan.parts, "counted", plan.window, least, len(plan.cardinality), counted.pop())
    notes = tuple(reason.message for reason in reasons)
    return SigmaDraft(_detections(plan.parts, "counted"), (correlation,), notes), tuple(reasons)


def _pipeline(plan: PipelinePlan) -> tuple[SigmaDraft, tuple[Reason, ...]]:
    """What Sigma can count of it; without that, or where a correlation cannot say it, the events alone."""
    note = "The original alerts only where counts over such events meet its conditions."
    made = SigmaDraft(_detections(plan.parts))
    reasons: tuple[Reason, ...] = ()
    if plan.nearest is not None:
        try:
            made, reasons = _threshold(plan.nearest)
        except Refused:
            pass
        else:
            if plan.whole:
                return made, reasons
            note = "The original also asks other conditions of such counts."
    made = dataclasses.replace(made, notes=(*made.notes, note))
    return made, (*reasons, _wider("sigma-pipeline", note))


def _same_in_all(parts: Sequence[Part]) -> str:
    """A field with one value in all events that are counted: a correlation must group them by something."""
    fixed = [
        dict.fromkeys(
            [
                *(name for name, values in part.where if len(values) == 1),
                *(
                    leaf.field
                    for leaf in conjuncts(part.predicate)
                    if isinstance(leaf, Equals) and not leaf.ignore_case
                ),
            ]
        )
        for part in parts
    ]
    name = next((name for name in fixed[0] if all(name in others for others in fixed[1:])), None)
    if name is None:
        raise Refused.because("sigma-group-by", "a correlation needs a field that all counted events share")
    return name


def _count(
    parts: Sequence[Part],
    label: str,
    timespan: int | None,
    least: int,
    counted: int = 0,
    fields: tuple[str, ...] = (),
) -> CorrelationDraft:
    """At least so many events of the parts within the span, or values of the first of the `fields`; the last
    `counted` of the parts' keys are no groups."""
    way = list(_labelled(parts, label))
    group_by, aliases = _groups(way, counted)
    return CorrelationDraft(
        type="value_count" if fields else "event_count",
        timespan=timespan or LONGEST,
        labels=tuple(name for _, name in way),
        group_by=group_by or (_same_in_all(parts),),
        aliases=aliases,
        condition=("gte", least),
        condition_field=fields[:1],
    )


def _wider(code: str, message: str) -> Reason:
    return Reason(code, message, Fidelity.WIDER)
