"""Sources of rows: tables of events, `datatable`, `print`, `range`, `union`, `search`."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Sequence
from typing import Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.bind import Binder, output_parts
from converter.evaluate.kusto.environment import Environment
from converter.evaluate.kusto.expression import Column, Row, convert, converter_to
from converter.evaluate.kusto.relation import Relation, Rows, fresh_name
from converter.evaluate.kusto.types import NUMBERS, Type, widest
from converter.evaluate.result import Choice
from converter.source import NotSupportedError, QuerySyntaxError

MAX_RANGE = 2_000_000


def table(environment: Environment, name: str) -> Relation:
    """The events of a table: each row is the event and its number."""
    schema, is_open = environment.table_schema(name)
    columns = tuple(Column(column, kind, 0, key=column) for column, kind in schema.items())
    runtime = environment.runtime
    whole = Choice(lambda event: event.get("$table", name) == name, frozenset(("$table",)))
    runtime.choices.append(whole)
    rows = lambda: runtime.table(name)  # noqa: E731
    return Relation(columns, 2, rows, provenance=(1,), open=is_open, name=name, chosen=(whole,))


def datatable(environment: Environment, node: ast.Datatable) -> Relation:
    """Literal rows; each value is converted to its column's type."""
    width = len(node.columns)
    if width == 0 or len(node.values) % width:
        raise QuerySyntaxError("the values of the datatable do not fill its rows", node.position)
    binder = Binder(environment)
    cells = []
    for number, item in enumerate(node.values):
        kind = node.columns[number % width][1]
        expression = binder.bind(item)
        if not expression.row_free:
            raise QuerySyntaxError("a value of a datatable must be a constant", item.position)
        cells.append(convert(expression, kind).evaluate)
    columns = tuple(Column(name, kind, slot) for slot, (name, kind) in enumerate(node.columns))

    def rows() -> Rows:
        values = [cell(()) for cell in cells]
        return [tuple(values[start : start + width]) for start in range(0, len(values), width)]

    return Relation(columns, width, rows, serialized=True)


def print_row(environment: Environment, node: ast.Print) -> Relation:
    """One row; a column without a name is `print_` and its place."""
    binder = Binder(environment)
    columns: list[Column] = []
    functions = []
    taken: set[str] = set()
    for place, item in enumerate(node.items):
        expression = binder.bind(item.value)
        parts = output_parts(item, expression)
        for name, part in parts:
            derived = name if item.names or len(parts) > 1 else None
            label = fresh_name(derived or f"print_{place}", taken)
            columns.append(Column(label, part.type, len(columns)))
            functions.append(part.evaluate)
    return Relation(tuple(columns), len(columns), lambda: [tuple(f(()) for f in functions)], serialized=True)


def number_range(environment: Environment, node: ast.Range) -> Relation:
    """Equally spaced values from start to stop, both included."""
    binder = Binder(environment)
    start, stop, step = (binder.bind(part) for part in (node.start, node.stop, node.step))
    kind, step_kind = _range_types(start.type, stop.type, step.type, node)
    change, change_step = converter_to(kind), converter_to(step_kind)

    def rows() -> Rows:
        value, last = change(start.evaluate(())), change(stop.evaluate(()))
        size = change_step(step.evaluate(()))
        if value is None or last is None or not size:
            return []
        if not abs((last - value) / size) <= MAX_RANGE or value + size == value:
            raise NotSupportedError(f"a range of over {MAX_RANGE} rows", node.position, code="kql-range")
        found: Rows = []
        wrap = type(value)
        while value <= last if size > 0 else value >= last:
            found.append((wrap(value),))
            if value + size == value:
                raise NotSupportedError("a step too small for the range", node.position, code="kql-range")
            value = value + size
        return found

    return Relation((Column(node.name, kind, 0),), 1, rows, serialized=True)


def _range_types(start: Type, stop: Type, step: Type, node: ast.Range) -> tuple[Type, Type]:
    """The types of a range's values and of its step; a dynamic is taken as what the others are."""
    untyped = {Type.DYNAMIC, Type.UNKNOWN}
    ends = {start, stop} - untyped
    if ends <= NUMBERS and step in NUMBERS | untyped:
        kind = widest([*ends, *({step} - untyped), Type.LONG])
        return kind, kind
    if ends in ({Type.DATETIME}, {Type.TIMESPAN}) and step in untyped | {Type.TIMESPAN}:
        return ends.pop(), Type.TIMESPAN
    shown = ", ".join(kind.value for kind in (start, stop, step))
    raise QuerySyntaxError(f"range does not take {shown}", node.position)


# ---- union

Leg = tuple[str, Relation]


