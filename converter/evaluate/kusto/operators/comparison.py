"""`== != < <= > >=` and `between`.

Sources: "Numerical operators", "Null values" and "between" in the KQL reference; the types that an operator
takes as Microsoft's parser has them.
"""

from __future__ import annotations

from converter.evaluate.kusto.expression import Expression, Row, convert, same_value
from converter.evaluate.kusto.operators.arithmetic import Arithmetic, arithmetic, type_of
from converter.evaluate.kusto.operators.logic import logical, negate
from converter.evaluate.kusto.operators.result import result
from converter.evaluate.kusto.types import INTEGERS, NUMBERS, Type
from converter.source import Position, QuerySyntaxError

_ORDER: dict[str, Arithmetic] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _same_family(left: Type, right: Type) -> bool:
    return left is right or (left in NUMBERS and right in NUMBERS)


def _ordered(left: Type, right: Type) -> bool:
    """Whether two values inside dynamics have an order."""
    return _same_family(left, right) and left is not Type.DYNAMIC


def comparable(
    operator: str, left: Expression, right: Expression, position: Position
) -> tuple[Expression, Expression]:
    """The operands brought to types that can be compared, or a QuerySyntaxError."""
    if left.type is Type.UNKNOWN:
        left = convert(left, right.type)
    elif right.type is Type.UNKNOWN:
        right = convert(right, left.type)
    kinds = {left.type, right.type}
    if kinds == {Type.DECIMAL, Type.REAL}:
        return convert(left, Type.REAL), convert(right, Type.REAL)
    if _same_family(left.type, right.type) or Type.DYNAMIC in kinds or Type.UNKNOWN in kinds:
        return left, right
    if Type.BOOL in kinds and kinds - {Type.BOOL} <= INTEGERS:
        return convert(left, Type.LONG), convert(right, Type.LONG)
    if kinds == {Type.GUID, Type.STRING}:
        return convert(left, Type.GUID), convert(right, Type.GUID)
    shown = f"{left.type.value} and {right.type.value}"
    raise QuerySyntaxError(f"operator {operator} does not take {shown}", position)


def equality(operator: str, left: Expression, right: Expression, position: Position) -> Expression:
    """`==` and `!=`: of a null and a value false and true, of two nulls null."""
    left, right = comparable(operator, left, right, position)
    wanted = operator == "=="
    first, second = left.evaluate, right.evaluate
    if left.type is right.type is Type.STRING:
        if right.constant:
            text_value = right.value
            if wanted:
                return result(Type.BOOL, lambda row: first(row) == text_value, left, right)
            return result(Type.BOOL, lambda row: first(row) != text_value, left, right)
        return result(Type.BOOL, lambda row: (first(row) == second(row)) is wanted, left, right)
    same: Arithmetic = same_value if Type.DYNAMIC in (left.type, right.type) else lambda a, b: a == b

    def evaluate(row: Row) -> bool | None:
        one, other = first(row), second(row)
        if one is None or other is None:
            return None if one is other else not wanted
        return same(one, other) is wanted

    return result(Type.BOOL, evaluate, left, right)


def order(operator: str, left: Expression, right: Expression, position: Position) -> Expression:
    """`< <= > >=`: null where either side is null. Strings are not ordered by these operators."""
    left, right = comparable(operator, left, right, position)
    if Type.STRING in (left.type, right.type) or Type.GUID in (left.type, right.type):
        shown = f"{left.type.value} and {right.type.value}"
        raise QuerySyntaxError(f"operator {operator} does not take {shown}", position)
    test = _ORDER[operator]
    if Type.DYNAMIC in (left.type, right.type):
        plain = test
        test = lambda a, b: plain(a, b) if _ordered(type_of(a), type_of(b)) else None  # noqa: E731
    first, second = left.evaluate, right.evaluate

    def evaluate(row: Row) -> bool | None:
        one = first(row)
        if one is None:
            return None
        other = second(row)
        return None if other is None else test(one, other)

    return result(Type.BOOL, evaluate, left, right)


def between(
    negated: bool, operand: Expression, low: Expression, high: Expression, at: Position
) -> Expression:
    """`x between (low .. high)`, both ends included; `high` can be a timespan after a datetime `low`."""
    if low.type is Type.DATETIME and high.type is Type.TIMESPAN:
        high = arithmetic("+", low, high, at)
    inside = logical("and", [order(">=", operand, low, at), order("<=", operand, high, at)])
    return negate(inside) if negated else inside
