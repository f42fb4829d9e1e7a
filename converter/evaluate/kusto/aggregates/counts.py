"""`count()` and `countif()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.aggregates.binding import (
    count_arguments,
    filtered,
    is_star,
    named,
    slot,
    source_of,
)
from converter.evaluate.kusto.expression import Expression
from converter.evaluate.kusto.types import Type

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder


def count_rows(binder: Binder, node: ast.Call, name: str) -> Expression:
    """`count()`: rows, also those with nulls; `count(x)` counts the same rows."""
    count_arguments(node, 0, 1)
    operand = source_of(binder).bind(node.arguments[0]) if node.arguments and not is_star(node) else None
    return slot(binder, Type.LONG, len, named("count", operand))


def count_if(binder: Binder, node: ast.Call, name: str) -> Expression:
    """`countif(x)`: rows in which x holds."""
    count_arguments(node, 1, 1)
    condition = source_of(binder).typed(node.arguments[0], Type.BOOL, "countif()")
    select = filtered(condition)
    return slot(binder, Type.LONG, lambda rows: len(select(rows)), named("countif", condition))
