"""What all aggregations need to be bound: the rows that are aggregated, a slot of the result, a name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.expression import Column, Expression, null
from converter.evaluate.kusto.relation import Rows
from converter.evaluate.kusto.types import Type
from converter.source import QuerySyntaxError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder

Compute = Callable[[Rows], Any]


def source_of(binder: Binder) -> Binder:
    """A binder over the rows that are aggregated."""
    from converter.evaluate.kusto.bind import Binder as Bind

    assert binder.aggregates is not None
    return Bind(binder.environment, binder.aggregates.source)


def slot(binder: Binder, kind: Type, compute: Compute, name: str | None) -> Expression:
    """The aggregation as an expression that reads its slot of the result row."""
    assert binder.aggregates is not None
    column = Column(name or "", kind, binder.aggregates.add(compute))
    return Expression(kind, column.reader(), name=name)


def count_arguments(node: ast.Call, least: int, most: int) -> None:
    """Raises QuerySyntaxError for another number of arguments."""
    if not least <= len(node.arguments) <= most:
        raise QuerySyntaxError(
            f"{node.function}() does not take {len(node.arguments)} arguments", node.position
        )


def named(prefix: str, operand: Expression | None) -> str | None:
    """The name of the column, as the reference derives it from what is aggregated."""
    if operand is None or operand.name is None:
        return f"{prefix}_" if prefix else None
    return f"{prefix}_{operand.name}" if prefix else operand.name


def filtered(condition: Expression | None) -> Callable[[Rows], Rows]:
    """Which rows the condition leaves; all without one."""
    if condition is None:
        return lambda rows: rows
    test = condition.evaluate
    return lambda rows: [row for row in rows if test(row) is True]


def is_star(node: ast.Call) -> bool:
    """Whether the call is of `*`."""
    return any(isinstance(item, ast.Star) for item in node.arguments)


def parts_of(columns: Sequence[Expression]) -> Expression:
    """The columns as one expression; a null where there are none, as `*` of a table without a schema."""
    if not columns:
        return null(Type.UNKNOWN)
    first = columns[0]
    return Expression(first.type, first.evaluate, name=first.name, parts=tuple(columns))