def union(environment: Environment, node: ast.Union, first: Relation | None = None) -> Relation:
    """The rows of all tables; a column of several types becomes one column for each."""
    legs: list[Leg] = [] if first is None else [(first.name, first)]
    fuzzy = node.settings.get("isfuzzy", "false").lower() == "true"
    for item in node.legs:
        legs.extend(_legs(environment, item, fuzzy))
    any_table = not environment.known_tables and any(isinstance(item, ast.Wildcard) for item in node.legs)
    if not legs and (fuzzy or any_table):
        legs.append(("", Relation((), 2, list, provenance=(1,), open=True)))
    if not legs:
        raise QuerySyntaxError("union of no table", node.position)
    for name in node.settings:
        if name not in ("kind", "withsource", "with_source", "isfuzzy"):
            raise QuerySyntaxError(f"union does not take {name}", node.position)
    kind = node.settings.get("kind", "outer")
    if kind not in ("outer", "inner"):
        raise QuerySyntaxError(f"unknown kind={kind} of union", node.position)
    source = node.settings.get("withsource") or node.settings.get("with_source")
    return combine(legs, kind, source)


def _legs(environment: Environment, node: ast.Node, fuzzy: bool) -> list[Leg]:
    """The tables that one element of a union stands for; with `isfuzzy` only those that exist."""
    if isinstance(node, ast.Wildcard):
        return _wildcard_legs(environment, node)
    if fuzzy and _unknown_table(environment, node):
        return []
    relation = environment.bind_table(node, environment)
    return [(relation.name, relation)]


def _unknown_table(environment: Environment, node: ast.Node) -> bool:
    """Whether a leg begins with a table that is not defined in the query, has no schema, and no events."""
    while isinstance(node, ast.Parenthesis | ast.Pipeline):
        inner = node.inner if isinstance(node, ast.Parenthesis) else node.source
        assert inner is not None
        node = inner
    if not isinstance(node, ast.Name) or environment.find(node.name) is not None:
        return False
    return node.name not in environment.known_tables and not environment.runtime.has_events(node.name)


def _wildcard_legs(environment: Environment, node: ast.Wildcard) -> list[Leg]:
    legs: list[Leg] = []
    for name, found in environment.all_names().items():
        is_view = getattr(getattr(found, "definition", None), "view", False)
        if is_view and fnmatch.fnmatchcase(name, node.pattern):
            call = ast.Call(name, (), position=node.position)
            legs.append((name, environment.bind_table(call, environment)))
    for name in (
        *environment.known_tables,
        *sorted(environment.runtime.tables() - set(environment.known_tables)),
    ):
        if fnmatch.fnmatchcase(name, node.pattern):
            legs.append((name, table(environment, name)))
    return legs


def _unified(legs: Sequence[Leg], kind: str) -> list[tuple[str, str, Type]]:
    """The columns of a union: output name, name in the legs, type."""
    types: dict[str, list[Type]] = {}
    for _, relation in legs:
        for column in relation.columns:
            found = types.setdefault(column.name, [])
            if column.type not in found and column.type is not Type.UNKNOWN:
                found.append(column.type)
    if kind == "inner":
        common = set.intersection(*[{(c.name, c.type) for c in relation.columns} for _, relation in legs])
        types = {name: [k for k in kinds if (name, k) in common] for name, kinds in types.items()}
    single = {name for name, kinds in types.items() if len(kinds) == 1}
    taken = set(single)
    unified: list[tuple[str, str, Type]] = []
    for name, kinds in types.items():
        for column_type in kinds:
            label = name if name in single else fresh_name(f"{name}_{column_type.value}", taken)
            unified.append((label, name, column_type))
    return unified


def combine(legs: Sequence[Leg], kind: str = "outer", source: str | None = None) -> Relation:
    """Rows of several tables as one; a row holds its table's place, the row, and its events."""
    readers = [dict[tuple[str, Type], Callable[[Row], Any]]() for _ in legs]
    for place, (_, relation) in enumerate(legs):
        for column in relation.columns:
            readers[place][column.name, column.type] = column.reader()
    columns = tuple(
        Column(label, column_type, 0, source=_leg_reader(readers, name, column_type))
        for label, name, column_type in _unified(legs, kind)
    )
    names = [name or f"union_arg{place}" for place, (name, _) in enumerate(legs)]
    if source is not None:
        columns = (Column(source, Type.STRING, 0, source=lambda content: names[content[0]]), *columns)
    is_event = all(relation.provenance for _, relation in legs)
    parts = [(place, relation.rows, relation.provenance) for place, (_, relation) in enumerate(legs)]

    def rows() -> Rows:
        return [((place, row), events_of(row, slots)) for place, read, slots in parts for row in read()]

    return Relation(
        columns, 2, rows, (1,) if is_event else (), open=any(relation.open for _, relation in legs)
    )


