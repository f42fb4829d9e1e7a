"""`mv-expand`, `mv-apply` and `partition`: rows out of values, and operators run on parts of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field, replace
from decimal import Decimal
from typing import Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.bind import Binder
from converter.evaluate.kusto.environment import Environment, Scalar
from converter.evaluate.kusto.expression import Column, Evaluate, Expression, Row, identity, to_int, to_long
from converter.evaluate.kusto.relation import MAX_ROWS, Relation, Rows, bounded, too_many
from converter.evaluate.kusto.types import Type
from converter.evaluate.kusto.values import DateTime, Guid, TimeSpan
from converter.frozen import dataclass
from converter.source import QuerySyntaxError

RunOperators = Callable[[Environment, Relation, Sequence[ast.Node]], Relation]


def _number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool | DateTime | TimeSpan)


_CASTS: dict[Type, Callable[[Any], Any]] = {
    Type.BOOL: lambda value: value if isinstance(value, bool) else None,
    Type.INT: lambda value: to_int(value) if _number(value) else None,
    Type.LONG: lambda value: to_long(value) if _number(value) else None,
    Type.REAL: lambda value: float(value) if _number(value) else None,
    Type.DECIMAL: lambda value: Decimal(str(value)) if _number(value) else None,
    Type.STRING: lambda value: value if isinstance(value, str) else "",
    Type.DATETIME: lambda value: value if isinstance(value, DateTime) else None,
    Type.TIMESPAN: lambda value: value if isinstance(value, TimeSpan) else None,
    Type.GUID: lambda value: value if isinstance(value, Guid) else None,
    Type.DYNAMIC: lambda value: value,
}
"""`to typeof(...)` casts and does not convert: an element of another type is null."""


@dataclass(frozen=True, slots=True)
class _Items:
    """What is expanded: columns in slots behind the row's, and the values of each row."""

    columns: tuple[Column, ...]
    width: int
    expand: Callable[[Row], list[Row]]


def _items(environment: Environment, relation: Relation, node: ast.Expand) -> _Items:
    bags = node.settings.get("kind") or node.settings.get("bagexpansion") or "bag"
    if bags not in ("bag", "array"):
        raise QuerySyntaxError(f"unknown kind={bags} of mv-expand", node.position)
    index_name = node.settings.get("with_itemindex")
    binder = Binder(environment, relation.scope)
    columns: list[Column] = []
    reads: list[tuple[Evaluate, Callable[[Any], Any]]] = []
    for item in node.items:
        expression = binder.bind(item.value.value)
        if expression.type not in (Type.DYNAMIC, Type.UNKNOWN):
            raise QuerySyntaxError(f"mv-expand of {expression.type.value}", item.position)
        kind = item.type or Type.DYNAMIC
        name = item.value.names[0] if item.value.names else expression.name or f"Column{len(columns) + 1}"
        columns.append(Column(name, kind, relation.width + len(columns)))
        reads.append((expression.evaluate, _CASTS[kind]))
    if index_name:
        columns.append(Column(index_name, Type.LONG, relation.width + len(columns)))
    limit = Binder(environment).typed(node.limit, Type.LONG, "limit").evaluate if node.limit else None

    def expand(row: Row) -> list[Row]:
        arrays = [_elements(read(row), bags) for read, _ in reads]
        count = max(len(array) for array in arrays)
        if limit is not None:
            count = min(count, limit(()) or 0)
        expanded: list[Row] = []
        for place in range(count):
            found = [
                cast(array[place] if place < len(array) else None)
                for array, (_, cast) in zip(arrays, reads, strict=True)
            ]
            expanded.append((*found, place) if index_name else tuple(found))
        return expanded

    return _Items(tuple(columns), relation.width + len(columns), expand)


def _elements(value: Any, bags: str) -> list[Any]:
    """An array's elements, a bag's properties; anything else, null too, is one element."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return [[key, item] if bags == "array" else {key: item} for key, item in value.items()]
    return [value]


def _merged(relation: Relation, added: Sequence[Column]) -> tuple[Column, ...]:
    """The columns with some replaced by new ones of the same name, the rest of the new ones behind."""
    new = {column.name: column for column in added}
    return (*[new.pop(column.name, column) for column in relation.columns], *new.values())


def expand(environment: Environment, relation: Relation, node: ast.Expand) -> Relation:
    """One row for each element; none for an empty array, one for null."""
    items = _items(environment, relation, node)
    rows, each = relation.rows, items.expand
    return relation.with_rows(
        lambda: bounded(
            ((*row, *values) for row in rows() for values in each(row)), "mv-expand", node.position
        ),
        columns=_merged(relation, items.columns),
        width=items.width,
    )


@dataclass(slots=True)
class _Feed:
    """The rows that a nested pipeline is given."""

    rows: Rows = field(default_factory=list)


def _names_itself(body: ast.Node) -> bool:
    """Whether the operators give the part that they run on a name."""
    return isinstance(body, ast.Pipeline) and any(isinstance(item, ast.As) for item in body.operators)


def _renewing(environment: Environment, renewed: bool, compute: Callable[[], Rows]) -> Callable[[], Rows]:
    runtime = environment.runtime
    return (lambda: runtime.renewed(compute)) if renewed else compute


def apply(environment: Environment, relation: Relation, node: ast.Expand, run: RunOperators) -> Relation:
    """`mv-apply`: the operators run on the elements of each row; what they give is put beside the row."""
    assert node.body is not None
    items = _items(environment, relation, node)
    feed = _Feed()
    inner = relation.with_rows(
        lambda: feed.rows, columns=_merged(relation, items.columns), width=items.width, serialized=True
    )
    renewed = _names_itself(node.body)
    result = run(environment.inside_rows(renewed), inner, node.body.operators)
    moved = [replace(column.moved(relation.width)) for column in result.columns]
    rows, each, compute = relation.rows, items.expand, _renewing(environment, renewed, result.rows)

    def applied() -> Rows:
        found: Rows = []
        for row in rows():
            feed.rows = [(*row, *values) for values in each(row)]
            found.extend((*row, *part) for part in compute())
            if len(found) > MAX_ROWS:
                raise too_many("mv-apply", node.position)
        return found

    return relation.with_rows(
        applied,
        columns=_merged(relation, moved),
        width=relation.width + result.width,
        serialized=False,
    )


def partition(
    environment: Environment, relation: Relation, node: ast.Partition, run: RunOperators
) -> Relation:
    """The operators run on the rows of each value of a column, or a table of its own for each value."""
    column = Binder(environment, relation.scope).bind(ast.Name(node.column, position=node.position))
    key = column.evaluate
    feed = _Feed()
    inner = relation.with_rows(lambda: feed.rows, serialized=False)
    implicit = isinstance(node.body, ast.Pipeline) and node.body.source is None
    renewed = not implicit or _names_itself(node.body)
    inside = environment.inside_rows(renewed)
    if isinstance(node.body, ast.Pipeline) and implicit:
        result = run(inside, inner, node.body.operators)
    else:
        value = Expression(column.type, lambda row: key(feed.rows[0]), row_free=True)
        inside.names[node.column] = Scalar(value)
        result = environment.bind_table(node.body, inside)
    rows, compute = relation.rows, _renewing(environment, renewed, result.rows)

    def partitioned() -> Rows:
        groups: dict[Any, Rows] = {}
        for row in rows():
            groups.setdefault(identity(key(row)), []).append(row)
        found: Rows = []
        for group in groups.values():
            feed.rows = group
            found.extend(compute())
        return found

    return result.with_rows(partitioned, serialized=False)
