"""Kibana filters and the Elasticsearch query DSL inside them, as a predicate.

A filter is a dictionary: `meta` says whether it is disabled or negated, `query` holds the DSL (older
filters have it beside `meta`). Source: Kibana's `buildQueryFromFilters` (`kbn-es-query`) and the
Elasticsearch reference, "Query DSL". What is not known here is refused: nothing is lost in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any, cast

from converter.elastic.queries import (
    FieldType,
    all_of,
    any_of,
    between,
    match,
    merge_stars,
    pattern_of,
    range_,
    term,
    wildcard,
)
from converter.elastic.regexes import regex_leaf
from converter.elastic.types import field_type as ecs_type
from converter.ir import FALSE, TRUE, Exists, Nested, Not, Or, Predicate, Scalar, Wild
from converter.source import NotSupportedError, Position, SourceError

Body = Mapping[str, Any]

_IGNORED = frozenset({"boost", "_name", "rewrite", "auto_generate_synonyms_phrase_query", "ignore_unmapped"})
"""Parameters that change scores and speed, not what matches; `ignore_unmapped` is an error or no match."""

_NOT_A_QUERY = frozenset({"meta", "$state"})
_OLD_FORMS = ("exists", "range", "match_all", "bool", "script", "geo_distance", "geo_bounding_box")
_MAX_DEPTH = 32
_MAX_COMBINATIONS = 100


def parse_filters(
    filters: Sequence[Body],
    places: Sequence[Position | None] = (),
    *,
    field_type: FieldType = ecs_type,
) -> Predicate:
    """The AND of the filters that are not disabled; without any, true. `places` are where they stand.

    Raises :class:`NotSupportedError` for a query or parameter that is not known, :class:`SourceError` for
    one that is not of the DSL's form.
    """
    items = []
    for index, entry in enumerate(filters):
        place = places[index] if index < len(places) else None
        meta = entry.get("meta", {})
        if not isinstance(meta, Mapping):
            raise SourceError("the `meta` of a filter is not a table", place)
        if not meta.get("disabled"):
            items.append(_filter(entry, meta, _Reader(field_type, place)))
    return all_of(items, items[0].pos) if items else TRUE


def _filter(entry: Body, meta: Body, reader: _Reader) -> Predicate:
    if meta.get("type") == "combined" or (isinstance(meta.get("params"), list) and "relation" in meta):
        predicate = _combined(meta, reader)
    else:
        query = entry.get("query")
        if query is None:
            query = {key: entry[key] for key in _OLD_FORMS if key in entry}
            others = set(entry) - set(query) - _NOT_A_QUERY
            if others or not query:
                what = ", ".join(sorted(others)) or "without a query"
                raise NotSupportedError(f"filter {what}", reader.place, code="filter")
        predicate = reader.query(query, 0)
    return Not(predicate, pos=reader.place) if meta.get("negate") else predicate


def _combined(meta: Body, reader: _Reader) -> Predicate:
    """A filter of filters, joined by `relation`."""
    items = []
    for inner in meta.get("params") or ():
        inner_meta = inner.get("meta", {}) if isinstance(inner, Mapping) else None
        if not isinstance(inner_meta, Mapping):
            raise SourceError("a combined filter holds what is not a filter", reader.place)
        if not inner_meta.get("disabled"):
            items.append(_filter(inner, inner_meta, reader.deeper()))
    if not items:
        return TRUE
    return (any_of if meta.get("relation") == "OR" else all_of)(items, reader.place)


class _Reader:
    """Reads one filter's DSL; every node gets the filter's place, the finest that its table has."""

    def __init__(self, field_type: FieldType, place: Position | None, level: int = 0) -> None:
        self.field_type = field_type
        self.place = place
        self.level = level

    def deeper(self) -> _Reader:
        if self.level >= _MAX_DEPTH:
            raise SourceError(f"filters nested more than {_MAX_DEPTH} deep", self.place)
        return _Reader(self.field_type, self.place, self.level + 1)

    def query(self, body: Any, depth: int) -> Predicate:
        """One query clause: `{name: body}`; several are ANDed, as Kibana's older filters write them."""
        if depth > _MAX_DEPTH:
            raise SourceError(f"a filter nested more than {_MAX_DEPTH} deep", self.place)
        if not isinstance(body, Mapping) or not body:
            raise SourceError("a filter's query is not a table", self.place)
        items = []
        for name, value in body.items():
            read = _QUERIES.get(name)
            if read is None:
                raise NotSupportedError(f"filter query {name}", self.place, code="filter-query")
            items.append(read(self, value, depth))
        return all_of(items, self.place)

    def parameters(self, name: str, body: Any, *known: str) -> Body:
        if not isinstance(body, Mapping):
            raise SourceError(f"the filter query {name} is not a table", self.place)
        for key in body:
            if key not in known and key not in _IGNORED:
                raise NotSupportedError(f"parameter {key} of {name}", self.place, code="filter-parameter")
        return body

    def one_field(self, name: str, body: Any) -> tuple[str, Any]:
        if not isinstance(body, Mapping):
            raise SourceError(f"the filter query {name} is not a table", self.place)
        fields = [key for key in body if key not in _IGNORED]
        if len(fields) != 1:
            raise SourceError(f"the filter query {name} needs one field", self.place)
        return fields[0], body[fields[0]]

    def scalar(self, name: str, value: Any) -> Scalar:
        if not isinstance(value, (str, int, float, bool)):
            raise SourceError(f"the filter query {name} needs a text, a number or a boolean", self.place)
        return value

    def field_body(
        self, name: str, body: Any, value_keys: tuple[str, ...], *known: str
    ) -> tuple[str, str, Body]:
        """The field, its type, and the parameters with the value under "value"."""
        field, inner = self.one_field(name, body)
        if not isinstance(inner, Mapping):
            inner = {value_keys[0]: inner}
        self.parameters(name, inner, *value_keys, *known)
        values = [inner[key] for key in value_keys if key in inner]
        if len(values) != 1:
            raise SourceError(f"the filter query {name} needs a value", self.place)
        return field, self.field_type(field), {**inner, "value": self.scalar(name, values[0])}


