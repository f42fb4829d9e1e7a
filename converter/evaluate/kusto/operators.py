"""The scalar operators of Kusto, bound to typed operands.

Sources: "Numerical operators", "Logical operators", "Null values", "Date/time arithmetic", "in", "between"
and "String operators" in the KQL reference; the types that an operator takes as Microsoft's parser has them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from converter.evaluate.kusto import text, values
from converter.evaluate.kusto.expression import (
    CONVERT,
    Evaluate,
    Expression,
    Row,
    convert,
    folded,
    null,
    same_value,
)
from converter.evaluate.kusto.types import INTEGERS, NUMBERS, Type, widest
from converter.evaluate.kusto.values import DateTime, TimeSpan
from converter.regex import Matcher, compile_regex
from converter.source import Position, QuerySyntaxError, SourceError

Arithmetic = Callable[[Any, Any], Any]


def _result(kind: Type, evaluate: Evaluate, *operands: Expression) -> Expression:
    expression = Expression(
        kind,
        evaluate,
        constant=all(operand.constant for operand in operands),
        row_free=all(operand.row_free for operand in operands),
    )
    return folded(expression) if expression.constant else expression


# ---- and, or, not


def logical(operator: str, operands: Sequence[Expression]) -> Expression:
    """Three-valued `and` or `or` of bools; operands behind the one that settles it are not evaluated."""
    settling = operator == "or"
    functions = [operand.evaluate for operand in operands]
    if len(functions) == 2:
        return _result(Type.BOOL, _logical_pair(functions[0], functions[1], settling), *operands)

    def evaluate(row: Row) -> bool | None:
        result: bool | None = not settling
        for function in functions:
            value = function(row)
            if value is settling:
                return settling is True
            if value is None:
                result = None
        return result

    return _result(Type.BOOL, evaluate, *operands)


def _logical_pair(first: Evaluate, second: Evaluate, settling: bool) -> Evaluate:
    def evaluate(row: Row) -> bool | None:
        one = first(row)
        if one is settling:
            return settling is True
        other: bool | None = second(row)
        return other if one is not None or other is settling else None

    return evaluate


def negate(operand: Expression) -> Expression:
    """`not(x)`: null stays null."""
    inner = operand.evaluate

    def evaluate(row: Row) -> bool | None:
        value = inner(row)
        return None if value is None else not value

    return _result(Type.BOOL, evaluate, operand)


# ---- arithmetic


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


def _type_of(value: Any) -> Type:
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
        rule = _rule(operator, _type_of(left), _type_of(right))
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

    return _result(kind, evaluate, left, right)


def sign(operator: str, operand: Expression, position: Position) -> Expression:
    """Unary `+` and `-`."""
    if operand.type is Type.UNKNOWN or operator == "+":
        return operand
    if operand.type is Type.TIMESPAN:
        inner = operand.evaluate
        return _result(
            Type.TIMESPAN, lambda row: None if (span := inner(row)) is None else TimeSpan(-span), operand
        )
    zero = Expression(Type.LONG, lambda row: 0, constant=True, row_free=True)
    return arithmetic("-", zero, operand, position)


# ---- comparison


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


def _comparable(
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
    left, right = _comparable(operator, left, right, position)
    wanted = operator == "=="
    first, second = left.evaluate, right.evaluate
    if left.type is right.type is Type.STRING:
        if right.constant:
            text_value = right.value
            if wanted:
                return _result(Type.BOOL, lambda row: first(row) == text_value, left, right)
            return _result(Type.BOOL, lambda row: first(row) != text_value, left, right)
        return _result(Type.BOOL, lambda row: (first(row) == second(row)) is wanted, left, right)
    same: Arithmetic = same_value if Type.DYNAMIC in (left.type, right.type) else lambda a, b: a == b

    def evaluate(row: Row) -> bool | None:
        one, other = first(row), second(row)
        if one is None or other is None:
            return None if one is other else not wanted
        return same(one, other) is wanted

    return _result(Type.BOOL, evaluate, left, right)


def order(operator: str, left: Expression, right: Expression, position: Position) -> Expression:
    """`< <= > >=`: null where either side is null. Strings are not ordered by these operators."""
    left, right = _comparable(operator, left, right, position)
    if Type.STRING in (left.type, right.type) or Type.GUID in (left.type, right.type):
        shown = f"{left.type.value} and {right.type.value}"
        raise QuerySyntaxError(f"operator {operator} does not take {shown}", position)
    test = _ORDER[operator]
    if Type.DYNAMIC in (left.type, right.type):
        plain = test
        test = lambda a, b: plain(a, b) if _ordered(_type_of(a), _type_of(b)) else None  # noqa: E731
    first, second = left.evaluate, right.evaluate

    def evaluate(row: Row) -> bool | None:
        one = first(row)
        if one is None:
            return None
        other = second(row)
        return None if other is None else test(one, other)

    return _result(Type.BOOL, evaluate, left, right)


def between(
    negated: bool, operand: Expression, low: Expression, high: Expression, at: Position
) -> Expression:
    """`x between (low .. high)`, both ends included; `high` can be a timespan after a datetime `low`."""
    if low.type is Type.DATETIME and high.type is Type.TIMESPAN:
        high = arithmetic("+", low, high, at)
    inside = logical("and", [order(">=", operand, low, at), order("<=", operand, high, at)])
    return negate(inside) if negated else inside


# ---- strings


def _as_text(operand: Expression, operator: str, position: Position) -> Expression:
    if operand.type in (Type.STRING, Type.DYNAMIC, Type.UNKNOWN):
        return convert(operand, Type.STRING)
    raise QuerySyntaxError(f"operator {operator} does not take {operand.type.value}", position)


def _text_parts(operator: str) -> tuple[bool, bool, str]:
    """Whether the operator is negated, whether case matters, and its bare name."""
    negated = operator.startswith("!")
    name = operator.removeprefix("!")
    return negated, name.endswith("_cs"), name.removesuffix("_cs")


def string_operator(operator: str, left: Expression, right: Expression, position: Position) -> Expression:
    """`has`, `contains`, `startswith`, ... with `!` and `_cs`, and `=~`, `!~`."""
    left = _as_text(left, operator, position)
    right = convert(right, Type.STRING) if right.type in NUMBERS else _as_text(right, operator, position)
    test: text.TextTest
    if operator in ("=~", "!~"):
        negated, cased, test = operator == "!~", False, _equal_text
    else:
        negated, cased, name = _text_parts(operator)
        test = text.TESTS[name]
    first, second, fold = left.evaluate, right.evaluate, text.fold
    wanted = not negated
    if right.constant:
        needle = right.value if cased else fold(right.value)
        evaluate = _constant_needle(test, needle, first, cased, wanted)
    elif cased:
        evaluate = lambda row: test(first(row), second(row)) is wanted  # noqa: E731
    else:
        evaluate = lambda row: test(fold(first(row)), fold(second(row))) is wanted  # noqa: E731
    return _result(Type.BOOL, evaluate, left, right)


def _equal_text(one: str, other: str) -> bool:
    return one == other


def _constant_needle(
    test: text.TextTest, needle: str, subject: Evaluate, cased: bool, wanted: bool
) -> Evaluate:
    fold = text.fold
    if cased:
        return lambda row: test(subject(row), needle) is wanted
    return lambda row: test(fold(subject(row)), needle) is wanted


def compiled_pattern(pattern: str, position: Position) -> Matcher:
    """The pattern compiled; an error in it is reported at the place of the operator."""
    try:
        return compile_regex(pattern, "re2")
    except SourceError as error:
        error.position = position
        raise


def matches_regex(left: Expression, right: Expression, position: Position) -> Expression:
    """`matches regex`: unanchored, case-sensitive, RE2. A constant pattern is compiled once."""
    left = _as_text(left, "matches regex", position)
    right = _as_text(right, "matches regex", position)
    first, second = left.evaluate, right.evaluate
    if right.constant:
        search = compiled_pattern(right.value, position).search
        return _result(Type.BOOL, lambda row: search(first(row)), left, right)
    compiled: dict[str, Matcher] = {}

    def evaluate(row: Row) -> bool:
        pattern = second(row)
        if pattern not in compiled:
            compiled[pattern] = compiled_pattern(pattern, position)
        return compiled[pattern].search(first(row))

    return _result(Type.BOOL, evaluate, left, right)


# ---- membership


Candidates = Callable[[Row], Sequence[Any]]


def _constant_set(operand: Expression, listed: list[Any]) -> frozenset[Any] | None:
    """The candidates as a set where set membership is the same as `==`."""
    if operand.type is Type.STRING and all(item.__class__ is str for item in listed):
        return frozenset(listed)
    if operand.type in INTEGERS and all(item.__class__ is int for item in listed):
        return frozenset(listed)
    return None


def is_in(operator: str, operand: Expression, candidates: Candidates, constant: bool) -> Expression:
    """`in`, `!in`, `in~`, `!in~`: a null operand is in no list."""
    wanted = not operator.startswith("!")
    ignore_case = operator.endswith("~")
    inner = operand.evaluate
    if ignore_case:
        fold = text.fold
        plain_inner, plain_candidates = inner, candidates
        inner = lambda row: fold(value) if isinstance(value := plain_inner(row), str) else value  # noqa: E731
        candidates = lambda row: [  # noqa: E731
            fold(item) if isinstance(item, str) else item for item in plain_candidates(row)
        ]
    listed = _constant_set(operand, list(candidates(()))) if constant else None
    if listed is not None:
        known = listed
        return _result(Type.BOOL, lambda row: (inner(row) in known) is wanted, operand)
    fixed = list(candidates(())) if constant else None

    def evaluate(row: Row) -> bool:
        value = inner(row)
        options = fixed if fixed is not None else candidates(row)
        found = value is not None and any(item is not None and same_value(value, item) for item in options)
        return found is wanted

    return Expression(Type.BOOL, evaluate)


def has_some(operator: str, operand: Expression, candidates: Candidates, at: Position) -> Expression:
    """`has_any`, `has_all`: terms, case ignored."""
    subject = _as_text(operand, operator, at).evaluate
    quantifier = any if operator == "has_any" else all

    def evaluate(row: Row) -> bool:
        folded_text = text.fold(subject(row))
        return quantifier(text.has(folded_text, text.fold(values.to_text(item))) for item in candidates(row))

    return Expression(Type.BOOL, evaluate)


def candidate_value(operand: Expression, item: Expression, operator: str, at: Position) -> Evaluate:
    """One element of an `in` list, as something to compare with the operand (arrays are spread later)."""
    if item.type is Type.DYNAMIC or operand.type in (Type.DYNAMIC, Type.UNKNOWN):
        return item.evaluate
    _, right = _comparable(operator, operand, item, at)
    return right.evaluate


def spread(found: list[Any]) -> list[Any]:
    """Elements of arrays beside plain values, as `in (dynamic([1, 2]), 3)` takes them."""
    flat: list[Any] = []
    for value in found:
        if isinstance(value, list):
            flat.extend(value)
        elif isinstance(value, dict):
            flat.extend(value.values())
        else:
            flat.append(value)
    return flat


def converter_to(kind: Type) -> Callable[[Any], Any]:
    """The conversion of a value to a type, null kept (the empty string for strings)."""
    change = CONVERT[kind]
    if kind is Type.STRING:
        return change
    return lambda value: None if value is None else change(value)
