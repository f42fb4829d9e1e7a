"""EQL text to ir: what Elasticsearch 8 and 9 take as an EQL query."""

from converter.elastic.eql.parse import MAX_LENGTH, MAX_NESTING, parse_eql

__all__ = ["MAX_LENGTH", "MAX_NESTING", "parse_eql"]
