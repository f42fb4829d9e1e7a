"""Numbers. Source: Splunk Search Reference, "Mathematical functions" and "Statistical eval functions"."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from converter.evaluate.spl.expression import Call, Evaluate, Function, all_values, scalar
from converter.evaluate.spl.rows import Run
from converter.evaluate.spl.values import Value, number, several, text


def _numeric(function: Callable[..., Value]) -> Function:
    """A function of one number; null for a text that is none."""

    def calculate(value: Value) -> Value:
        found = number(value)
        try:
            return None if found is None else _whole(function(found))
        except (ValueError, OverflowError):
            return None

    return Function(1, 1, scalar(calculate))


def _whole(value: Value) -> Value:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def rounded(value: Value, places: Value = 0) -> Value:
    """Half away from zero, by the digits that are shown."""
    found, digits = number(value), number(places)
    if found is None or digits is None:
        return None
    step = Decimal(1).scaleb(-int(digits))
    return _whole(float(Decimal(repr(found)).quantize(step, rounding=ROUND_HALF_UP)))


def _power(base: Value, exponent: Value) -> Value:
    first, second = number(base), number(exponent)
    if first is None or second is None:
        return None
    try:
        return _whole(math.pow(first, second))
    except (ValueError, OverflowError):
        return None


def _logarithm(value: Value, base: Value = 10) -> Value:
    found, of = number(value), number(base)
    if found is None or of is None or found <= 0 or of <= 0 or of == 1:
        return None
    return _whole(math.log10(found) if of == 10 else math.log(found, of))


def _extreme(greatest: bool) -> Function:
    """`min` and `max`: a text counts as greater than a number. Nulls are passed over."""

    def build(call: Call) -> tuple[Evaluate, bool]:
        items = all_values(call)

        def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
            values = [value for item in items for value in several(item(fields, run))]
            if not values:
                return None
            return (max if greatest else min)(values, key=_rank)

        return evaluate, False

    return Function(1, None, build)


def _rank(value: Value) -> tuple[bool, float, str]:
    found = number(value)
    return (True, 0.0, text(value)) if found is None else (False, float(found), "")


NUMBERS: dict[str, Function] = {
    "abs": _numeric(abs),
    "ceil": _numeric(math.ceil),
    "ceiling": _numeric(math.ceil),
    "floor": _numeric(math.floor),
    "sqrt": _numeric(math.sqrt),
    "exp": _numeric(math.exp),
    "ln": _numeric(math.log),
    "exact": _numeric(lambda value: value),
    "round": Function(1, 2, scalar(rounded)),
    "pow": Function(2, 2, scalar(_power)),
    "log": Function(1, 2, scalar(_logarithm)),
    "min": _extreme(greatest=False),
    "max": _extreme(greatest=True),
}
