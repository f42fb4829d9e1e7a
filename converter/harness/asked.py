"""The fields that a detection asks, wherever in it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from converter.elastic.types import CASELESS, field_type, parent_field
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
from converter.ir.predicate import FALSE
from converter.ir.rewrite import conjunction, fields_of, leaf_fields, leaves, value_fields
from converter.lowering.esql import normal
from converter.lowering.fidelity import Refused
from converter.lowering.recognise import Itself, in_record
from converter.taxonomy.model import Record


def asked_fields(detection: Detection) -> dict[str, bool]:
    """The fields in the detection's predicates and conditions; True where one is asked with its case."""
    asked: dict[str, bool] = {}
    for predicate in predicates(detection):
        for leaf in leaves(predicate):
            cased = getattr(leaf, "ignore_case", False) is False
            for name in leaf_fields(leaf):
                field = parent_field(name) or name
                asked[field] = asked.get(field, False) or (cased and field_type(name) != CASELESS)
    for name in keys(detection):
        asked.setdefault(name, False)
    if isinstance(detection, Pipeline):
        asked.update(dict.fromkeys(_of_pipeline(detection), True))
    return asked


def idle_fields(detection: Detection, record: Record) -> frozenset[str]:
    """The fields in the detection's predicates that are asked of none of the record's events: what is left of
    an alternative there takes the others in.

    event.type == "start" or process.name == "x"   ->   process.name, in a record of starts
    """
    each, beside = list(predicates(detection)), set(keys(detection))
    if isinstance(detection, Pipeline):
        each, beside = _filter(Itself(detection))
    inside = [found for predicate in each if (found := in_record(predicate, record)) != FALSE]
    if not inside:
        return frozenset()
    left = {name for predicate in inside for name in fields_of(predicate)}
    named = {name for predicate in each for name in fields_of(predicate)}
    return frozenset(named - left - beside)


@lru_cache(maxsize=4)
def _filter(pipeline: Itself[Pipeline]) -> tuple[list[Predicate], set[str]]:
    """What a pipeline asks of its events, and the fields that it counts or groups by."""
    from converter.elastic.esql.filter import to_predicate  # with the reader of ES|QL's conditions

    try:
        form = normal(pipeline.value)
    except Refused:
        return [], set()
    counted = {name for _, value in form.columns for name in value_fields(value)}
    return [conjunction(map(to_predicate, form.conditions))], counted


def _of_pipeline(pipeline: Pipeline) -> Iterator[str]:
    """The fields in conditions, and those that are counted and grouped by."""
    for stage in pipeline.stages:
        if isinstance(stage, Where):
            yield from value_fields(stage.condition)
    try:
        form = normal(pipeline)
    except Refused:
        return
    for _, value in form.columns:
        yield from value_fields(value)


def keys(detection: Detection) -> Iterator[str]:
    """The fields by which events are joined, counted or looked up."""
    match detection:
        case Sequence(steps=steps) | Sample(steps=steps):
            yield from (key.field for step in steps for key in step.keys)
        case Threshold(fields=fields, cardinality=cardinality):
            yield from fields
            yield from (name for name, _ in cardinality)
        case NewTerms(fields=fields):
            yield from fields
        case IndicatorMatch(mapping=mapping):
            yield from (name for group in mapping for name, _ in group)
        case Limited(base=base):
            yield from keys(base)


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
