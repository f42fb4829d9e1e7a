"""The Kusto (KQL) evaluator; `docs/kql.md` says what it supports and what each construct means."""

from converter.evaluate.kusto.query import compile_kusto

__all__ = ["compile_kusto"]
