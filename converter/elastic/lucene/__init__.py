"""Lucene query strings, as Elasticsearch's `query_string` reads them: text to predicate."""

from converter.elastic.lucene.predicates import parse_lucene

__all__ = ["parse_lucene"]
