"""Query texts of Kibana's and Elasticsearch's languages, compiled to run over events."""

from __future__ import annotations

from collections.abc import Mapping

from converter.elastic.esql.parse import parse_esql
from converter.elastic.kuery import parse_kuery
from converter.elastic.lucene import parse_lucene
from converter.elastic.queries import FieldType
from converter.elastic.types import field_type as ecs_type
from converter.evaluate.elastic.detections import compile_detection
from converter.evaluate.result import CompiledQuery
from converter.ir import EventQuery


def compile_kuery(text: str, *, field_types: Mapping[str, str] | None = None) -> CompiledQuery:
    """A Kuery text, ready to run. `field_types` are Elasticsearch types that come before the ECS list's.

    Raises QuerySyntaxError for text that is not Kuery, NotSupportedError for what cannot be evaluated.
    """
    predicate = parse_kuery(text, field_type=_types(field_types))
    return compile_detection(EventQuery(predicate), field_types=field_types)


def compile_lucene(text: str, *, field_types: Mapping[str, str] | None = None) -> CompiledQuery:
    """The same for a Lucene query string."""
    predicate = parse_lucene(text, field_type=_types(field_types))
    return compile_detection(EventQuery(predicate), field_types=field_types)


def compile_esql(text: str, *, field_types: Mapping[str, str] | None = None) -> CompiledQuery:
    """The same for ES|QL; a query that aggregates gives a table."""
    return compile_detection(parse_esql(text), field_types=field_types)


def _types(field_types: Mapping[str, str] | None) -> FieldType:
    if not field_types:
        return ecs_type
    known = dict(field_types)
    return lambda name: known.get(name) or ecs_type(name)
