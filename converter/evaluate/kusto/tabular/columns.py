"""Operators that work row by row: `where`, `extend`, `project` and its kin, `take`, `as`, `getschema`."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.bind import Binder, Windows, output_parts, renamed
from converter.evaluate.kusto.environment import Environment
from converter.evaluate.kusto.expression import Column, Expression
from converter.evaluate.kusto.reads import Reads, keys_of, of_kinds, remembered
from converter.evaluate.kusto.relation import Relation, Rows, computed, fresh_name
from converter.evaluate.kusto.types import DOTNET_NAMES, Type
from converter.evaluate.result import Choice
from converter.source import NotSupportedError, QuerySyntaxError


def where(environment: Environment, relation: Relation, node: ast.Where) -> Relation:
    """The rows for which the predicate is true; null drops a row."""
    windows = Windows(relation.width, relation.serialized)
    binder = Binder(environment, relation.scope, windows)
    predicate = binder.typed(node.predicate, Type.BOOL, "where")
    reads = binder.reads(node.predicate)
    test = _known(predicate, reads).evaluate
    rows, width = relation.rows, relation.width
    if not windows.functions:
        chosen, keys = relation.chosen, keys_of(reads)
        if chosen is not None and keys is not None:
            chosen = (*chosen, Choice(lambda event: bool(test((event, 0))), keys))
        return replace(relation.where(test), chosen=chosen)
    return relation.with_rows(lambda: [row[:width] for row in windows.widen(rows()) if test(row)])


def _known(expression: Expression, own: Reads | None) -> Expression:
    """The expression, of which an answer is kept for other rows."""
    return of_kinds(remembered(expression, own), own)


def take(environment: Environment, relation: Relation, node: ast.Take) -> Relation:
    """The first rows, in the order that they have."""
    limit = Binder(environment).typed(node.limit, Type.LONG, "take").evaluate
    rows = relation.rows
    return relation.with_rows(lambda: rows()[: max(limit(()) or 0, 0)])


Item = tuple[str, Expression]


def _items(binder: Binder, items: Sequence[ast.Named], taken: set[str]) -> list[Item]:
    """Bound items with their names; what has no name becomes Column1, Column2, ..."""
    named: list[tuple[str | None, bool, Expression]] = []
    for item in items:
        value = _known(binder.bind(item.value), binder.reads(item.value))
        for place, (name, part) in enumerate(output_parts(item, value)):
            named.append((name, place < len(item.names), part))
    explicit = [name for name, given, _ in named if given and name]
    for name in explicit:
        if explicit.count(name) > 1:
            raise QuerySyntaxError(f"two columns are named {name}", items[0].position)
    reserved = taken | set(explicit)
    result: list[Item] = []
    counter = 0
    for name, given, part in named:
        if given and name:
            result.append((name, part))
            continue
        if name is None:
            counter += 1
            name = f"Column{counter}"
        result.append((fresh_name(name, reserved), part))
    return result


def extend(environment: Environment, relation: Relation, node: ast.Extend) -> Relation:
    """Columns added, or replaced where the name exists."""
    relation = _serialized(relation) if node.serialize else relation
    windows = Windows(relation.width, relation.serialized)
    binder = Binder(environment, relation.scope, windows)
    items = _items(binder, node.items, set())
    unnamed_safe = _without_collisions(items, node.items, relation)
    return _computed(relation, windows, unnamed_safe, replace_existing=True)


def _without_collisions(items: list[Item], nodes: Sequence[ast.Named], relation: Relation) -> list[Item]:
    """Generated names (Column1) move out of the way of columns that are there."""
    taken = {column.name for column in relation.columns}
    fixed: list[Item] = []
    for name, expression in items:
        if re.fullmatch(r"Column\d+", name) and name in taken and expression.name is None:
            name = fresh_name(name, set(taken))
        fixed.append((name, expression))
    return fixed


def _serialized(relation: Relation) -> Relation:
    return relation.with_rows(relation.rows, serialized=True)


def _computed(
    relation: Relation, windows: Windows, items: Sequence[Item], replace_existing: bool
) -> Relation:
    """The relation with items in new slots; only the items where `replace_existing` is False."""
    widened = relation.with_rows(_widened(relation, windows), width=relation.width + len(windows.functions))
    columns, width, widen = computed(widened, items, ())
    if replace_existing:
        new = {column.name: column for column in columns}
        kept = [new.pop(column.name, column) for column in relation.columns]
        columns = (*kept, *new.values())
    rows = widened.rows
    return relation.with_rows(lambda: widen(rows()), columns=columns, width=width)


def _widened(relation: Relation, windows: Windows) -> Callable[[], Rows]:
    rows = relation.rows
    return (lambda: windows.widen(rows())) if windows.functions else rows


def project(environment: Environment, relation: Relation, node: ast.Project) -> Relation:
    """Only the listed columns; a column that is only listed, or renamed, keeps its slot."""
    windows = Windows(relation.width, relation.serialized)
    binder = Binder(environment, relation.scope, windows)
    items = _items(binder, node.items, set())
    plain: dict[str, Column] = {}
    for item, (name, _) in zip(node.items, items, strict=False):
        value = item.value
        column = relation.scope.find(value.name) if isinstance(value, ast.Name) else None
        if column is not None and len(items) == len(node.items):
            plain[name] = renamed(column, name)
    rest = [(name, expression) for name, expression in items if name not in plain]
    result = _computed(relation, windows, rest, replace_existing=False)
    added = {column.name: column for column in result.columns}
    columns = tuple(plain.get(name) or added[name] for name, _ in items)
    return result.with_rows(result.rows, columns=columns, open=False)


def _matches(pattern: str, name: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))


def _check_known(relation: Relation, patterns: Sequence[str], node: ast.Node) -> None:
    """A column that is named must be there, unless the table has no schema."""
    for pattern in patterns:
        if "*" not in pattern and not relation.open and relation.scope.find(pattern) is None:
            raise QuerySyntaxError(f"unknown column {pattern}", node.position)


def project_some(environment: Environment, relation: Relation, node: ast.ProjectSome) -> Relation:
    """`project-keep` and `project-away`; the order of columns stays."""
    _check_known(relation, node.patterns, node)
    columns = tuple(
        column
        for column in relation.columns
        if any(_matches(pattern, column.name) for pattern in node.patterns) is node.keep
    )
    # what is kept may be a column that no event has
    found = {column.name for column in columns}
    is_open = relation.open and (not node.keep or not found.issuperset(node.patterns))
    return relation.with_rows(relation.rows, columns=columns, open=is_open)


def project_rename(environment: Environment, relation: Relation, node: ast.ProjectRename) -> Relation:
    names: dict[str, str] = {}
    for item in node.items:
        if len(item.names) != 1 or not isinstance(item.value, ast.Name):
            raise QuerySyntaxError("project-rename takes new = old", item.position)
        _check_known(relation, [item.value.name], item)
        names[item.value.name] = item.names[0]
    columns = tuple(renamed(column, names.get(column.name, column.name)) for column in relation.columns)
    labels = [column.name for column in columns]
    if len(set(labels)) < len(labels):
        raise QuerySyntaxError("two columns have one name", node.position)
    return relation.with_rows(relation.rows, columns=columns)


def project_reorder(environment: Environment, relation: Relation, node: ast.ProjectReorder) -> Relation:
    """The listed columns first; a wildcard's matches in their order, or sorted by name."""
    _check_known(relation, [pattern for pattern, _ in node.items], node)
    first: list[Column] = []
    for pattern, order in node.items:
        found = [c for c in relation.columns if _matches(pattern, c.name) and c not in first]
        if order is not None:
            by_number = order.startswith("granny")
            found.sort(key=lambda column: _name_key(column.name, by_number), reverse=order.endswith("desc"))
        first.extend(found)
    rest = [column for column in relation.columns if column not in first]
    return relation.with_rows(relation.rows, columns=(*first, *rest))


