"""`+ - * / %` on numbers and times.

Sources: "Numerical operators" and "Date/time arithmetic" in the KQL reference.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from converter.evaluate.kusto import values
from converter.evaluate.kusto.expression import Expression, Row, null
from converter.evaluate.kusto.operators.result import result
from converter.evaluate.kusto.types import NUMBERS, Type, widest
from converter.evaluate.kusto.values import DateTime, TimeSpan
from converter.source import Position, QuerySyntaxError

Arithmetic = Callable[[Any, Any], Any]


def _divide(left: int, right: int) -> int | None:
    if right == 0:
        return None
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _divide_real(left: float, right: float) -> float:
    if right:
        return left / right
    return (
        math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1, right)
    )


def _modulo_real(left: float, right: float) -> float:
    return math.fmod(left, right) % abs(right) if right and math.isfinite(left) else math.nan


_INTEGER: dict[str, Arithmetic] = {
    "+": lambda a, b: values.wrap_long(a + b),
    "-": lambda a, b: values.wrap_long(a - b),
    "*": lambda a, b: values.wrap_long(a * b),
    "/": _divide,
    "%": lambda a, b: a % abs(b) if b else None,
}
_REAL: dict[str, Arithmetic] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide_real,
    "%": _modulo_real,
}
_DECIMAL: dict[str, Arithmetic] = {
    **_REAL,
    "/": lambda a, b: a / b if b else None,
    "%": lambda a, b: a % b + (abs(b) if a % b < 0 else 0) if b else None,
}


def _span(ticks: float) -> TimeSpan | None:
    """A timespan of so many ticks, cut to whole ones; null beyond 64 bits."""
    return TimeSpan(int(ticks)) if abs(ticks) < 2.0**63 else None


def _moment(ticks: int) -> DateTime | None:
    return DateTime(ticks) if 0 <= ticks <= values.MAX_TICKS else None


_TIMES: dict[tuple[str, Type, Type], tuple[Type, Arithmetic]] = {
    ("+", Type.DATETIME, Type.TIMESPAN): (Type.DATETIME, lambda a, b: _moment(a + b)),
    ("+", Type.TIMESPAN, Type.DATETIME): (Type.DATETIME, lambda a, b: _moment(a + b)),
    ("-", Type.DATETIME, Type.TIMESPAN): (Type.DATETIME, lambda a, b: _moment(a - b)),
    ("-", Type.DATETIME, Type.DATETIME): (Type.TIMESPAN, lambda a, b: _span(a - b)),
    ("+", Type.TIMESPAN, Type.TIMESPAN): (Type.TIMESPAN, lambda a, b: _span(a + b)),
    ("-", Type.TIMESPAN, Type.TIMESPAN): (Type.TIMESPAN, lambda a, b: _span(a - b)),
    ("/", Type.TIMESPAN, Type.TIMESPAN): (Type.REAL, _divide_real),
    ("%", Type.TIMESPAN, Type.TIMESPAN): (Type.TIMESPAN, lambda a, b: TimeSpan(a % abs(b)) if b else None),
}
for _number in NUMBERS:
    _TIMES["*", Type.TIMESPAN, _number] = (Type.TIMESPAN, lambda a, b: _span(a * b))
    _TIMES["*", _number, Type.TIMESPAN] = (Type.TIMESPAN, lambda a, b: _span(a * b))
    _TIMES["/", Type.TIMESPAN, _number] = (Type.TIMESPAN, lambda a, b: _span(a / b) if b else None)


def type_of(value: Any) -> Type:
    """The type of a value inside a dynamic."""
    for kind, python in (
        (Type.BOOL, bool),
        (Type.DATETIME, DateTime),
        (Type.TIMESPAN, TimeSpan),
        (Type.LONG, int),
        (Type.REAL, float),
        (Type.DECIMAL, Decimal),
        (Type.GUID, values.Guid),
        (Type.STRING, str),
    ):
        if isinstance(value, python):
            return kind
    return Type.DYNAMIC


def _exactly(calculate: Arithmetic, left: Any, right: Any) -> Decimal | None:
    """The result on decimals, null where there is none: they have no infinity and are never NaN."""
    try:
        result: Decimal | None = calculate(Decimal(str(left)), Decimal(str(right)))
    except ArithmeticError:
        return None
    return result if result is not None and result.is_finite() else None


def _rule(operator: str, left: Type, right: Type) -> tuple[Type, Arithmetic] | None:
    """The result type and the function of an arithmetic operator on two types."""
    if left in NUMBERS and right in NUMBERS:
        kind = widest([left, right, Type.LONG])
        if kind is Type.DECIMAL:
            exact = _DECIMAL[operator]
            return kind, lambda a, b: _exactly(exact, a, b)
        return kind, (_REAL if kind is Type.REAL else _INTEGER)[operator]
    return _TIMES.get((operator, left, right))


def _dynamic_arithmetic(operator: str) -> Arithmetic:
    """Arithmetic on dynamic operands: by the types that the values turn out to have, else null."""

    def calculate(left: Any, right: Any) -> Any:
        rule = _rule(operator, type_of(left), type_of(right))
        return None if rule is None else rule[1](left, right)

    return calculate


def arithmetic(operator: str, left: Expression, right: Expression, position: Position) -> Expression:
    """`+ - * / %`. Raises QuerySyntaxError for types that the operator does not take."""
    if left.type is Type.UNKNOWN or right.type is Type.UNKNOWN:
        known = right.type if left.type is Type.UNKNOWN else left.type
        return null(known if known in NUMBERS else Type.UNKNOWN)
    rule: tuple[Type, Arithmetic] | None
    if Type.DYNAMIC in (left.type, right.type):
        rule = Type.DYNAMIC, _dynamic_arithmetic(operator)
    else:
        rule = _rule(operator, left.type, right.type)
    if rule is None:
        kinds = f"{left.type.value} and {right.type.value}"
        raise QuerySyntaxError(f"operator {operator} does not take {kinds}", position)
    kind, calculate = rule
    first, second = left.evaluate, right.evaluate

    def evaluate(row: Row) -> Any:
        one = first(row)
        if one is None:
            return None
        other = second(row)
        return None if other is None else calculate(one, other)

    return result(kind, evaluate, left, right)


def sign(operator: str, operand: Expression, position: Position) -> Expression:
    """Unary `+` and `-`."""
    if operand.type is Type.UNKNOWN or operator == "+":
        return operand
    if operand.type is Type.TIMESPAN:
        inner = operand.evaluate
        return result(
            Type.TIMESPAN, lambda row: None if (span := inner(row)) is None else TimeSpan(-span), operand
        )
    zero = Expression(Type.LONG, lambda row: 0, constant=True, row_free=True)
    return arithmetic("-", zero, operand, position)
