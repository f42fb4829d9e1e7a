"""An aggregation of one expression, by its rule: `f(x)`, `f(x, size)`, `fif(x, condition)`.

Nulls are left out of every one but `make_list_with_nulls`.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.aggregates.binding import (
    Compute,
    count_arguments,
    filtered,
    named,
    slot,
    source_of,
)
from converter.evaluate.kusto.aggregates.rules import RULES, Rule
from converter.evaluate.kusto.expression import Expression, coerce
from converter.evaluate.kusto.relation import Rows
from converter.evaluate.kusto.types import Type
from converter.evaluate.kusto.values import TimeSpan
from converter.source import QuerySyntaxError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder

_OLD_LIMIT = 128
"""Elements that the deprecated `makelist` and `makeset` give unless told."""


def by_rule(binder: Binder, node: ast.Call, name: str) -> Expression:
    """`f(x)`, `f(x, size)`, `fif(x, condition)`, `fif(x, condition, size)`."""
    conditional = name not in RULES
    rule = RULES[name.removesuffix("if") if conditional else name]
    count_arguments(node, 2 if conditional else 1, (2 if conditional else 1) + rule.limit)
    source = source_of(binder)
    operand = _taken(source.bind(node.arguments[0]), rule, node)
    condition = source.typed(node.arguments[1], Type.BOOL, f"{node.function}()") if conditional else None
    limit = _OLD_LIMIT if node.function in ("makelist", "makeset") else None
    if len(node.arguments) > (2 if conditional else 1) and name.startswith("make_"):
        limit = binder.constant(node.arguments[-1], Type.LONG, f"{node.function}()")
    kind = rule.gives(operand.type)
    select, read, combine = filtered(condition), operand.evaluate, rule.reduce
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
    return slot(binder, kind, _orderless(compute, kind), named(prefix, operand))


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