def _name_key(name: str, by_number: bool) -> list[tuple[int, str]]:
    """Names in order of their characters; with `granny`, digits in them as numbers."""
    parts = re.split(r"(\d+)", name) if by_number else [name]
    return [(int(part), "") if part.isdigit() and by_number else (-1, part) for part in parts]


def project_by_names(environment: Environment, relation: Relation, node: ast.ProjectByNames) -> Relation:
    """The columns whose names, or wildcards, are given as strings or arrays of strings."""
    binder = Binder(environment)
    patterns: list[str] = []
    for item in node.names:
        value = binder.constant(item, Type.DYNAMIC, "project-by-names")
        patterns.extend(value if isinstance(value, list) else [value])
    columns: list[Column] = []
    for pattern in patterns:
        columns.extend(c for c in relation.columns if _matches(str(pattern), c.name) and c not in columns)
    is_open = relation.open and not {column.name for column in columns}.issuperset(patterns)
    return relation.with_rows(relation.rows, columns=tuple(columns), open=is_open)


def as_name(environment: Environment, relation: Relation, node: ast.As) -> Relation:
    """Names the table, for what follows in the query and for `withsource`; computed once."""
    if environment.nested and not environment.renewed:
        raise NotSupportedError("as inside mv-apply or partition", node.position, code="kql-nested-as")
    shared = memoised(environment, relation).with_rows(memoised(environment, relation).rows, name=node.name)
    environment.names[node.name] = shared
    return shared


def memoised(environment: Environment, relation: Relation) -> Relation:
    """The relation computed once in a run, however often it is used."""
    runtime, rows = environment.runtime, relation.rows
    return relation.with_rows(lambda: runtime.once(rows, rows))


def get_schema(environment: Environment, relation: Relation, node: ast.GetSchema) -> Relation:
    if relation.open:
        raise NotSupportedError("getschema of a table without a schema", node.position, code="kql-open")
    rows = [
        (column.name, place, DOTNET_NAMES[column.type], column.type.value)
        for place, column in enumerate(relation.columns)
    ]
    names = ("ColumnName", "ColumnOrdinal", "DataType", "ColumnType")
    columns = tuple(
        Column(name, Type.LONG if name == "ColumnOrdinal" else Type.STRING, slot)
        for slot, name in enumerate(names)
    )
    return Relation(columns, len(names), lambda: list(rows), serialized=True)
