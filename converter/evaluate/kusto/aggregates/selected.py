"""Aggregations that give columns of one row: `arg_max`, `arg_min`, `take_any`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.aggregates.binding import (
    Compute,
    count_arguments,
    filtered,
    parts_of,
    slot,
    source_of,
)
from converter.evaluate.kusto.expression import Expression, Scope
from converter.evaluate.kusto.functions.sorting import sort_class
from converter.evaluate.kusto.relation import Rows
from converter.evaluate.kusto.types import Type
from converter.source import QuerySyntaxError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder


def _wanted(source: Binder, nodes: Sequence[ast.Node], skip: str | None) -> list[Expression]:
    """The expressions that a row selection returns; `*` is every column but the ordering one and the keys."""
    wanted: list[Expression] = []
    for node in nodes:
        if isinstance(node, ast.Star):
            wanted.extend(column.expression() for column in source.scope.columns if column.name != skip)
        elif isinstance(node, ast.Named):
            wanted.append(source.bind(node.value).named(node.names[0]))
        else:
            wanted.append(source.bind(node))
    return wanted


def _grouped_away(binder: Binder, nodes: Sequence[ast.Node], scope: Scope) -> Scope:
    """The scope that `*` stands for: without the columns that the table is grouped by."""
    assert binder.aggregates is not None
    keys = binder.aggregates.keys
    return Scope(tuple(c for c in scope.columns if c.name not in keys), scope.width, scope.open)


def first_by(binder: Binder, node: ast.Call, name: str) -> Expression:
    """`arg_max(x, ...)`: the first row where x is largest; where all are null, the first row."""
    if not node.arguments:
        raise QuerySyntaxError(f"{node.function}() takes arguments", node.position)
    source = source_of(binder)
    first = node.arguments[0]
    key = (
        source.bind(first.value).named(first.names[0]) if isinstance(first, ast.Named) else source.bind(first)
    )
    from converter.evaluate.kusto.bind import Binder as Bind

    visible = Bind(binder.environment, _grouped_away(binder, node.arguments, source.scope))
    nodes = node.arguments[1:]
    skip = key.name
    columns = [key]
    for item in nodes:
        columns.extend(_wanted(visible if isinstance(item, ast.Star) else source, [item], skip))
    read = key.evaluate
    pick = max if name == "arg_max" else min

    def select(rows: Rows) -> Rows:
        rated = [row for row in rows if read(row) is not None]
        if not rated:
            return rows[:1]
        return [pick(rated, key=lambda row: sort_class(read(row)))]

    return _selected(binder, columns, select)


def _selected(binder: Binder, columns: Sequence[Expression], select: Callable[[Rows], Rows]) -> Expression:
    """The columns of one selected row, each with its slot."""

    def picked(expression: Expression) -> Compute:
        read = expression.evaluate
        empty = "" if expression.type is Type.STRING else None
        return lambda rows: read(chosen[0]) if (chosen := select(rows)) else empty

    return parts_of([slot(binder, item.type, picked(item), item.name) for item in columns])


def take_any(binder: Binder, node: ast.Call, name: str) -> Expression:
    """A value of some row: here the first that is neither null nor empty, else the first."""
    source = source_of(binder)
    conditional = name.endswith("if")
    count_arguments(node, *((2, 2) if conditional else (1, 100)))
    condition = source.typed(node.arguments[1], Type.BOOL, "take_anyif()") if conditional else None
    nodes = node.arguments[:1] if conditional else node.arguments
    if len(nodes) == 1 and not isinstance(nodes[0], ast.Star):
        return _first_value(binder, source.bind(nodes[0]), filtered(condition))
    from converter.evaluate.kusto.bind import Binder as Bind

    visible = Bind(binder.environment, _grouped_away(binder, nodes, source.scope))
    columns = [
        c for item in nodes for c in _wanted(visible if isinstance(item, ast.Star) else source, [item], None)
    ]
    return _selected(binder, columns, lambda rows: rows[:1])


def _first_value(binder: Binder, operand: Expression, select: Callable[[Rows], Rows]) -> Expression:
    read = operand.evaluate
    empty = "" if operand.type is Type.STRING else None

    def compute(rows: Rows) -> Any:
        found = (read(row) for row in select(rows))
        return next((value for value in found if value is not None and value != ""), empty)

    return slot(binder, operand.type, compute, operand.name)
