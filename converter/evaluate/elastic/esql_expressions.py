"""Expressions of ES|QL compiled to functions of a row.

Three-valued logic; a comparison is null where either side is null or has several values. Source: the ES|QL
reference, "Operators" and "Multivalued fields".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Literal, TypeAlias

from converter.elastic.fuzzy import fuzzy_match, is_fuzzy
from converter.elastic.kuery import parse_kuery
from converter.elastic.lucene import parse_lucene
from converter.elastic.queries import match as match_query
from converter.elastic.queries import pattern_of
from converter.evaluate.elastic.context import Context
from converter.evaluate.elastic.esql_dates import shift
from converter.evaluate.elastic.esql_functions import LONG_MAX, LONG_MIN, call_function
from converter.evaluate.elastic.esql_types import Address, Instant, Span, V, address, to_instant
from converter.evaluate.elastic.predicates import compile_predicate
from converter.evaluate.elastic.wildcards import pattern_test
from converter.frozen import dataclass
from converter.ir import Predicate
from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, IsNull, Literal_, Logic, Value
from converter.regex import compile_regex
from converter.source import NotSupportedError, QuerySyntaxError, SourceError


@dataclass(slots=True)
class Row:
    """One row: its event (with its number), and the columns that the query has made."""

    event: Mapping[str, Any]
    number: int
    columns: dict[str, V] = field(default_factory=dict)


Expression: TypeAlias = Callable[[Row], V]
Column: TypeAlias = Callable[[FieldValue], Expression]


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression can see: how a column is read, whether rows are still events, its surroundings."""

    column: Column
    has_events: bool
    context: Context


def compile_value(value: Value, scope: Scope) -> Expression:
    """A function from a row to the value there. Raises NotSupportedError, naming what it does not know."""
    match value:
        case Literal_(constant):
            return lambda row: constant
        case FieldValue():
            return scope.column(value)
        case Logic(op, items):
            return _logic(op, items, scope)
        case Comparison():
            return _comparison(value, scope)
        case IsNull(item):
            inner = compile_value(item, scope)
            return lambda row: inner(row) is None
        case Arithmetic(sign, left, right):
            return _arithmetic(sign, compile_value(left, scope), compile_value(right, scope))
        case Call():
            return _call(value, scope)
    raise TypeError(f"{type(value).__name__} is made by lowering, which no original has been through")


def _logic(op: Literal["and", "or", "not"], items: tuple[Value, ...], scope: Scope) -> Expression:
    if op == "not":
        item = compile_value(items[0], scope)
        return lambda row: None if (found := item(row)) is None else not found
    if op == "or" and (membership := _membership(items, scope)) is not None:
        return membership
    compiled = tuple(compile_value(item, scope) for item in items)
    decides = op == "or"

    def join(row: Row) -> V:
        outcome: bool | None = not decides
        for item in compiled:
            found = item(row)
            if found is decides:
                return decides
            if found is not (not decides):
                outcome = None
        return outcome

    return join


def _membership(items: tuple[Value, ...], scope: Scope) -> Expression | None:
    """`f == "a" or f == "b"` (what `in` becomes) as one look-up, where the field holds text."""
    first = items[0]
    if not isinstance(first, Comparison) or not isinstance(first.left, FieldValue):
        return None
    wanted = set()
    for item in items:
        is_test = isinstance(item, Comparison) and item.op == "==" and item.left == first.left
        if not is_test or not isinstance(item.right, Literal_) or not isinstance(item.right.value, str):  # type: ignore[union-attr]
            return None
        wanted.add(item.right.value)  # type: ignore[union-attr]
    read = compile_value(first.left, scope)
    slow = tuple(compile_value(item, scope) for item in items)

    def member(row: Row) -> V:
        found = read(row)
        if found.__class__ is str:
            return found in wanted
        if found is None or found.__class__ is list:
            return None
        answers = [item(row) for item in slow]
        return True if True in answers else None if None in answers else False

    return member


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _comparison(value: Comparison, scope: Scope) -> Expression:
    left = compile_value(value.left, scope)
    if value.op in ("like", "rlike"):
        return _pattern(left, value)
    right = compile_value(value.right, scope)
    order = _ORDER[value.op]
    is_equality = value.op in ("==", "!=")

    def compare(row: Row) -> V:
        one, other = left(row), right(row)
        if one is None or other is None or one.__class__ is list or other.__class__ is list:
            return None
        if one.__class__ is not other.__class__:
            one, other = _same_class(one, other)
            if one is None or other is None:
                return None
        if one.__class__ is bool and not is_equality:
            return None
        return order(one, other)

    return compare


