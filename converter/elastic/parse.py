"""A rule's detection: its query in whichever language, its filters and what its type wraps around them.

Each language's reader is loaded for the first rule that has one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Sequence as SequenceOf
from dataclasses import fields as dataclass_fields
from typing import Any, TypeVar

from converter.elastic.places import json_position
from converter.elastic.rule import Rule, ThreatMatchSpec
from converter.elastic.size import check_rule_size
from converter.ir import (
    TRUE,
    And,
    Constant,
    Detection,
    EventQuery,
    IndicatorMatch,
    Limited,
    NewTerms,
    Pipeline,
    Predicate,
    Sample,
    Sequence,
    Step,
    Threshold,
)
from converter.ir.rewrite import conjuncts
from converter.source import NotSupportedError, Position, SourceError

_PREDICATE_TYPES = ("query", "saved_query", "threshold", "new_terms", "threat_match")


def parse_rule(rule: Rule) -> Detection:
    """What raises the rule's alert, with positions that count from the start of the rule's file.

    Raises :class:`QuerySyntaxError` for a query that is not of its language, :class:`NotSupportedError`
    (with a reason code) for what the project does not do or what is too large for it, :class:`SourceError`
    for a type or language that is none of Elastic's or that do not go together.
    """
    try:
        detection = _parse_rule(rule)
        check_rule_size(detection)
        return detection
    except SourceError as error:
        if error.path is None:
            error.path = rule.source
        raise


def _parse_rule(rule: Rule) -> Detection:
    if rule.type == "machine_learning":
        jobs = ", ".join(rule.machine_learning_jobs) or "unnamed"
        place = _place(rule, "machine_learning_job_id", "type")
        raise NotSupportedError(f"machine learning job {jobs}", place, code="machine-learning")
    if rule.query is None:
        raise NotSupportedError(
            "saved query without its text", _place(rule, "saved_id", "type"), code="saved-query"
        )
    if rule.type == "eql" and rule.language == "eql":
        return _with_filter(_in_file(rule, _parse_eql(rule), rule.query_position), rule)
    if rule.type == "esql" and rule.language == "esql":
        if rule.filters:
            place = _place(rule, "filters[0]", "filters")
            raise NotSupportedError("filters on an ES|QL rule", place, code="esql-filters")
        from converter.elastic.esql.parse import parse_esql

        pipeline: Pipeline = _in_file(rule, _located(rule, parse_esql), rule.query_position)
        return pipeline
    return _predicate_rule(rule)


def _predicate_rule(rule: Rule) -> Detection:
    if rule.type not in (*_PREDICATE_TYPES, "eql", "esql"):
        raise SourceError(f"unknown rule type {rule.type!r}", _place(rule, "type"))
    parse = _predicate_language(rule.language)
    if parse is None and rule.language not in ("eql", "esql"):
        raise SourceError(f"unknown query language {rule.language!r}", _place(rule, "language"))
    if parse is None or rule.type not in _PREDICATE_TYPES:
        message = f"a rule of type {rule.type!r} cannot have the language {rule.language!r}"
        raise SourceError(message, _place(rule, "language"))
    predicate = _in_file(rule, _located(rule, parse), rule.query_position)
    predicate = _and(predicate, _filters(rule, "filters", rule.filters))
    return _wrap(rule, predicate)


def _predicate_language(name: str | None) -> Callable[[str], Predicate] | None:
    """The reader of a language whose queries are predicates."""
    if name == "kuery":
        from converter.elastic.kuery import parse_kuery

        return parse_kuery
    if name == "lucene":
        from converter.elastic.lucene import parse_lucene

        return parse_lucene
    return None


def _wrap(rule: Rule, predicate: Predicate) -> Detection:
    """What the rule's type makes of its predicate."""
    if rule.type == "threshold" and rule.threshold is not None:
        counted = rule.threshold
        # Kibana runs a threshold of 0 like one of 1: a bucket without events does not exist.
        return Threshold(
            predicate,
            counted.fields,
            max(counted.value, 1),
            counted.cardinality,
            pos=_place(rule, "threshold"),
        )
    if rule.type == "new_terms" and rule.new_terms is not None:
        spec, place = rule.new_terms, _place(rule, "new_terms", "type")
        return NewTerms(predicate, spec.fields, spec.window, rule.look_back, pos=place)
    if rule.type == "threat_match" and rule.threat_match is not None:
        return _indicator_match(rule, predicate, rule.threat_match)
    return EventQuery(predicate, pos=predicate.pos)


