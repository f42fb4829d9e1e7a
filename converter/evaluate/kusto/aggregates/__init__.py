"""The aggregation functions of `summarize`."""

from converter.evaluate.kusto.aggregates.calls import bind_aggregate, is_aggregate

__all__ = ["bind_aggregate", "is_aggregate"]
