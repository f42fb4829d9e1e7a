"""`covariance()` and its like: of two expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.aggregates.binding import count_arguments, filtered, slot, source_of
from converter.evaluate.kusto.aggregates.rules import total
from converter.evaluate.kusto.expression import Expression
from converter.evaluate.kusto.relation import Rows
from converter.evaluate.kusto.types import Type

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder


def covariance(binder: Binder, node: ast.Call, name: str) -> Expression:
    """`covariance(p)(if)(x, y)`, over the rows that have both."""
    conditional, sample = name.endswith("if"), not name.removesuffix("if").endswith("p")
    count_arguments(node, 3 if conditional else 2, 3 if conditional else 2)
    source = source_of(binder)
    one, other = (source.typed(item, Type.REAL, f"{name}()") for item in node.arguments[:2])
    condition = source.typed(node.arguments[2], Type.BOOL, f"{name}()") if conditional else None
    select, left, right = filtered(condition), one.evaluate, other.evaluate

    def compute(rows: Rows) -> float | None:
        pairs = [(left(row), right(row)) for row in select(rows)]
        pairs = [(a, b) for a, b in pairs if a is not None and b is not None]
        count = len(pairs) - 1 if sample else len(pairs)
        if count <= 0:
            return None
        mean_a = total([a for a, _ in pairs]) / len(pairs)
        mean_b = total([b for _, b in pairs]) / len(pairs)
        return total([(a - mean_a) * (b - mean_b) for a, b in pairs]) / count

    names = [node_name.name for node_name in (source.bind(item) for item in node.arguments[:2])]
    return slot(binder, Type.REAL, compute, f"{name}_{'_'.join(part or '' for part in names)}")