def _match(reader: _Reader, body: Any, _: int) -> Predicate:
    known = ("type", "operator", "lenient", "zero_terms_query")
    field, kind, inner = reader.field_body("match", body, ("query",), *known)
    phrase = inner.get("type") == "phrase"
    operator = str(inner.get("operator", "or")).lower()
    if inner.get("type") not in (None, "phrase", "boolean") or operator not in ("or", "and"):
        raise NotSupportedError("match of this type or operator", reader.place, code="filter-parameter")
    if inner.get("lenient") or inner.get("zero_terms_query", "none") != "none":
        raise NotSupportedError("lenient or zero_terms_query of match", reader.place, code="filter-parameter")
    text = _text(inner["value"])
    predicate = match(field, kind, text, reader.place, phrase=phrase)
    if operator == "and" and isinstance(predicate, Or):
        return all_of(predicate.items, reader.place)
    return predicate


def _text(value: Scalar) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _match_phrase(reader: _Reader, body: Any, _: int) -> Predicate:
    field, kind, inner = reader.field_body("match_phrase", body, ("query",), "slop", "zero_terms_query")
    if inner.get("slop") or inner.get("zero_terms_query", "none") != "none":
        raise NotSupportedError("slop of match_phrase", reader.place, code="filter-parameter")
    return match(field, kind, _text(inner["value"]), reader.place, phrase=True)


def _term(reader: _Reader, body: Any, _: int) -> Predicate:
    field, kind, inner = reader.field_body("term", body, ("value",), "case_insensitive")
    ignore_case = bool(inner.get("case_insensitive"))
    return term(field, kind, inner["value"], reader.place, ignore_case=ignore_case)


def _terms(reader: _Reader, body: Any, _: int) -> Predicate:
    field, values = reader.one_field("terms", body)
    if not isinstance(values, list):
        raise NotSupportedError("terms lookup", reader.place, code="filter-parameter")
    kind = reader.field_type(field)
    return any_of(
        (term(field, kind, reader.scalar("terms", value), reader.place) for value in values), reader.place
    )


def _exists(reader: _Reader, body: Any, _: int) -> Predicate:
    field = reader.parameters("exists", body, "field").get("field")
    if not isinstance(field, str):
        raise SourceError("the filter query exists needs a field", reader.place)
    return Exists(field, pos=reader.place)


_RANGE_OPS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def _range(reader: _Reader, body: Any, _: int) -> Predicate:
    field, inner = reader.one_field("range", body)
    # A format only says how the dates are written; the one that Kibana writes is the fields' own.
    inner = reader.parameters("range", inner, *_RANGE_OPS, "format")
    if inner.get("format") not in (None, "strict_date_optional_time", "epoch_millis"):
        raise NotSupportedError(f"format {inner['format']} of range", reader.place, code="filter-parameter")
    kind = reader.field_type(field)
    bounds = {
        op[0]: range_(field, kind, cast(Any, op), reader.scalar("range", inner[key]), reader.place)
        for key, op in _RANGE_OPS.items()
        if inner.get(key) is not None
    }
    if not bounds:
        return Exists(field, pos=reader.place)
    if len(bounds) == 2:
        return between(field, bounds[">"], bounds["<"], reader.place)
    return next(iter(bounds.values()))


def _wildcard(reader: _Reader, body: Any, _: int) -> Predicate:
    field, kind, inner = reader.field_body("wildcard", body, ("value", "wildcard"), "case_insensitive")
    return wildcard(
        field,
        kind,
        pattern_of(_text(inner["value"])),
        reader.place,
        ignore_case=bool(inner.get("case_insensitive")),
        analysed=False,
    )