def _leg_reader(
    readers: Sequence[dict[tuple[str, Type], Callable[[Row], Any]]], name: str, kind: Type
) -> Callable[[Any], Any]:
    empty = "" if kind is Type.STRING else None
    absent: Callable[[Row], Any] = lambda row: empty  # noqa: E731
    by_leg = [leg.get((name, kind), absent) for leg in readers]
    return lambda content: by_leg[content[0]](content[1])


def events_of(row: Row, slots: Sequence[int]) -> tuple[int, ...]:
    """The numbers of the events that a row comes from, each once."""
    numbers: dict[int, None] = {}
    for slot in slots:
        value = row[slot]
        if isinstance(value, int):
            numbers[value] = None
        elif value is not None:
            numbers.update(dict.fromkeys(value))
    return tuple(numbers)


# ---- search


def search(environment: Environment, node: ast.Search, given: Relation | None = None) -> Relation:
    """Rows in which a term, or a predicate, holds in any column; over the views and tables in scope."""
    if given is None:
        legs: list[Leg] = []
        for item in node.tables or (ast.Wildcard("*", position=node.position),):
            legs.extend(_legs(environment, item, fuzzy=False))
        if not legs:
            raise NotSupportedError(
                "search over all tables, without schemas", node.position, code="kql-search"
            )
        has_columns = [leg for leg in legs if _mentions(node.predicate, leg[1])]
        given = combine(has_columns or legs, source="$table")
    cased = node.settings.get("kind") == "case_sensitive"
    predicate = _search_predicate(node.predicate, cased)
    test = Binder(environment, given.scope).typed(predicate, Type.BOOL, "search").evaluate
    rows = given.rows
    return given.with_rows(lambda: [row for row in rows() if test(row)])


def _mentions(node: ast.Node, relation: Relation) -> bool:
    """Whether all columns that a predicate names are the table's."""
    if isinstance(node, ast.Name):
        return relation.scope.find(node.name) is not None
    if isinstance(node, ast.Logical):
        return all(_mentions(operand, relation) for operand in node.operands)
    if isinstance(node, ast.Binary):
        return _mentions(node.left, relation) and _mentions(node.right, relation)
    return True


def _search_predicate(node: ast.Node, cased: bool) -> ast.Node:
    """Bare strings stand for `* has "..."`, `column:"..."` for `column has "..."`, `*` for all rows."""
    operator = "has_cs" if cased else "has"
    if isinstance(node, ast.Star):
        return ast.Literal(True, Type.BOOL, position=node.position)
    if isinstance(node, ast.Literal) and node.type is Type.STRING:
        star = ast.Star(position=node.position)
        return _with_wildcards(star, node, operator)
    if isinstance(node, ast.Parenthesis):
        return ast.Parenthesis(_search_predicate(node.inner, cased), position=node.position)
    if isinstance(node, ast.Logical):
        operands = tuple(_search_predicate(operand, cased) for operand in node.operands)
        return ast.Logical(node.operator, operands, position=node.position)
    if isinstance(node, ast.Binary) and node.operator == ":" and isinstance(node.right, ast.Literal):
        return _with_wildcards(node.left, node.right, operator)
    return node


def _term_pattern(text: str, suffix: str, literal: ast.Literal) -> ast.Literal:
    """The regular expression of a term with a wildcard inside, within the boundaries of words."""
    parts = ".*".join(re.escape(part) for part in text.strip("*").split("*"))
    start, end = ("" if text.startswith("*") else r"\b"), ("" if text.endswith("*") else r"\b")
    flag = "" if suffix else "(?i)"
    return ast.Literal(f"{flag}{start}{parts}{end}", Type.STRING, position=literal.position)


def _with_wildcards(left: ast.Node, literal: ast.Literal, operator: str) -> ast.Node:
    text = str(literal.value)
    suffix = "_cs" if operator.endswith("_cs") else ""
    bare = text.strip("*")
    if "*" in bare:
        return ast.Binary(
            "matches regex", left, _term_pattern(text, suffix, literal), position=literal.position
        )
    if text.startswith("*") and text.endswith("*"):
        operator = f"contains{suffix}"
    elif text.endswith("*"):
        operator = f"hasprefix{suffix}"
    elif text.startswith("*"):
        operator = f"hassuffix{suffix}"
    term = ast.Literal(bare, Type.STRING, position=literal.position)
    return ast.Binary(operator, left, term, position=literal.position)
