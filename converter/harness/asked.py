"""The fields that a detection asks, wherever in it."""

from __future__ import annotations

from collections.abc import Iterator

from converter.ir import (
    Detection,
    EventQuery,
    IndicatorMatch,
    Limited,
    NewTerms,
    Pipeline,
    Predicate,
    Sample,
    Sequence,
    Threshold,
)
from converter.ir.detection import Where
from converter.ir.rewrite import fields_of, value_fields


def asked_fields(detection: Detection) -> frozenset[str]:
    """The names of all fields in the detection's predicates and conditions."""
    names = {name for predicate in predicates(detection) for name in fields_of(predicate)}
    if isinstance(detection, Pipeline):
        stages = (stage for stage in detection.stages if isinstance(stage, Where))
        names.update(name for stage in stages for name in value_fields(stage.condition))
    return frozenset(names)


def predicates(detection: Detection) -> Iterator[Predicate]:
    """Every predicate of the detection, in its order."""
    match detection:
        case EventQuery(predicate=predicate) | Threshold(predicate=predicate) | NewTerms(predicate=predicate):
            yield predicate
        case IndicatorMatch(predicate=predicate):
            yield predicate
        case Sequence(steps=steps, until=until):
            yield from (step.predicate for step in steps)
            if until is not None:
                yield until.predicate
        case Sample(steps=steps):
            yield from (step.predicate for step in steps)
        case Limited(base=base):
            yield from predicates(base)