def _same_class(one: Any, other: Any) -> tuple[Any, Any]:
    """Two values that can be compared: text is read as a date or address; null where there is no way."""
    classes = {one.__class__, other.__class__}
    if classes == {int, float}:
        return one, other
    if classes == {str, Instant}:
        return _as_instant(one), _as_instant(other)
    if classes == {str, Address}:
        return _as_address(one), _as_address(other)
    return None, None


def _as_instant(value: Any) -> Instant | None:
    return to_instant(value) if isinstance(value, str) else value


def _as_address(value: Any) -> Address | None:
    return address(value) if isinstance(value, str) else value


def _pattern(left: Expression, value: Comparison) -> Expression:
    """The whole value matches; `rlike` is Lucene's dialect, and both keep the case."""
    assert isinstance(value.right, Literal_)
    pattern = str(value.right.value)
    try:
        test = (
            pattern_test(pattern_of(pattern))
            if value.op == "like"
            else compile_regex(pattern, "lucene").fullmatch
        )
    except SourceError as error:
        error.position = value.right.pos  # the place in the query, not in the pattern
        raise

    def matches(row: Row) -> V:
        found = left(row)
        return test(found) if found.__class__ is str else None

    return matches


def _arithmetic(op: str, left: Expression, right: Expression) -> Expression:
    def compute(row: Row) -> V:
        one, other = left(row), right(row)
        if one is None or other is None or one.__class__ is list or other.__class__ is list:
            return None
        if isinstance(one, int | float) and isinstance(other, int | float):
            return _numbers(op, one, other)
        if op in "+-" and isinstance(other, Span):
            moment = _as_instant(one) if isinstance(one, str | Instant) else None
            return None if moment is None else shift(moment, other, 1 if op == "+" else -1)
        if op == "+" and isinstance(one, Span):
            moment = _as_instant(other) if isinstance(other, str | Instant) else None
            return None if moment is None else shift(moment, one, 1)
        return None

    return compute


def _numbers(op: str, one: int | float, other: int | float) -> int | float | None:
    """Whole numbers stay whole (division toward zero); null for division by zero and overflow."""
    try:
        if op == "+":
            found = one + other
        elif op == "-":
            found = one - other
        elif op == "*":
            found = one * other
        elif isinstance(one, float) or isinstance(other, float):
            found = one / other if op == "/" else math.fmod(one, other)
        else:
            quotient = abs(one) // abs(other) * (1 if (one < 0) == (other < 0) else -1)
            found = quotient if op == "/" else one - other * quotient
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    if isinstance(found, int):
        return found if LONG_MIN <= found <= LONG_MAX else None
    return found if found == found and abs(found) != float("inf") else None


def _call(call: Call, scope: Scope) -> Expression:
    special = _SPECIAL.get(call.function)
    if special is not None:
        return special(call, scope)
    function = call_function(call.function, len(call.arguments))
    if function is None:
        name = call.function.replace("_", "-")
        raise NotSupportedError(f"function {call.function}", call.pos, code=f"esql-function-{name}")
    arguments = tuple(compile_value(argument, scope) for argument in call.arguments)

    def compute(row: Row) -> V:
        try:
            return function(*[argument(row) for argument in arguments])
        except SourceError as error:
            error.position = error.position or call.pos
            raise

    return compute


