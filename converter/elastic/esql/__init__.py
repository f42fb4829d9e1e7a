"""ES|QL: text to pipeline, and its conditions to predicates."""

from converter.elastic.esql.filter import to_predicate
from converter.elastic.esql.parse import parse_esql

__all__ = ["parse_esql", "to_predicate"]