def _indicator_match(rule: Rule, predicate: Predicate, spec: ThreatMatchSpec) -> IndicatorMatch:
    place = _place(rule, "threat_mapping[0]", "threat_mapping")
    if spec.negated:
        raise NotSupportedError("a negated entry of the threat mapping", place, code="negated-indicator")
    parse = _predicate_language(spec.language)
    if parse is None:
        message = f"unknown query language {spec.language!r} of the threat query"
        raise SourceError(message, _place(rule, "threat_language", "type"))
    try:
        indicators = parse(spec.query)
    except SourceError as error:
        error.position = _file_position(rule, spec.query, spec.query_position, error.position)
        raise
    indicators = _shift(indicators, _mover(rule, spec.query, spec.query_position))
    filters = _filters(rule, "threat_filters", spec.filters)
    return IndicatorMatch(predicate, _and(indicators, filters), spec.mapping, pos=place)


def _filters(rule: Rule, key: str, filters: SequenceOf[Mapping[str, Any]]) -> Predicate:
    """The filters that stand under this key of the rule; true without any."""
    if not filters:
        return TRUE
    from converter.elastic.filters import parse_filters

    places = tuple(_place(rule, f"{key}[{index}]", key) for index in range(len(filters)))
    return parse_filters(filters, places)


def _and(left: Predicate, right: Predicate) -> Predicate:
    if isinstance(right, Constant) and right.value:
        return left
    right_items = conjuncts(right)
    left_items = conjuncts(left)
    return And((*left_items, *right_items), pos=left.pos)


def _with_filter(detection: Detection, rule: Rule) -> Detection:
    """Kibana gives the filters to the search: no event that they reject is seen by any step."""
    condition = _filters(rule, "filters", rule.filters)
    if isinstance(condition, Constant) and condition.value:
        return detection
    if isinstance(detection, EventQuery):
        return EventQuery(_and(detection.predicate, condition), pos=detection.pos)
    if isinstance(detection, Limited):
        base = _with_filter(detection.base, rule)
        assert isinstance(base, (EventQuery, Sequence, Sample))
        return Limited(base, detection.pipes, pos=detection.pos)
    if isinstance(detection, Sample):
        return Sample(tuple(_step(step, condition) for step in detection.steps), pos=detection.pos)
    assert isinstance(detection, Sequence)
    until = _step(detection.until, condition) if detection.until else None
    steps = tuple(_step(step, condition) for step in detection.steps)
    return Sequence(steps, detection.maxspan, until, pos=detection.pos)


def _step(step: Step, condition: Predicate) -> Step:
    return Step(_and(step.predicate, condition), step.keys, step.runs, step.absent, pos=step.pos)


_T = TypeVar("_T")
_Move = Callable[[Position], Position]


def _parse_eql(rule: Rule) -> Detection:
    from converter.elastic.eql.parse import parse_eql

    category = rule.event_category_override or "event.category"
    return _located(rule, lambda text: parse_eql(text, category_field=category))


def _located(rule: Rule, parse: Callable[[str], _T]) -> _T:
    """Parse the rule's query; an error's place is made one of the file."""
    assert rule.query is not None
    try:
        return parse(rule.query)
    except SourceError as error:
        error.position = _file_position(rule, rule.query, rule.query_position, error.position)
        raise


def _in_file(rule: Rule, node: _T, start: Position | None) -> _T:
    assert rule.query is not None
    return _shift(node, _mover(rule, rule.query, start))


def _place(rule: Rule, *keys: str) -> Position | None:
    """The place of the first of the rule's keys that the file has."""
    for key in keys:
        if position := rule.places.get(f"rule.{key}"):
            return position
    return rule.places.get("rule")


def _file_position(
    rule: Rule, text: str, start: Position | None, position: Position | None
) -> Position | None:
    """A place in a query text, as a place in the rule's file; without a place, where the text begins."""
    if start is None or position is None:
        return position or start or _place(rule)
    if rule.source.lower().endswith(".ndjson"):
        return json_position(text, start, position)
    return position.within(start)


def _mover(rule: Rule, text: str, start: Position | None) -> _Move | None:
    if start is None:
        return None
    known: dict[Position, Position] = {}

    def move(position: Position) -> Position:
        moved = known.get(position)
        if moved is None:
            moved = known[position] = _file_position(rule, text, start, position) or position
        return moved

    return move


_FIELDS: dict[type, tuple[str, ...] | None] = {}


def _shift(node: _T, move: _Move | None) -> _T:
    """The tree with every position moved."""
    return node if move is None else _moved(node, move)


def _moved(node: Any, move: _Move) -> Any:
    kind = type(node)
    if kind is tuple:
        return tuple([_moved(item, move) for item in node])
    names = _FIELDS.get(kind, ())
    if names == ():
        known = dataclass_fields(kind) if hasattr(kind, "__dataclass_fields__") else None
        names = _FIELDS[kind] = tuple(f.name for f in known if f.name != "pos") if known is not None else None
    if names is None or kind is Position:
        return node
    values = [_moved(getattr(node, name), move) for name in names]
    return kind(*values, pos=None if node.pos is None else move(node.pos))