def _case(call: Call, scope: Scope) -> Expression:
    """The value of the first condition that is true; null or several values are not true."""
    if len(call.arguments) < 2:
        raise QuerySyntaxError("case needs a condition and a value", call.pos)
    compiled = [compile_value(argument, scope) for argument in call.arguments]
    values = (
        call.arguments[1::2] if len(call.arguments) % 2 == 0 else (*call.arguments[1::2], call.arguments[-1])
    )
    if any(_is_double(value, scope) for value in values):
        compiled = [
            _widened(item) if at % 2 or at == len(compiled) - 1 else item for at, item in enumerate(compiled)
        ]
    otherwise = compiled.pop() if len(compiled) % 2 else None
    pairs = tuple(zip(compiled[::2], compiled[1::2], strict=True))

    def choose(row: Row) -> V:
        for condition, value in pairs:
            if condition(row) is True:
                return value(row)
        return None if otherwise is None else otherwise(row)

    return choose


def _is_double(value: Value, scope: Scope) -> bool:
    """Whether a value is a double: then the numbers beside it in a case or coalesce become doubles."""
    match value:
        case Literal_(constant):
            return isinstance(constant, float)
        case FieldValue(name):
            return scope.context.field_type(name) in ("double", "float", "half_float", "scaled_float")
        case Arithmetic(_, left, right):
            return _is_double(left, scope) or _is_double(right, scope)
        case Call(function):
            return function == "to_double"
        case _:
            return False


def _widened(item: Expression) -> Expression:
    def widen(row: Row) -> V:
        found = item(row)
        return float(found) if found.__class__ is int else found

    return widen


def _coalesce(call: Call, scope: Scope) -> Expression:
    compiled = tuple(compile_value(argument, scope) for argument in call.arguments)
    if any(_is_double(argument, scope) for argument in call.arguments):
        compiled = tuple(map(_widened, compiled))

    def first(row: Row) -> V:
        for item in compiled:
            if (found := item(row)) is not None:
                return found
        return None

    return first


def _now(call: Call, scope: Scope) -> Expression:
    context = scope.context
    context.uses_now = True
    return lambda row: None if context.now is None else Instant(context.now)


def _full_text(call: Call, scope: Scope) -> Expression:
    """A query of another language on the event itself; it is true or false, never null."""
    predicate = _full_text_predicate(call, scope)
    if not scope.has_events:
        raise NotSupportedError(
            f"{call.function} on rows that are no events", call.pos, code="esql-full-text"
        )
    scope.context.uses_all = True
    holds = compile_predicate(predicate, scope.context)
    return lambda row: holds(row.event)


def _full_text_predicate(call: Call, scope: Scope) -> Predicate:
    texts = [item.value for item in call.arguments if isinstance(item, Literal_)]
    if call.function in ("kql", "qstr") and len(texts) == len(call.arguments) == 1:
        parse = parse_kuery if call.function == "kql" else parse_lucene
        return parse(str(texts[0]), field_type=scope.context.field_type)
    first = call.arguments[0] if call.arguments else None
    if isinstance(first, Call) and first.function == "to_string" and len(first.arguments) == 1:
        first = first.arguments[0]  # the query asks the field's own index
    if len(call.arguments) == 2 and len(texts) == 1 and isinstance(first, FieldValue):
        field_name = first.name
        kind = scope.context.field_type(field_name)
        text = texts[0]
        shown = ("true" if text else "false") if isinstance(text, bool) else str(text)
        return match_query(field_name, kind, shown, call.pos, phrase=call.function == "match_phrase")
    if isinstance(first, FieldValue) and is_fuzzy(call):
        fuzzy = fuzzy_match(first.name, scope.context.field_type(first.name), call, call.pos)
        if fuzzy is not None:
            return fuzzy
    raise NotSupportedError(f"{call.function} with these arguments", call.pos, code="esql-full-text")


_SPECIAL: dict[str, Callable[[Call, Scope], Expression]] = {
    "case": _case,
    "coalesce": _coalesce,
    "kql": _full_text,
    "match": _full_text,
    "match_phrase": _full_text,
    "now": _now,
    "qstr": _full_text,
}
