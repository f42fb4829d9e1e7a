"""`sort`, `top` and `top-nested`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.bind import Aggregates, Binder
from converter.evaluate.kusto.environment import Environment
from converter.evaluate.kusto.expression import Column, Evaluate, Row, identity
from converter.evaluate.kusto.functions.sorting import sort_class
from converter.evaluate.kusto.relation import Relation, Rows
from converter.evaluate.kusto.types import Type
from converter.source import NotSupportedError, QuerySyntaxError


def sort(environment: Environment, relation: Relation, node: ast.Sort) -> Relation:
    """Rows in order, descending unless told, equal rows as they were; with a limit only the first."""
    binder = Binder(environment, relation.scope)
    keys = []
    for key in node.keys:
        expression = binder.bind(key.value.value)
        if expression.type is Type.DYNAMIC:
            raise QuerySyntaxError("sort by a dynamic value", key.position)
        keys.append((expression.evaluate, key.descending, key.nulls_first))
    rows = relation.rows
    limit = None
    if node.limit is not None:
        limit = Binder(environment).typed(node.limit, Type.LONG, "top").evaluate

    def ordered() -> Rows:
        found = list(rows())
        for read, descending, nulls_first in reversed(keys):
            found = _ordered(found, read, descending, nulls_first)
        return found if limit is None else found[: max(limit(()) or 0, 0)]

    return relation.with_rows(ordered, serialized=True)


def _ordered(rows: Rows, read: Evaluate, descending: bool, nulls_first: bool) -> Rows:
    """Rows by one key. What is no number stands between the nulls and the numbers."""
    nulls: Rows = []
    not_numbers: Rows = []
    rest: list[tuple[Any, Row]] = []
    for row in rows:
        value = read(row)
        if value is None:
            nulls.append(row)
        elif value != value:
            not_numbers.append(row)
        else:
            rest.append((value, row))
    rest.sort(key=lambda pair: sort_class(pair[0]), reverse=descending)
    sorted_rows = [row for _, row in rest]
    if nulls_first:
        return nulls + not_numbers + sorted_rows
    return sorted_rows + not_numbers + nulls


# ---- top-nested

Level = tuple[Evaluate, Callable[[Rows], Any], Callable[[Row], Any] | None, bool]


def top_nested(environment: Environment, relation: Relation, node: ast.TopNested) -> Relation:
    """The best values of each level within the best of the level before."""
    columns: list[Column] = []
    levels: list[Level] = []
    for nest in node.levels:
        if nest.others is not None:
            raise NotSupportedError("top-nested with others", nest.position, code="kql-top-nested-others")
        binder = Binder(environment, relation.scope)
        subject = binder.bind(nest.value.value)
        aggregates = Aggregates(relation.scope, 0)
        measure = Binder(environment, aggregates=aggregates).bind(nest.by.value)
        name = nest.value.names[0] if nest.value.names else subject.name or f"Column{len(columns) + 1}"
        label = nest.by.names[0] if nest.by.names else f"aggregated_{name}"
        columns.append(Column(name, subject.type, len(columns)))
        columns.append(Column(label, measure.type, len(columns)))
        limit = (
            Binder(environment).typed(nest.limit, Type.LONG, "top-nested").evaluate if nest.limit else None
        )
        levels.append((subject.evaluate, _measured(aggregates, measure.evaluate), limit, nest.descending))
    rows = relation.rows
    return Relation(tuple(columns), len(columns), lambda: _nested(rows(), levels))


def _measured(aggregates: Aggregates, evaluate: Evaluate) -> Callable[[Rows], Any]:
    return lambda rows: evaluate(tuple(compute(rows) for compute in aggregates.found))


def _nested(rows: Rows, levels: list[Level]) -> Rows:
    if not levels:
        return [()]
    (read, measure, limit, descending), *rest = levels
    groups: dict[Any, Rows] = {}
    for row in rows:
        groups.setdefault(identity(read(row)), []).append(row)
    rated = [(measure(group), group) for group in groups.values()]
    rated.sort(key=lambda pair: sort_class(pair[0]), reverse=descending)
    count = len(rated) if limit is None else max(limit(()) or 0, 0)
    return [
        (read(group[0]), value, *below) for value, group in rated[:count] for below in _nested(group, rest)
    ]
