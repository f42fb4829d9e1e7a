"""EQL text to ir: what Elasticsearch 8 and 9 take as an EQL query (`parse`)."""