def _prefix(reader: _Reader, body: Any, _: int) -> Predicate:
    field, kind, inner = reader.field_body("prefix", body, ("value",), "case_insensitive")
    return wildcard(
        field,
        kind,
        merge_stars((_text(inner["value"]), Wild.ANY)),
        reader.place,
        ignore_case=bool(inner.get("case_insensitive")),
        analysed=False,
    )


def _regexp(reader: _Reader, body: Any, _: int) -> Predicate:
    field, kind, inner = reader.field_body("regexp", body, ("value",), "case_insensitive", "flags")
    if inner.get("flags", "ALL") != "ALL":
        raise NotSupportedError("flags of regexp", reader.place, code="filter-parameter")
    if kind not in ("keyword", "wildcard", "constant_keyword", "flattened"):
        raise NotSupportedError(f"regexp on the {kind} field {field}", reader.place, code="regexp-on-type")
    ignore_case = bool(inner.get("case_insensitive"))
    return regex_leaf(field, _text(inner["value"]), ignore_case, pos=reader.place)


def _query_string(reader: _Reader, body: Any, _: int) -> Predicate:
    known = ("query", "default_operator", "analyze_wildcard", "default_field", "fields", "time_zone")
    inner = reader.parameters("query_string", body, *known)
    for key in ("default_field", "fields", "time_zone"):
        if inner.get(key) not in (None, "*", ["*"]):
            raise NotSupportedError(f"{key} of query_string", reader.place, code="filter-parameter")
    query = inner.get("query")
    if not isinstance(query, str):
        raise SourceError("the filter query query_string needs a query", reader.place)
    default_and = str(inner.get("default_operator", "or")).lower() == "and"
    from converter.elastic.lucene import parse_lucene  # few filters have one

    try:
        return parse_lucene(query, field_type=reader.field_type, default_and=default_and)
    except SourceError as error:
        error.position = reader.place
        raise


def _match_all(reader: _Reader, body: Any, _: int) -> Predicate:
    reader.parameters("match_all", body)
    return TRUE


def _match_none(reader: _Reader, body: Any, _: int) -> Predicate:
    reader.parameters("match_none", body)
    return FALSE


def _constant_score(reader: _Reader, body: Any, depth: int) -> Predicate:
    return reader.query(reader.parameters("constant_score", body, "filter").get("filter"), depth + 1)


def _nested(reader: _Reader, body: Any, depth: int) -> Predicate:
    inner = reader.parameters("nested", body, "path", "query", "score_mode")
    path = inner.get("path")
    if not isinstance(path, str):
        raise SourceError("the filter query nested needs a path", reader.place)
    return Nested(path, reader.query(inner.get("query"), depth + 1), pos=reader.place)


def _bool(reader: _Reader, body: Any, depth: int) -> Predicate:
    inner = reader.parameters(
        "bool", body, "must", "filter", "should", "must_not", "minimum_should_match", "adjust_pure_negative"
    )
    clauses: dict[str, list[Predicate]] = {}
    for name in ("must", "filter", "should", "must_not"):
        value = inner.get(name, [])
        bodies = value if isinstance(value, list) else [value]
        clauses[name] = [reader.query(clause, depth + 1) for clause in bodies]
    required = clauses["must"] + clauses["filter"]
    items = [*required, *(Not(clause, pos=reader.place) for clause in clauses["must_not"])]
    should = clauses["should"]
    if should:
        least = inner.get("minimum_should_match", 0 if required else 1)
        items += _at_least(reader, should, least)
    return all_of(items, reader.place) if items else TRUE


def _at_least(reader: _Reader, items: list[Predicate], least: Any) -> list[Predicate]:
    """What `minimum_should_match` asks of the optional clauses."""
    if isinstance(least, str) and least.isdigit():
        least = int(least)
    if isinstance(least, bool) or not isinstance(least, int) or least < 0:
        raise NotSupportedError(f"minimum_should_match {least!r}", reader.place, code="filter-parameter")
    if least == 0:
        return []
    if least > len(items):
        return [FALSE]
    groups = list(combinations(items, least)) if len(items) <= 12 else []
    if least == 1:
        groups = [(item,) for item in items]
    if not groups or len(groups) > max(_MAX_COMBINATIONS, len(items)):
        what = f"minimum_should_match {least} of {len(items)} clauses"
        raise NotSupportedError(what, reader.place, code="filter-parameter")
    return [any_of((all_of(group, reader.place) for group in groups), reader.place)]


_QUERIES: dict[str, Callable[[_Reader, Any, int], Predicate]] = {
    "bool": _bool,
    "constant_score": _constant_score,
    "exists": _exists,
    "match": _match,
    "match_all": _match_all,
    "match_none": _match_none,
    "match_phrase": _match_phrase,
    "nested": _nested,
    "prefix": _prefix,
    "query_string": _query_string,
    "range": _range,
    "regexp": _regexp,
    "term": _term,
    "terms": _terms,
    "wildcard": _wildcard,
}
