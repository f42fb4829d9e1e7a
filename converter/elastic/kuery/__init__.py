"""Kuery, the Kibana Query Language: text to predicate."""

from converter.elastic.kuery.predicates import parse_kuery

__all__ = ["parse_kuery"]
