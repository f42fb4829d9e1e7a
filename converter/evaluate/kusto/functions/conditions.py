"""Functions of choice and presence: `iff`, `case`, `coalesce`, `isnull`, `isempty`, `not`, `max_of`, ..."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from converter.evaluate.kusto import operators, values
from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.expression import (
    Expression,
    Row,
    coerce,
    common_type,
    constant,
    convert,
    folded,
    refuse_unknown,
)
from converter.evaluate.kusto.functions.registry import function, special
from converter.evaluate.kusto.types import Type
from converter.source import QuerySyntaxError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder


@special("iff iif case")
def choose(binder: Binder, node: ast.Call) -> Expression:
    """The value behind the first predicate that is true (null is not); no other value is computed."""
    count = len(node.arguments)
    if count < 3 or count % 2 == 0 or (node.function != "case" and count != 3):
        raise QuerySyntaxError(f"{node.function}() does not take {count} arguments", node.position)
    bound = binder.arguments(node.arguments)
    predicates = [coerce(item, Type.BOOL, node.position, f"{node.function}()") for item in bound[:-1:2]]
    options = [*bound[1::2], bound[-1]]
    kind = common_type(options, node.position, f"{node.function}()")
    options = [convert(option, kind) for option in options]
    branches = [(p.evaluate, o.evaluate) for p, o in zip(predicates, options[:-1], strict=True)]
    otherwise = options[-1].evaluate

    def evaluate(row: Row) -> Any:
        for predicate, option in branches:
            if predicate(row):
                return option(row)
        return otherwise(row)

    known = [*predicates, *options]
    result = Expression(
        kind, evaluate, all(item.constant for item in known), all(item.row_free for item in known)
    )
    return folded(result) if result.constant else result


@special("coalesce")
def coalesce(binder: Binder, node: ast.Call) -> Expression:
    """The first argument that is not null, for strings not empty."""
    bound = binder.arguments(node.arguments)
    if len(bound) < 2:
        raise QuerySyntaxError("coalesce() takes at least two arguments", node.position)
    kind = common_type(bound, node.position, "coalesce()")
    functions = [convert(item, kind).evaluate for item in bound]

    def evaluate(row: Row) -> Any:
        value: Any = None
        for function_ in functions:
            value = function_(row)
            if value is not None and value != "":
                return value
        return value

    return Expression(kind, evaluate, row_free=all(item.row_free for item in bound))


@special("assert")
def assert_(binder: Binder, node: ast.Call) -> Expression:
    """True; an error with the given message where the condition, a constant, is not true."""
    if len(node.arguments) != 2:
        raise QuerySyntaxError("assert() takes a condition and a message", node.position)
    message = binder.constant(node.arguments[1], Type.STRING, "the message of assert()")
    if binder.constant(node.arguments[0], Type.BOOL, "the condition of assert()") is not True:
        raise QuerySyntaxError(f"assert() failed: {message}", node.position)
    return constant(True, Type.BOOL)


@special("not")
def not_(binder: Binder, node: ast.Call) -> Expression:
    if len(node.arguments) != 1:
        raise QuerySyntaxError("not() takes one argument", node.position)
    return operators.negate(binder.typed(node.arguments[0], Type.BOOL, "not()"))


@special("isnull isnotnull notnull")
def is_null(binder: Binder, node: ast.Call) -> Expression:
    """Never true of a string. Of a column whose type nobody knows the answer is refused."""
    if len(node.arguments) != 1:
        raise QuerySyntaxError(f"{node.function}() takes one argument", node.position)
    operand = binder.bind(node.arguments[0])
    wanted = node.function == "isnull"
    if operand.type is Type.STRING:
        return constant(not wanted, Type.BOOL)
    if operand.type is Type.UNKNOWN:
        return Expression(Type.BOOL, refuse_unknown(f"{node.function}()", node.position))
    inner = operand.evaluate
    result = Expression(
        Type.BOOL, lambda row: (inner(row) is None) is wanted, operand.constant, operand.row_free
    )
    return folded(result) if result.constant else result


@function("isempty", "any -> bool", nulls=True)
def is_empty(value: Any) -> bool:
    return value is None or value == ""


@function("isnotempty notempty", "any -> bool", nulls=True)
def is_not_empty(value: Any) -> bool:
    return value is not None and value != ""


@function("isnan", "real -> bool")
def is_nan(value: float) -> bool:
    return math.isnan(value)


@function("isinf", "real -> bool")
def is_inf(value: float) -> bool:
    return math.isinf(value)


@function("isfinite", "real -> bool")
def is_finite(value: float) -> bool:
    return math.isfinite(value)


@function("isascii", "string -> bool")
def is_ascii(value: str) -> bool:
    return value.isascii()


@function("isutf8", "string -> bool")
def is_utf8(value: str) -> bool:
    return all(not 0xD800 <= ord(character) <= 0xDFFF for character in value)


@function("max_of", "any... -> common", nulls=True)
def max_of(*found: Any) -> Any:
    """The largest argument; nulls lose."""
    return max(_of_one_kind(found), default=None)


@function("min_of", "any... -> common", nulls=True)
def min_of(*found: Any) -> Any:
    """The smallest argument; nulls lose."""
    return min(_of_one_kind(found), default=None)


def _of_one_kind(found: tuple[Any, ...]) -> list[Any]:
    """The values that are not null; none where they (inside dynamics) have no order."""
    known = [value for value in found if value is not None]
    names = {type_name(value) for value in known}
    ordered = len(names) <= 1 or names <= {"long", "real", "decimal"}
    return known if ordered and names.isdisjoint({"array", "dictionary"}) else []


@special("around")
def around(binder: Binder, node: ast.Call) -> Expression:
    """Whether a number or time is within `delta` of the center, ends included."""
    if len(node.arguments) != 3:
        raise QuerySyntaxError("around() takes three arguments", node.position)
    value, center, delta = binder.arguments(node.arguments)
    low, high = (operators.arithmetic(sign, center, delta, node.position) for sign in "-+")
    return operators.between(False, value, low, high, node.position)


_DYNAMIC_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "bool"),
    (values.DateTime, "datetime"),
    (values.TimeSpan, "timespan"),
    (int, "long"),
    (float, "real"),
    (Decimal, "decimal"),
    (values.Guid, "guid"),
    (str, "string"),
    (list, "array"),
    (dict, "dictionary"),
)


def type_name(value: Any) -> str:
    """The name that `gettype` gives to the value inside a dynamic."""
    return next((name for python, name in _DYNAMIC_TYPES if isinstance(value, python)), "null")


@special("gettype")
def get_type(binder: Binder, node: ast.Call) -> Expression:
    if len(node.arguments) != 1:
        raise QuerySyntaxError("gettype() takes one argument", node.position)
    operand = binder.bind(node.arguments[0])
    inner = operand.evaluate
    static = operand.type.value
    dynamic = operand.type in (Type.DYNAMIC, Type.UNKNOWN)

    def evaluate(row: Row) -> str:
        value = inner(row)
        return type_name(value) if dynamic or value is None else static

    result = Expression(Type.STRING, evaluate, operand.constant, operand.row_free)
    name = None if operand.name is None else f"type_{operand.name}"
    return (folded(result) if result.constant else result).named(name)
