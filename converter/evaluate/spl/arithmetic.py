"""Operators of `eval` that give a value: `+ - * / %` and `.`; null with null, or where there is no number."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
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


def operation(left: Evaluate, sign: str, right: Evaluate, position: Position) -> Evaluate:
    """`left sign right`."""
    calculate = _OPERATIONS[sign]

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        first = left(fields, run)
        if first is None:
            return None
        second = right(fields, run)
        if second is None:
            return None
        if isinstance(first, list) or isinstance(second, list):
            what = f"{sign} on a field with several values, which is not documented"
            raise NotSupportedError(what, position, code="spl-multivalue")
        result = calculate(first, second)
        if isinstance(result, float) and result.is_integer() and abs(result) < 2**53:
            return int(result)
        return result

    return evaluate


def negative(item: Evaluate, position: Position) -> Evaluate:
    """`-item`."""
    return operation(lambda fields, run: 0, "-", item, position)
