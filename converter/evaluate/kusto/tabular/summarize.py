"""`summarize`, `distinct` and `count`: rows that are no longer events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.bind import Aggregates, Binder, output_parts
from converter.evaluate.kusto.environment import Environment
from converter.evaluate.kusto.expression import Column, Evaluate, Expression, identity
from converter.evaluate.kusto.relation import Relation, Rows, fresh_name
from converter.evaluate.kusto.types import Type
from converter.source import NotSupportedError, QuerySyntaxError


def _group(rows: Rows, keys: Sequence[Evaluate]) -> list[tuple[tuple[Any, ...], Rows]]:
    """Rows by the values of the keys, groups in order of appearance."""
    groups: dict[Any, tuple[tuple[Any, ...], Rows]] = {}
    for row in rows:
        found = tuple([key(row) for key in keys])
        known = tuple([identity(value) for value in found])
        if known not in groups:
            groups[known] = (found, [])
        groups[known][1].append(row)
    return list(groups.values())


def _keys(
    environment: Environment, relation: Relation, items: Sequence[ast.Named], taken: set[str]
) -> list[tuple[str, Expression]]:
    binder = Binder(environment, relation.scope)
    keys: list[tuple[str, Expression]] = []
    unnamed = 0
    for item in items:
        for name, part in output_parts(item, binder.bind(item.value)):
            if part.type is Type.DYNAMIC:
                raise QuerySyntaxError("a group key is dynamic: it needs a conversion", item.position)
            if name is None:
                unnamed += 1
            keys.append((fresh_name(name or f"Column{unnamed}", taken), part))
    return keys


def summarize(environment: Environment, relation: Relation, node: ast.Summarize) -> Relation:
    """One row a group; without groups one row, also of an empty table."""
    taken: set[str] = set()
    keys = _keys(environment, relation, node.groups, taken)
    names = frozenset(expression.name or name for name, expression in keys)
    aggregates = Aggregates(relation.scope, len(keys), names)
    key_columns = tuple(Column(name, key.type, slot) for slot, (name, key) in enumerate(keys))
    binder = Binder(environment, relation.scope.__class__(), aggregates=aggregates)
    outputs: list[tuple[str, Expression]] = []
    unnamed = sum(name.startswith("Column") for name, _ in keys)
    for item in node.aggregations:
        bound = binder.bind(item.value)
        for name, part in output_parts(item, bound):
            if name is None:
                unnamed += 1
            outputs.append((fresh_name(name or f"Column{unnamed}", taken), part))
    computes, reads = aggregates.found, [key.evaluate for _, key in keys]
    functions = [expression.evaluate for _, expression in outputs]
    width = len(keys)
    columns = (
        *key_columns,
        *(Column(name, part.type, width + place) for place, (name, part) in enumerate(outputs)),
    )
    rows = relation.rows

    def grouped() -> Rows:
        groups = _group(rows(), reads) if reads else [((), list(rows()))]
        result: Rows = []
        for found, members in groups:
            base = (*found, *[compute(members) for compute in computes])
            result.append((*found, *[function(base) for function in functions]))
        return result

    # the columns that `*` stands for are all that a table without a schema has
    is_open = relation.open and any(_takes_all(item.value) for item in node.aggregations)
    return Relation(columns, len(columns), grouped, open=is_open)


def _takes_all(node: ast.Node) -> bool:
    return isinstance(node, ast.Call) and any(isinstance(item, ast.Star) for item in node.arguments)


def distinct(environment: Environment, relation: Relation, node: ast.Distinct) -> Relation:
    """Each combination of values once, in order of first appearance."""
    if any(isinstance(item, ast.Star) for item in node.items):
        if relation.open:
            raise NotSupportedError("distinct * of a table without a schema", node.position, code="kql-open")
        keys = [(column.name, column.expression()) for column in relation.columns]
    else:
        items = [ast.Named((), item, position=item.position) for item in node.items]
        keys = _keys(environment, relation, items, set())
    if not keys:
        raise QuerySyntaxError("distinct of no column", node.position)
    reads = [key.evaluate for _, key in keys]
    columns = tuple(Column(name, key.type, slot) for slot, (name, key) in enumerate(keys))
    rows = relation.rows
    return Relation(columns, len(columns), lambda: [found for found, _ in _group(rows(), reads)])


def count(environment: Environment, relation: Relation, node: ast.Count) -> Relation:
    rows = relation.rows
    return Relation((Column("Count", Type.LONG, 0),), 1, lambda: [(len(rows()),)], serialized=True)
