"""`percentile()` and its like: by nearest rank, exact where the engine approximates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.aggregates.binding import Compute, count_arguments, parts_of, slot, source_of
from converter.evaluate.kusto.expression import Expression, constant
from converter.evaluate.kusto.functions.sorting import sort_class
from converter.evaluate.kusto.relation import Rows
from converter.evaluate.kusto.types import Type
from converter.source import QuerySyntaxError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder


def _nearest_rank(weighted: list[tuple[Any, int]], percentile: float) -> Any:
    """The smallest value at or below which lies at least that share of the weight."""
    total = sum(weight for _, weight in weighted)
    if not total:
        return None
    needed, passed = percentile / 100 * total, 0
    for value, weight in weighted:
        passed += weight
        if passed >= needed - 1e-9:
            return value
    return weighted[-1][0]


def percentiles(binder: Binder, node: ast.Call, name: str) -> Expression:
    """`percentile(s)(w)(_array)`, by nearest rank."""
    weights, as_array = "w" in name.split("_")[0], name.endswith("_array")
    count_arguments(node, 3 if weights else 2, 100)
    source = source_of(binder)
    operand = source.bind(node.arguments[0])
    weight = source.typed(node.arguments[1], Type.LONG, f"{name}()") if weights else constant(1, Type.LONG)
    wanted = _shares(binder, node.arguments[2 if weights else 1 :])
    read, measure = operand.evaluate, weight.evaluate

    def weighted(rows: Rows) -> list[tuple[Any, int]]:
        pairs = [(read(row), measure(row)) for row in rows]
        return sorted(
            ((value, count) for value, count in pairs if value is not None and count),
            key=lambda pair: sort_class(pair[0]),
        )

    if as_array:
        compute: Compute = lambda rows: [_nearest_rank(weighted(rows), share) for share in wanted]  # noqa: E731
        prefix = "percentile" if weights else "percentiles"  # as their pages print them
        return slot(binder, Type.DYNAMIC, compute, f"{prefix}_{operand.name or ''}")

    def column(share: float) -> Expression:
        name = f"percentile_{operand.name or ''}_{f'{share:g}'.replace('.', '_')}"
        return slot(binder, operand.type, lambda rows: _nearest_rank(weighted(rows), share), name)

    columns = [column(share) for share in wanted]
    if not columns:
        raise QuerySyntaxError(f"{node.function}() of no percentile", node.position)
    return columns[0] if len(columns) == 1 else parts_of(columns)


def _shares(binder: Binder, nodes: Sequence[ast.Node]) -> list[float]:
    shares: list[float] = []
    for node in nodes:
        value = binder.constant(node, Type.DYNAMIC, "a percentile")
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, int | float) or isinstance(item, bool) or not 0 <= item <= 100:
                raise QuerySyntaxError("a percentile is a number from 0 to 100", node.position)
            shares.append(float(item))
    return shares
