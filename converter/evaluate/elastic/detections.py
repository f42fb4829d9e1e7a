"""The entry: a detection, or EQL text, to a query that runs over events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from converter.elastic.types import field_type as ecs_type
from converter.evaluate.elastic.context import Context
from converter.evaluate.elastic.history import IndicatorMatcher, NewTermsMatcher, ThresholdMatcher
from converter.evaluate.elastic.indices import Reading
from converter.evaluate.elastic.predicates import compile_predicate
from converter.evaluate.elastic.sequences import Alert, SampleMatcher, SequenceMatcher
from converter.evaluate.elastic.timeline import Moment, has_time, is_event, timeline
from converter.evaluate.remembered import Remembered
from converter.evaluate.result import CompiledQuery, Event, Matches
from converter.frozen import dataclass
from converter.ir import (
    Detection,
    EventQuery,
    IndicatorMatch,
    Limited,
    NewTerms,
    Pipeline,
    Sample,
    Threshold,
)
from converter.ir import Sequence as SequenceNode
from converter.source import NotSupportedError


def compile_eql(
    text: str,
    *,
    field_types: Mapping[str, str] | None = None,
    category_field: str = "event.category",
    timestamp_field: str = "@timestamp",
) -> CompiledQuery:
    """An EQL query, ready to run; see `parse_eql` and :func:`compile_detection` for what they raise."""
    from converter.elastic.eql.parse import parse_eql

    detection = parse_eql(text, category_field=category_field, field_types=field_types)
    return compile_detection(detection, field_types=field_types, timestamp_field=timestamp_field)


def compile_detection(
    detection: Detection,
    *,
    field_types: Mapping[str, str] | None = None,
    timestamp_field: str = "@timestamp",
    index: Sequence[str] = (),
) -> CompiledQuery:
    """A detection, ready to run over ECS events: nested objects or dotted keys, with arrays.

    `field_types` (Elasticsearch types by field) come before the ECS list's; `index` are the rule's index
    patterns, without which a pipeline reads those that it names. An alert is a tuple of event
    numbers: one for an event query, in step order for a sequence (missing events have none), all of a group
    for a threshold. Events of single-event detections come in input order, other alerts in time order.

    Raises NotSupportedError for what cannot be evaluated, naming it.
    """
    if isinstance(detection, Pipeline):
        from converter.evaluate.elastic.pipeline import compile_pipeline

        return Reading(compile_pipeline(detection, field_types), index or detection.sources, rows=True)
    return Reading(_compiled(detection, Context(_types(field_types), timestamp_field)), index)


def compile_remembering(
    detection: Detection, *, index: Sequence[str] = (), like: CompiledQuery | None = None
) -> CompiledQuery:
    """As :func:`compile_detection`, over events that do not change: what a pipeline finds out about one of
    them is kept, as long as the query is. `like`: another one, of a pipeline whose stages are the same up to
    the first `stats`; what these find is kept for both."""
    query = compile_detection(detection, index=index)
    if isinstance(detection, Pipeline):
        from converter.evaluate.elastic.pipeline import CompiledPipeline

        like = like.query if isinstance(like, Remembered) else like
        other = like.query if isinstance(like, Reading) else None
        if isinstance(query, Reading) and isinstance(query.query, CompiledPipeline):
            known = other if isinstance(other, CompiledPipeline) else None
            return replace(query, query=query.query.remembering(known))
    return query


def compile_deciding(detection: Detection, *, index: Sequence[str] = ()) -> CompiledQuery:
    """As :func:`compile_remembering`, for who asks whether there are rows and how many, not what they say.
    Raises for what cannot be evaluated, wherever it stands."""
    if isinstance(detection, Pipeline):
        from converter.evaluate.elastic.esql_deciding import deciding

        compile_detection(detection)
        detection = deciding(detection)
    return compile_remembering(detection, index=index)


def asks_time(query: CompiledQuery) -> bool:
    """Whether it may matter to a compiled pipeline when events are, beside the order in which they come."""
    from converter.evaluate.elastic.pipeline import CompiledPipeline

    inner = query.query if isinstance(query, Reading) else query
    return not isinstance(inner, CompiledPipeline) or inner.asks_time


def _compiled(
    detection: EventQuery | IndicatorMatch | Limited | SequenceNode | Sample | Threshold | NewTerms,
    context: Context,
) -> CompiledQuery:
    """The detection over whatever events there are."""
    if isinstance(detection, EventQuery):
        return _EventQuery(compile_predicate(detection.predicate, context), context)
    if isinstance(detection, IndicatorMatch):
        return _Untimed(IndicatorMatcher(detection, context).run, context)
    if isinstance(detection, Limited):
        run = _limit(_timed(detection.base, context), detection.pipes)
        return _Timed(run, context, *_uses_time(detection.base))
    return _Timed(_timed(detection, context), context, *_uses_time(detection))


_Run = Callable[[Sequence[Moment]], list[Alert]]


def _types(field_types: Mapping[str, str] | None) -> Callable[[str], str]:
    if not field_types:
        return ecs_type
    known = dict(field_types)
    return lambda name: known.get(name) or ecs_type(name)


def _timed(detection: EventQuery | SequenceNode | Sample | Threshold | NewTerms, context: Context) -> _Run:
    """How to run over a timeline."""
    if isinstance(detection, SequenceNode):
        return SequenceMatcher(detection, context).run
    if isinstance(detection, Sample):
        return SampleMatcher(detection, context).run
    if isinstance(detection, Threshold):
        return ThresholdMatcher(detection, context).run
    if isinstance(detection, NewTerms):
        return NewTermsMatcher(detection, context).run
    holds = compile_predicate(detection.predicate, context)
    return lambda moments: [(moment.number,) for moment in moments if holds(moment.event)]


def _uses_time(detection: Detection) -> tuple[bool, bool]:
    """Whether the outcome depends on the order of events, and whether it does on their times."""
    if isinstance(detection, SequenceNode):
        return True, detection.maxspan is not None
    history = isinstance(detection, NewTerms)
    return history, history


def _limit(run: _Run, pipes: Sequence[tuple[str, int]]) -> _Run:
    def limited(moments: Sequence[Moment]) -> list[Alert]:
        alerts = run(moments)
        for name, count in pipes:
            alerts = alerts[:count] if name == "head" else alerts[max(len(alerts) - count, 0) :]
        return alerts

    return limited


@dataclass(frozen=True, slots=True)
class _EventQuery:
    holds: Callable[[Event], bool]
    context: Context

    def run(self, events: Sequence[Event]) -> Matches:
        """Each event that satisfies the predicate, in input order."""
        self.context.start(events)
        holds = self.holds
        found = [(number,) for number, event in enumerate(events) if holds(event) and is_event(event)]
        return Matches(tuple(found))


@dataclass(frozen=True, slots=True)
class _Untimed:
    alerts: Callable[[Sequence[Event]], list[Alert]]
    context: Context

    def run(self, events: Sequence[Event]) -> Matches:
        """Alerts that do not depend on the order of events."""
        self.context.start(events)
        return Matches(tuple(self.alerts(events)))


@dataclass(frozen=True, slots=True)
class _Timed:
    alerts: _Run
    context: Context
    ordered: bool
    needs_time: bool

    def run(self, events: Sequence[Event]) -> Matches:
        """Alerts over the timeline. Raises NotSupportedError where a time span meets events without times."""
        self.context.start(events)
        timestamp_field = self.context.timestamp_field
        if self.needs_time and events and not has_time(events, timestamp_field):
            raise NotSupportedError(
                f"a time span over events without '{timestamp_field}'", code="no-timestamp"
            )
        return Matches(tuple(self.alerts(timeline(events, timestamp_field, self.ordered))))
