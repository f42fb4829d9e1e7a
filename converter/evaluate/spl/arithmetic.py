"""Operators of `eval` that give a value: `+ - * / %` and `.`; null with null, or where there is no number."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from converter.evaluate.spl.expression import Evaluate
from converter.evaluate.spl.rows import Run
from converter.evaluate.spl.values import Value, number, text
from converter.source import NotSupportedError, Position


def _add(left: Value, right: Value) -> Value:
    """A sum of numbers; texts are put together."""
    first, second = number(left), number(right)
    if first is not None and second is not None:
        return first + second
    return left + right if isinstance(left, str) and isinstance(right, str) else None


def _numeric(function: Callable[[Any, Any], Value]) -> Callable[[Value, Value], Value]:
    def calculate(left: Value, right: Value) -> Value:
        first, second = number(left), number(right)
        return None if first is None or second is None else function(first, second)

    return calculate


_OPERATIONS: dict[str, Callable[[Value, Value], Value]] = {
    "+": _add,
    ".": lambda left, right: text(left) + text(right),
    "-": _numeric(lambda left, right: left - right),
    "*": _numeric(lambda left, right: left * right),
    "/": _numeric(lambda left, right: left / right if right else None),
    "%": _numeric(lambda left, right: math.fmod(left, right) if right else None),
}


def operations(first: Evaluate, steps: Sequence[tuple[str, Evaluate, Position]]) -> Evaluate:
    """`first sign second sign third`, from left to right."""
    calculations = [(_OPERATIONS[sign], sign, operand, position) for sign, operand, position in steps]

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        result = first(fields, run)
        for calculate, sign, operand, position in calculations:
            value = operand(fields, run) if result is not None else None
            if result is None or value is None:
                return None
            if isinstance(result, list) or isinstance(value, list):
                what = f"{sign} on a field with several values, which is not documented"
                raise NotSupportedError(what, position, code="spl-multivalue")
            try:
                result = calculate(result, value)
            except OverflowError:  # a number that no result can hold
                return None
        return _whole(result)

    return evaluate


def _whole(value: Value) -> Value:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def negative(item: Evaluate, position: Position) -> Evaluate:
    """`-item`."""
    return operations(lambda fields, run: 0, [("-", item, position)])
