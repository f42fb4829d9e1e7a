"""Constants computed, and comparisons written one way: `4 > f` is `f < 4`, `f == null` is a null test.

Source: the rules of Elasticsearch's EQL optimizer that decide which conditions become queries.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from converter.elastic.eql.functions import FUNCTIONS, Result, calculate
from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, Holds, IsNull, Literal_, Logic, Value

_FLIPPED: dict[str, Literal["==", "!=", "<", "<=", ">", ">="]] = {
    "==": "==",
    "!=": "!=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}


def fold(value: Value) -> Value:
    """The same value with its constant parts computed; what is left keeps its place and order."""
    if isinstance(value, FieldValue | Literal_ | Holds):
        return value
    if isinstance(value, Call):
        return _fold_call(value)
    if isinstance(value, Arithmetic):
        left, right = fold(value.left), fold(value.right)
        if isinstance(left, Literal_) and isinstance(right, Literal_):
            return Literal_(calculate(value.op, left.value, right.value), pos=value.pos)
        return replace(value, left=left, right=right)
    if isinstance(value, Comparison):
        return _fold_comparison(replace(value, left=fold(value.left), right=fold(value.right)))
    if isinstance(value, IsNull):
        return _null_test(fold(value.item), value)
    return _negated(fold(value.items[0]), value) if value.op == "not" else _fold_logic(value)


def _fold_call(call: Call) -> Value:
    arguments = tuple(fold(argument) for argument in call.arguments)
    if all(isinstance(argument, Literal_) for argument in arguments):
        constants = [argument.value for argument in arguments if isinstance(argument, Literal_)]
        result = FUNCTIONS[call.function.lower()].evaluate(constants, call.ignore_case)
        return Literal_(result, pos=call.pos)
    return replace(call, arguments=arguments)


def _fold_comparison(value: Comparison) -> Value:
    left, right = value.left, value.right
    if isinstance(left, Literal_) and isinstance(right, Literal_):
        if value.op in ("like", "rlike"):
            return value
        if left.value is None or right.value is None:
            return _null_comparison(value.op, right if left.value is None else left, value)
        return Literal_(compare(value.op, left.value, right.value, value.ignore_case), pos=value.pos)
    if isinstance(left, Literal_) and value.op in _FLIPPED:
        return _fold_comparison(replace(value, op=_FLIPPED[value.op], left=right, right=left))
    if isinstance(right, Literal_) and right.value is None:
        return _null_comparison(value.op, left, value)
    truth = right.value if isinstance(right, Literal_) and isinstance(right.value, bool) else None
    if truth is not None and value.op in ("==", "!=") and is_condition(left):
        return left if truth == (value.op == "==") else _negated(left, value)
    return value


def _null_comparison(op: str, item: Value, source: Comparison) -> Value:
    if op == "==":
        return _null_test(item, source)
    if op == "!=":
        return _negated(_null_test(item, source), source)
    return Literal_(None, pos=source.pos)


def _null_test(item: Value, source: Value) -> Value:
    if isinstance(item, Literal_):
        return Literal_(item.value is None, pos=source.pos)
    return IsNull(item, pos=source.pos)


def _negated(item: Value, source: Value) -> Value:
    """`not item`, of an item that is folded."""
    if isinstance(item, Literal_) and (item.value is None or isinstance(item.value, bool)):
        return Literal_(None if item.value is None else not item.value, pos=source.pos)
    if isinstance(item, Logic) and item.op == "not":
        return item.items[0]
    return Logic("not", (item,), pos=source.pos)


def _fold_logic(value: Logic) -> Value:
    """`and`, `or`: parts of the same kind in one, without what does not change it."""
    decisive = value.op == "or"
    items: list[Value] = []
    for part in value.items:
        item = fold(part)
        if isinstance(item, Logic) and item.op == value.op:
            items.extend(item.items)
        elif isinstance(item, Literal_) and isinstance(item.value, bool):
            if item.value == decisive:
                return Literal_(decisive, pos=value.pos)
        else:
            items.append(item)
    if not items:
        return Literal_(not decisive, pos=value.pos)
    return items[0] if len(items) == 1 else replace(value, items=tuple(items))


def is_condition(value: Value) -> bool:
    """Whether it gives true, false or null by its form; a field may too, by its type."""
    if isinstance(value, Call):
        return FUNCTIONS[value.function.lower()].returns == "boolean"
    return isinstance(value, Comparison | Logic | IsNull)


def compare(op: str, left: Result, right: Result, ignore_case: bool = False) -> bool | None:
    """`left op right` in a script: null if either is null or if their types cannot be compared."""
    if left is None or right is None:
        return None
    if isinstance(left, str) and isinstance(right, str):
        if ignore_case:
            left, right = left.lower(), right.lower()
        return _ordered(op, (left > right) - (left < right))
    if isinstance(left, bool) != isinstance(right, bool):
        return None
    if isinstance(left, int | float) and isinstance(right, int | float):
        return _ordered(op, (left > right) - (left < right))
    return None


def _ordered(op: str, order: int) -> bool:
    if op == "==":
        return order == 0
    if op == "!=":
        return order != 0
    if op in ("<", "<="):
        return order < 0 or (op == "<=" and order == 0)
    return order > 0 or (op == ">=" and order == 0)
