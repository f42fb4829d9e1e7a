"""Plugins of `evaluate` that detections use: `bag_unpack`, `pivot`, `ipv4_lookup`, `ipv6_lookup`, ...

Source: their pages in the KQL reference. The columns of `bag_unpack` and `pivot` follow from the rows, unless
the query says which they are: the rows are then read when the query is bound, and it is bound in every run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.bind import Aggregates, Binder
from converter.evaluate.kusto.environment import Environment
from converter.evaluate.kusto.expression import (
    CONVERT,
    Column,
    Evaluate,
    Expression,
    Row,
    Scope,
    identity,
)
from converter.evaluate.kusto.functions.networks import NetworkIndex
from converter.evaluate.kusto.relation import Relation, Rows, bounded, fresh_name
from converter.evaluate.kusto.tabular.columns import memoised
from converter.evaluate.kusto.tabular.join import Kind, beside
from converter.evaluate.kusto.types import Type
from converter.evaluate.kusto.values import DateTime, Guid, TimeSpan, to_text
from converter.source import NotSupportedError, QuerySyntaxError

Plugin = Callable[[Environment, Relation, ast.Evaluate], Relation]


def evaluate(environment: Environment, relation: Relation, node: ast.Evaluate) -> Relation:
    plugin = _PLUGINS.get(node.call.function)
    if plugin is None:
        raise NotSupportedError(f"plugin {node.call.function}", node.call.position, code="kql-plugin")
    return plugin(environment, relation, node)


def _arguments(node: ast.Evaluate, names: Sequence[str], required: int) -> list[ast.Node | None]:
    """The arguments by place or by name, None for those that are left out."""
    found: dict[str, ast.Node] = {}
    for place, argument in enumerate(node.call.arguments):
        if isinstance(argument, ast.Named):
            found[argument.names[0]] = argument.value
        elif place < len(names):
            found[names[place]] = argument
    if not set(found) <= set(names) or len(found) < len(node.call.arguments) or len(found) < required:
        raise QuerySyntaxError(
            f"{node.call.function} does not take these {len(node.call.arguments)} arguments",
            node.call.position,
        )
    return [found.get(name) for name in names]


def _explored(environment: Environment, relation: Relation, node: ast.Evaluate) -> tuple[Relation, Rows]:
    """The table, and its rows as they are now."""
    if environment.nested:
        raise NotSupportedError(
            f"{node.call.function} without a schema, inside mv-apply or partition", node.call.position
        )
    environment.runtime.explored = True
    shared = memoised(environment, relation)
    return shared, shared.rows()


# ---- bag_unpack

_CONFLICTS = ("error", "replace_source", "keep_source")


def bag_unpack(environment: Environment, relation: Relation, node: ast.Evaluate) -> Relation:
    """A column for each property of the bags in a column, which goes."""
    names = ("column", "OutputColumnPrefix", "columnsConflict", "ignoredProperties")
    bag, prefix_node, conflict_node, ignored_node = _arguments(node, names, 1)
    if not isinstance(bag, ast.Name):
        raise QuerySyntaxError("bag_unpack takes a column", node.call.position)
    binder = Binder(environment, relation.scope)
    read = binder.typed(bag, Type.DYNAMIC, "bag_unpack").evaluate
    prefix = _constant(binder, prefix_node, Type.STRING) or ""
    conflict = _constant(binder, conflict_node, Type.STRING) or "error"
    ignored = _constant(binder, ignored_node, Type.DYNAMIC) or []
    if conflict not in _CONFLICTS or not isinstance(ignored, list):
        raise QuerySyntaxError("unknown columnsConflict, or ignoredProperties, of bag_unpack", node.position)
    source = [column for column in relation.columns if column.name != bag.name]
    if node.columns is None:
        relation, rows = _explored(environment, relation, node)
        wanted = [(f"{prefix}{key}", kind) for key, kind in _slots(read, rows, ignored)]
    else:
        wanted = list(node.columns)
        source = source if node.and_all else []
    taken = {column.name for column in source} & {name for name, _ in wanted}
    if taken and conflict == "error":
        raise QuerySyntaxError(f"bag_unpack gives a column {sorted(taken)[0]} that is there", node.position)
    if conflict == "keep_source":
        wanted = [(name, kind) for name, kind in wanted if name not in taken]
    else:
        source = [column for column in source if column.name not in taken]
    unpacked = [
        Column(name, kind, relation.width, source=_slot_reader(name.removeprefix(prefix), kind))
        for name, kind in wanted
    ]
    inner = relation.rows
    return relation.with_rows(
        lambda: [(*row, _as_bag(read(row))) for row in inner()],
        columns=(*source, *unpacked),
        width=relation.width + 1,
        serialized=False,
        open=relation.open or node.columns is None,
    )


def _constant(binder: Binder, node: ast.Node | None, kind: Type) -> Any:
    return None if node is None else binder.constant(node, kind, "bag_unpack")


def _as_bag(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _slots(read: Evaluate, rows: Rows, ignored: Sequence[Any]) -> list[tuple[str, Type]]:
    """The properties of all bags in order of their names, each with its type; dynamic for several."""
    kinds: dict[str, set[Type]] = {}
    for row in rows:
        for key, value in (_as_bag(read(row)) or {}).items():
            if key not in ignored:
                kinds.setdefault(key, set()).update([] if value is None else [_kind(value)])
    return [(key, found.pop() if len(found) == 1 else Type.DYNAMIC) for key, found in sorted(kinds.items())]


_KINDS: dict[type, Type] = {
    bool: Type.BOOL,
    int: Type.LONG,
    float: Type.REAL,
    str: Type.STRING,
    DateTime: Type.DATETIME,
    TimeSpan: Type.TIMESPAN,
    Guid: Type.GUID,
}


def _kind(value: Any) -> Type:
    return _KINDS.get(value.__class__, Type.DYNAMIC)


def _slot_reader(key: str, kind: Type) -> Callable[[Any], Any]:
    """Reads a property of a bag as a value of the type."""
    change = CONVERT[kind]
    if kind is Type.STRING:
        return lambda bag: change(bag.get(key))
    return lambda bag: None if (value := bag.get(key)) is None else change(value)


# ---- pivot


def pivot(environment: Environment, relation: Relation, node: ast.Evaluate) -> Relation:
    """A column for each value of a column; a row for each group, with the aggregation for each value."""
    if not node.call.arguments or not isinstance(node.call.arguments[0], ast.Name):
        raise QuerySyntaxError("pivot takes a column", node.call.position)
    turned, *rest = node.call.arguments
    counting = ast.Call("count", (), position=node.position)
    aggregation = rest.pop(0) if rest and isinstance(rest[0], ast.Call) else counting
    aggregates = Aggregates(relation.scope, 0)
    value = Binder(environment, Scope(), aggregates=aggregates).bind(aggregation)
    binder = Binder(environment, relation.scope)
    key = binder.bind(turned).evaluate
    kept = _kept(relation, binder, turned, aggregation, rest, node)
    reads = [expression.evaluate for _, expression in kept]
    if node.columns is None:
        relation, found = _explored(environment, relation, node)
        labels = sorted({to_text(key(row)) for row in found})
    else:
        known = {name for name, _ in kept}
        labels = [name for name, _ in node.columns if name not in known]
    taken: set[str] = {name for name, _ in kept}
    columns = [
        *(Column(name, expression.type, slot) for slot, (name, expression) in enumerate(kept)),
        *(Column(fresh_name(label, taken), value.type, len(kept) + n) for n, label in enumerate(labels)),
    ]
    rows, computes = relation.rows, aggregates.found

    def turned_rows() -> Rows:
        groups: dict[Any, tuple[Row, dict[str, Rows]]] = {}
        for row in rows():
            cells = tuple([read(row) for read in reads])
            group = groups.setdefault(tuple(map(identity, cells)), (cells, {}))
            group[1].setdefault(to_text(key(row)), []).append(row)
        result: Rows = []
        for cells, parts in groups.values():
            bases = [tuple([compute(parts.get(label, [])) for compute in computes]) for label in labels]
            result.append((*cells, *[value.evaluate(base) for base in bases]))
        return result

    return Relation(tuple(columns), len(columns), turned_rows, open=node.columns is None)


def _kept(
    relation: Relation,
    binder: Binder,
    turned: ast.Node,
    aggregation: ast.Node,
    named: Sequence[ast.Node],
    node: ast.Evaluate,
) -> list[tuple[str, Expression]]:
    """The columns by which `pivot` groups: those named, or all but the two that it uses."""
    if named:
        if not all(isinstance(item, ast.Name) for item in named):
            raise QuerySyntaxError("pivot groups by columns", node.call.position)
        return [(item.name, binder.bind(item)) for item in named if isinstance(item, ast.Name)]
    if relation.open:
        raise NotSupportedError("pivot of all columns, without a schema", node.position, code="kql-open")
    operands = aggregation.arguments if isinstance(aggregation, ast.Call) else ()
    used = {item.name for item in (turned, *operands) if isinstance(item, ast.Name)}
    return [(column.name, column.expression()) for column in relation.columns if column.name not in used]


# ---- ipv4_lookup, ipv6_lookup


def ip_lookup(environment: Environment, relation: Relation, node: ast.Evaluate) -> Relation:
    """The rows of a table of networks beside those whose address each holds."""
    version = 4 if node.call.function.startswith("ipv4") else 6
    arguments = list(node.call.arguments)
    unmatched = False
    last = arguments[-1] if arguments else None
    if isinstance(last, ast.Named) and last.names == ("return_unmatched",):
        last = last.value
    if isinstance(last, ast.Literal) and last.type is Type.BOOL:
        unmatched = bool(last.value)
        arguments.pop()
    if len(arguments) < 3:
        raise QuerySyntaxError(f"{node.call.function} takes a table and two columns", node.call.position)
    table, address, network, *extra = arguments
    right = environment.bind_table(table, environment)
    left_binder, right_binder = Binder(environment, relation.scope), Binder(environment, right.scope)
    what = node.call.function
    read = left_binder.typed(address, Type.STRING, what).evaluate
    read_network = right_binder.typed(network, Type.STRING, what).evaluate
    pairs = [(left_binder.bind(item).evaluate, right_binder.bind(item).evaluate) for item in extra]
    kind = Kind(pairs=True, left_alone=unmatched)
    columns, provenance = beside(relation, right, kind)
    alone = (None,) * right.width
    rows, right_rows = relation.rows, right.rows

    def joined() -> Iterator[Row]:
        networks = right_rows()
        index = NetworkIndex([read_network(row) for row in networks], version)
        for row in rows():
            found = [networks[place] for place in index.matches(read(row))]
            found = [other for other in found if all(_equal(one(row), two(other)) for one, two in pairs)]
            yield from ((*row, *other) for other in found)
            if unmatched and not found:
                yield (*row, *alone)

    return Relation(
        columns,
        relation.width + right.width,
        lambda: bounded(joined(), what, node.position),
        provenance,
        open=relation.open or right.open,
    )


def _equal(one: Any, other: Any) -> bool:
    return one is not None and identity(one) == identity(other)


# ---- rows_near


def rows_near(environment: Environment, relation: Relation, node: ast.Evaluate) -> Relation:
    """The rows that are at most so many rows before or after one for which a condition holds."""
    condition, before_node, after_node = _arguments(node, ("Condition", "NumRows", "RowsAfter"), 2)
    assert condition is not None and before_node is not None
    if not relation.serialized:
        raise QuerySyntaxError("rows_near needs a serialized table (sort or serialize)", node.position)
    binder = Binder(environment, relation.scope)
    test = binder.typed(condition, Type.BOOL, "rows_near").evaluate
    before = binder.constant(before_node, Type.LONG, "rows_near")
    after = before if after_node is None else binder.constant(after_node, Type.LONG, "rows_near")
    if min(before or 0, after or 0) < 0 or before is None or after is None:
        raise QuerySyntaxError("rows_near takes numbers of rows", node.position)
    rows = relation.rows

    def near() -> Rows:
        found = rows()
        kept = bytearray(len(found))
        for place, row in enumerate(found):
            if test(row) is True:
                stop = min(place + after + 1, len(found))
                start = max(place - before, 0)
                kept[start:stop] = bytes([1]) * (stop - start)
        return [row for row, keep in zip(found, kept, strict=True) if keep]

    return relation.with_rows(near)


_PLUGINS: dict[str, Plugin] = {
    "bag_unpack": bag_unpack,
    "pivot": pivot,
    "ipv4_lookup": ip_lookup,
    "ipv6_lookup": ip_lookup,
    "rows_near": rows_near,
}
