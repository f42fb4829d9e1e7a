"""Aggregation functions of `summarize`.

Source: "Aggregation functions" in the KQL reference. Nulls are left out of every aggregation but `count`,
`make_list_with_nulls` and `take_any`. Approximations of the engine (`dcount`, `percentile`) are exact here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.expression import (
    Column,
    Expression,
    Scope,
    coerce,
    constant,
    identity,
    null,
)
from converter.evaluate.kusto.functions.sets import unique
from converter.evaluate.kusto.functions.sorting import sort_class
from converter.evaluate.kusto.relation import Rows
from converter.evaluate.kusto.schema_of import schema_of
from converter.evaluate.kusto.types import INTEGERS, NUMBERS, Type
from converter.evaluate.kusto.values import DateTime, TimeSpan, wrap_long
from converter.source import NotSupportedError, QuerySyntaxError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder

Compute = Callable[[Rows], Any]
Reduce = Callable[[list[Any]], Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """An aggregation of one expression: the types it takes and gives, what it makes of the values.

    `prefix` begins the name of the column; `limit`: a maximum size may follow the expression.
    """

    prefix: str
    takes: frozenset[Type] | None
    gives: Callable[[Type], Type]
    reduce: Reduce
    limit: bool = False
    keeps_nulls: bool = False


_SUMMABLE = NUMBERS | {Type.TIMESPAN}
_TIMES = frozenset({Type.DATETIME, Type.TIMESPAN})


def _sum(found: list[Any]) -> Any:
    """The sum, in the type of the values."""
    if not found:
        return None
    total = sum(found)
    if isinstance(found[0], TimeSpan):
        return TimeSpan(total)
    return wrap_long(total) if isinstance(total, int) else total


def _average(found: list[Any]) -> Any:
    if not found:
        return None
    if isinstance(found[0], DateTime | TimeSpan):
        return type(found[0])(sum(found) // len(found))
    return sum(found) / len(found) if isinstance(found[0], Decimal) else float(sum(found)) / len(found)


def _total(numbers: list[float]) -> float:
    """The sum without rounding errors; of infinities, or beyond all reals, what plain addition gives."""
    try:
        return math.fsum(numbers)
    except (ValueError, OverflowError):
        return sum(numbers)


def _variance(found: list[Any], sample: bool) -> float | None:
    count = len(found) - 1 if sample else len(found)
    if not found:
        return None
    if count == 0:
        return 0.0
    numbers = [float(value) for value in found]
    mean = _total(numbers) / len(numbers)
    return _total([(value - mean) * (value - mean) for value in numbers]) / count


def _deviation(found: list[Any], sample: bool) -> float | None:
    variance = _variance(found, sample)
    return None if variance is None else math.sqrt(variance)


def _elements(found: list[Any]) -> list[Any]:
    """The values, of arrays their elements."""
    if not any(isinstance(value, list) for value in found):
        return found
    spread = (item for value in found for item in (value if isinstance(value, list) else [value]))
    return [item for item in spread if item is not None]


def _merged(found: list[Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for bag in found:
        if isinstance(bag, dict):
            for key, value in bag.items():
                merged.setdefault(key, value)
    return merged


def _always(kind: Type) -> Callable[[Type], Type]:
    return lambda given: kind


def _same(given: Type) -> Type:
    return given


def _sum_type(given: Type) -> Type:
    return Type.LONG if given in INTEGERS or given is Type.UNKNOWN else given


def _average_type(given: Type) -> Type:
    return given if given in (Type.DECIMAL, Type.DATETIME, Type.TIMESPAN) else Type.REAL


def _bits(operation: Callable[[int, int], int]) -> Reduce:
    return lambda found: reduce(operation, found) if found else None


_LIST = _always(Type.DYNAMIC)
RULES: dict[str, Rule] = {
    "sum": Rule("sum", _SUMMABLE, _sum_type, lambda found: _sum(found)),
    "avg": Rule("avg", _SUMMABLE | {Type.DATETIME}, _average_type, _average),
    "min": Rule("min", None, _same, lambda found: min(found, default=None)),
    "max": Rule("max", None, _same, lambda found: max(found, default=None)),
    "stdev": Rule("stdev", NUMBERS, _always(Type.REAL), lambda found: _deviation(found, True)),
    "stdevp": Rule("stdevp", NUMBERS, _always(Type.REAL), lambda found: _deviation(found, False)),
    "variance": Rule("variance", NUMBERS, _always(Type.REAL), lambda found: _variance(found, True)),
    "variancep": Rule("variancep", NUMBERS, _always(Type.REAL), lambda found: _variance(found, False)),
    "dcount": Rule("dcount", None, _always(Type.LONG), lambda found: len({identity(v) for v in found}), True),
    "count_distinct": Rule(
        "count_distinct", None, _always(Type.LONG), lambda found: len({identity(v) for v in found})
    ),
    "make_list": Rule("list", None, _LIST, list, True),
    "make_list_with_nulls": Rule("list", None, _LIST, list, keeps_nulls=True),
    "make_set": Rule("set", None, _LIST, lambda found: unique(_elements(found)), True),
    "make_bag": Rule("bag", frozenset({Type.DYNAMIC}), _LIST, _merged, True),
    "buildschema": Rule(
        "schema", frozenset({Type.DYNAMIC}), _LIST, lambda found: schema_of(found) if found else None
    ),
    "binary_all_and": Rule("", INTEGERS, _always(Type.LONG), _bits(lambda a, b: a & b)),
    "binary_all_or": Rule("", INTEGERS, _always(Type.LONG), _bits(lambda a, b: a | b)),
    "binary_all_xor": Rule("", INTEGERS, _always(Type.LONG), _bits(lambda a, b: a ^ b)),
}
_SYNONYMS = {
    "makelist": "make_list",
    "makeset": "make_set",
    "make_dictionary": "make_bag",
    "make_list_if": "make_listif",
    "make_set_if": "make_setif",
    "make_bag_if": "make_bagif",
    "cnt": "count",
    "any": "take_any",
    "anyif": "take_anyif",
    "argmax": "arg_max",
    "argmin": "arg_min",
}
_OLD_LIMIT = 128
"""Elements that the deprecated `makelist` and `makeset` give unless told."""
_REFUSED = (
    "hll",
    "hll_if",
    "hll_merge",
    "tdigest",
    "tdigest_merge",
    "merge_tdigest",
    "passthrough",
)


def is_aggregate(name: str) -> bool:
    name = _SYNONYMS.get(name, name)
    return name in _BUILDERS or name.removesuffix("if") in RULES or name in _REFUSED


def bind_aggregate(binder: Binder, node: ast.Call) -> Expression:
    """An aggregation call inside `summarize`: an expression that reads its slot of the result row."""
    name = _SYNONYMS.get(node.function, node.function)
    if name in _REFUSED:
        raise NotSupportedError(f"aggregation {node.function}()", node.position, code="kql-sketch")
    builder = _BUILDERS.get(name)
    if builder is not None:
        return builder(binder, node, name)
    return _plain(binder, node, name)


# ---- helpers of binding


def _source(binder: Binder) -> Binder:
    """A binder over the rows that are aggregated."""
    from converter.evaluate.kusto.bind import Binder as Bind

    assert binder.aggregates is not None
    return Bind(binder.environment, binder.aggregates.source)


def _slot(binder: Binder, kind: Type, compute: Compute, name: str | None) -> Expression:
    assert binder.aggregates is not None
    column = Column(name or "", kind, binder.aggregates.add(compute))
    return Expression(kind, column.reader(), name=name)


def _count(node: ast.Call, least: int, most: int) -> None:
    if not least <= len(node.arguments) <= most:
        raise QuerySyntaxError(
            f"{node.function}() does not take {len(node.arguments)} arguments", node.position
        )


def _named(prefix: str, operand: Expression | None) -> str | None:
    if operand is None or operand.name is None:
        return f"{prefix}_" if prefix else None
    return f"{prefix}_{operand.name}" if prefix else operand.name


def _filtered(condition: Expression | None) -> Callable[[Rows], Rows]:
    if condition is None:
        return lambda rows: rows
    test = condition.evaluate
    return lambda rows: [row for row in rows if test(row) is True]


def _plain(binder: Binder, node: ast.Call, name: str) -> Expression:
    """`f(x)`, `f(x, size)`, `fif(x, condition)`, `fif(x, condition, size)`."""
    conditional = name not in RULES
    rule = RULES[name.removesuffix("if") if conditional else name]
    _count(node, 2 if conditional else 1, (2 if conditional else 1) + rule.limit)
    source = _source(binder)
    operand = _taken(source.bind(node.arguments[0]), rule, node)
    condition = source.typed(node.arguments[1], Type.BOOL, f"{node.function}()") if conditional else None
    limit = _OLD_LIMIT if node.function in ("makelist", "makeset") else None
    if len(node.arguments) > (2 if conditional else 1) and name.startswith("make_"):
        limit = binder.constant(node.arguments[-1], Type.LONG, f"{node.function}()")
    kind = rule.gives(operand.type)
    select, read, combine = _filtered(condition), operand.evaluate, rule.reduce
    keeps_nulls, empty = rule.keeps_nulls, _of_nothing(name, kind)

    def compute(rows: Rows) -> Any:
        found = [read(row) for row in select(rows)]
        if not keeps_nulls:
            found = [value for value in found if value is not None]
        result = combine(found)
        if result is None:
            return empty
        return result[:limit] if limit is not None and isinstance(result, list) else result

    prefix = rule.prefix
    if conditional and not name.startswith("make_"):
        prefix += "if"
    return _slot(binder, kind, _orderless(compute, kind), _named(prefix, operand))


_ZEROS: dict[Type, Any] = {Type.REAL: 0.0, Type.DECIMAL: Decimal(0), Type.TIMESPAN: TimeSpan(0)}


def _of_nothing(name: str, kind: Type) -> Any:
    """What an aggregation gives where there is no value ("Aggregates default values")."""
    name = name.removesuffix("if")
    if name == "sum":
        return _ZEROS.get(kind, 0)
    if name in ("stdev", "variance"):
        return 0.0
    return math.nan if name == "avg" and kind is Type.REAL else None


def _orderless(compute: Compute, kind: Type) -> Compute:
    """A string aggregation of nothing is the empty string."""
    if kind is not Type.STRING:
        return compute
    return lambda rows: "" if (value := compute(rows)) is None else value


def _taken(operand: Expression, rule: Rule, node: ast.Call) -> Expression:
    """The operand, if the aggregation takes its type; dynamic numbers are taken as reals."""
    if rule.takes is None or operand.type in rule.takes or operand.type is Type.UNKNOWN:
        if rule.takes is None and rule.prefix in ("min", "max") and operand.type is Type.DYNAMIC:
            raise QuerySyntaxError(f"{node.function}() does not take dynamic", node.position)
        return operand
    if operand.type is Type.BOOL and Type.LONG in rule.takes:
        return coerce(operand, Type.LONG, node.position, f"{node.function}()")
    raise QuerySyntaxError(f"{node.function}() does not take {operand.type.value}", node.position)


def _count_rows(binder: Binder, node: ast.Call, name: str) -> Expression:
    """`count()`: rows, also those with nulls; `count(x)` counts the same rows."""
    _count(node, 0, 1)
    operand = _source(binder).bind(node.arguments[0]) if node.arguments and not _is_star(node) else None
    return _slot(binder, Type.LONG, len, _named("count", operand))


def _is_star(node: ast.Call) -> bool:
    return any(isinstance(item, ast.Star) for item in node.arguments)


def _count_if(binder: Binder, node: ast.Call, name: str) -> Expression:
    _count(node, 1, 1)
    condition = _source(binder).typed(node.arguments[0], Type.BOOL, "countif()")
    select = _filtered(condition)
    return _slot(binder, Type.LONG, lambda rows: len(select(rows)), _named("countif", condition))


def _covariance(binder: Binder, node: ast.Call, name: str) -> Expression:
    conditional, sample = name.endswith("if"), not name.removesuffix("if").endswith("p")
    _count(node, 3 if conditional else 2, 3 if conditional else 2)
    source = _source(binder)
    one, other = (source.typed(item, Type.REAL, f"{name}()") for item in node.arguments[:2])
    condition = source.typed(node.arguments[2], Type.BOOL, f"{name}()") if conditional else None
    select, left, right = _filtered(condition), one.evaluate, other.evaluate

    def compute(rows: Rows) -> float | None:
        pairs = [(left(row), right(row)) for row in select(rows)]
        pairs = [(a, b) for a, b in pairs if a is not None and b is not None]
        count = len(pairs) - 1 if sample else len(pairs)
        if count <= 0:
            return None
        mean_a = _total([a for a, _ in pairs]) / len(pairs)
        mean_b = _total([b for _, b in pairs]) / len(pairs)
        return _total([(a - mean_a) * (b - mean_b) for a, b in pairs]) / count

    names = [node_name.name for node_name in (source.bind(item) for item in node.arguments[:2])]
    return _slot(binder, Type.REAL, compute, f"{name}_{'_'.join(part or '' for part in names)}")


# ---- selected rows


def _parts(columns: Sequence[Expression]) -> Expression:
    """The columns as one expression; a null where there are none, as `*` of a table without a schema."""
    if not columns:
        return null(Type.UNKNOWN)
    first = columns[0]
    return Expression(first.type, first.evaluate, name=first.name, parts=tuple(columns))


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


def _arg(binder: Binder, node: ast.Call, name: str) -> Expression:
    """`arg_max(x, ...)`: the first row where x is largest; where all are null, the first row."""
    if not node.arguments:
        raise QuerySyntaxError(f"{node.function}() takes arguments", node.position)
    source = _source(binder)
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

    return _parts([_slot(binder, item.type, picked(item), item.name) for item in columns])


def _take_any(binder: Binder, node: ast.Call, name: str) -> Expression:
    """A value of some row: here the first that is neither null nor empty, else the first."""
    source = _source(binder)
    conditional = name.endswith("if")
    _count(node, *((2, 2) if conditional else (1, 100)))
    condition = source.typed(node.arguments[1], Type.BOOL, "take_anyif()") if conditional else None
    nodes = node.arguments[:1] if conditional else node.arguments
    if len(nodes) == 1 and not isinstance(nodes[0], ast.Star):
        return _first_value(binder, source.bind(nodes[0]), _filtered(condition))
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

    return _slot(binder, operand.type, compute, operand.name)


# ---- percentiles


def _nearest_rank(weighted: list[tuple[Any, int]], percentile: float) -> Any:
    """The smallest value at or below which lies at least that share of the weight."""
    total = sum(weight for _, weight in weighted)
    if not total:
        return None
    needed, passed = percentile / 100 * total, 0
    for value, weight in weighted:
        passed += weight
        if passed >= needed - 1e-9:
            return value
    return weighted[-1][0]


def _percentiles(binder: Binder, node: ast.Call, name: str) -> Expression:
    """`percentile(s)(w)(_array)`, by nearest rank."""
    weights, as_array = "w" in name.split("_")[0], name.endswith("_array")
    _count(node, 3 if weights else 2, 100)
    source = _source(binder)
    operand = source.bind(node.arguments[0])
    weight = source.typed(node.arguments[1], Type.LONG, f"{name}()") if weights else constant(1, Type.LONG)
    wanted = _shares(binder, node.arguments[2 if weights else 1 :])
    read, measure = operand.evaluate, weight.evaluate

    def weighted(rows: Rows) -> list[tuple[Any, int]]:
        pairs = [(read(row), measure(row)) for row in rows]
        return sorted(
            ((value, count) for value, count in pairs if value is not None and count),
            key=lambda pair: sort_class(pair[0]),
        )

    if as_array:
        compute: Compute = lambda rows: [_nearest_rank(weighted(rows), share) for share in wanted]  # noqa: E731
        prefix = "percentile" if weights else "percentiles"  # as their pages print them
        return _slot(binder, Type.DYNAMIC, compute, f"{prefix}_{operand.name or ''}")

    def column(share: float) -> Expression:
        name = f"percentile_{operand.name or ''}_{f'{share:g}'.replace('.', '_')}"
        return _slot(binder, operand.type, lambda rows: _nearest_rank(weighted(rows), share), name)

    columns = [column(share) for share in wanted]
    if not columns:
        raise QuerySyntaxError(f"{node.function}() of no percentile", node.position)
    return columns[0] if len(columns) == 1 else _parts(columns)


def _shares(binder: Binder, nodes: Sequence[ast.Node]) -> list[float]:
    shares: list[float] = []
    for node in nodes:
        value = binder.constant(node, Type.DYNAMIC, "a percentile")
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, int | float) or isinstance(item, bool) or not 0 <= item <= 100:
                raise QuerySyntaxError("a percentile is a number from 0 to 100", node.position)
            shares.append(float(item))
    return shares


_BUILDERS: dict[str, Callable[[Binder, ast.Call, str], Expression]] = {
    "count": _count_rows,
    "countif": _count_if,
    "arg_max": _arg,
    "arg_min": _arg,
    "take_any": _take_any,
    "take_anyif": _take_any,
    "covariance": _covariance,
    "covarianceif": _covariance,
    "covariancep": _covariance,
    "covariancepif": _covariance,
    "percentile": _percentiles,
    "percentiles": _percentiles,
    "percentiles_array": _percentiles,
    "percentilew": _percentiles,
    "percentilesw": _percentiles,
    "percentilesw_array": _percentiles,
}
