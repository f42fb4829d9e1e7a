"""ES|QL pipelines: the events that a filter takes, or the rows that are counted out of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from converter.elastic.esql.filter import to_predicate
from converter.ir import Key, Pipeline, Predicate
from converter.ir.rewrite import conjunction, present_in
from converter.lowering.assumed import of_fuzzy
from converter.lowering.esql import Normal, normal
from converter.lowering.esql_columns import columns_of, is_monotone
from converter.lowering.esql_counts import Counts, counts_of, needed
from converter.lowering.esql_groups import against, emptied
from converter.lowering.esql_names import named
from converter.lowering.esql_several import several, several_values
from converter.lowering.fidelity import Fidelity, Reason, Refused
from converter.lowering.given import Given, Notes
from converter.lowering.key_forms import counted_apart
from converter.lowering.multi_fields import as_stored
from converter.lowering.nulls import single_fields
from converter.lowering.parts import parts_of
from converter.lowering.plan import EventPlan, Part, PipelinePlan, ThresholdPlan
from converter.lowering.record_part import Beside
from converter.lowering.settle import told_once

_ALERTS = (".alerts-security.", ".internal.alerts-")
"""Indices of Elastic's own alerts: no log has them."""


def pipeline_plan(pipeline: Pipeline, given: Given, notes: Notes) -> EventPlan | PipelinePlan:
    """A filter's events, or the rows that are counted out of them. Raises Refused."""
    alerts = [source for source in pipeline.sources if source.startswith(_ALERTS)]
    if alerts:
        message = f"alerts of other rules ({alerts[0]}) are no log source"
        raise Refused.because("esql-alerts", message, position=pipeline.pos)
    given = dataclasses.replace(given, index=given.index or pipeline.sources)
    form = normal(pipeline)
    predicate = as_stored(conjunction(to_predicate(item, given.field_type) for item in form.conditions))
    notes.add((), (one for item in form.conditions for one in of_fuzzy(item)))
    before = len(notes.reasons)
    spoken = [record for record, _ in given.spoken(predicate)]
    asked = counts_of(form, present_in(predicate), several(spoken)) if given.is_sigma else None
    needs = [as_stored(to_predicate(some, given.field_type)) for some in needed(form)]
    if given.is_sigma and asked is None:
        predicate = conjunction((predicate, *needs[:1]))
    profile, taxonomy = given.profile.name, given.taxonomy
    once = [told_once(predicate, record, profile, taxonomy) for record in spoken]
    single = frozenset.intersection(*once) if once else frozenset[str]()
    notes.add(several_values(pipeline, form, predicate, given.profile.target, spoken, single))
    if not form.stages:
        found = parts_of(predicate, given, notes)
        return EventPlan(found, _limit(form, found, given, notes))
    if given.is_sigma:
        _limit(form, (), given, notes)
        return _counted(form, predicate, asked, given, notes)
    for some in needs:  # no row is without such an event: without a log of them, that is refused
        parts_of(conjunction((predicate, some)), given, Notes())
    compared = frozenset[str]().union(*map(single_fields, form.conditions))
    parts = parts_of(predicate, given, notes, Beside(columns=columns_of(form), single=compared))
    notes.add(emptied(form, present_in(predicate)))
    if not is_monotone(form.stages):
        notes.reasons[before:] = against(notes.reasons[before:], form, predicate, parts)
    limit = _limit(form, parts, given, notes)
    return dataclasses.replace(PipelinePlan(*named(parts, form.stages)), limit=limit)


def _limit(form: Normal, parts: Sequence[Part], given: Given, notes: Notes) -> int | None:
    """How many rows of a run the target takes, where it takes as many of the original's: which ones, the
    original does not say. What a translation takes more would push these out, a `sort` says which they are,
    and a row of a data model is several events."""
    if form.limit is None:
        return None
    is_wider = any(reason.direction is Fidelity.WIDER for reason in notes.reasons)
    modelled = any(part.shape.datamodel for part in parts)
    if not (given.is_sigma or is_wider or modelled or form.is_sorted):
        return form.limit.count
    message = f"the rule takes at most {form.limit.count} rows of each run"
    notes.add([Reason("esql-limit", message, Fidelity.WIDER, None, form.limit.pos)])
    return None


def _counted(
    form: Normal, predicate: Predicate, asked: Counts | None, given: Given, notes: Notes
) -> PipelinePlan:
    """The events that a pipeline counts, and what Sigma can count of them; the events alone, where that
    asks for keys that Sigma has not."""
    nearest = None if asked is None else _nearest(predicate, asked, given, notes)
    if asked is None or nearest is None:
        return PipelinePlan(parts_of(predicate, given, notes), form.stages, {}, frozenset())
    return PipelinePlan(nearest.parts, form.stages, {}, frozenset(), nearest, asked.whole)


def _nearest(predicate: Predicate, asked: Counts, given: Given, notes: Notes) -> ThresholdPlan | None:
    """What Sigma can count of the events; None where a log source has not the keys for it, or all log sources
    hold what is counted in a key."""
    counted = () if asked.counted is None else (Key(asked.counted, optional=True),)
    names = frozenset(key.field for key in counted)
    tried = Notes()
    try:
        parts = parts_of(predicate, given, tried, Beside((*asked.fields, *counted), counted=names))
        tried.add(counted_apart(parts, len(asked.fields), [(key, asked.least) for key in counted]))
    except Refused:
        return None
    notes.add(tried.reasons, tried.assumed)
    least = (asked.least,) if counted else ()
    return ThresholdPlan(parts, 1 if counted else asked.least, least, given.since)
