"""Aggregations of one expression: what each takes and gives, and what it makes of the values.

Source: "Aggregation functions" in the KQL reference. Approximations of the engine (`dcount`) are exact here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from functools import reduce
from typing import Any

from converter.evaluate.kusto.expression import identity
from converter.evaluate.kusto.functions.sets import unique
from converter.evaluate.kusto.schema_of import schema_of
from converter.evaluate.kusto.types import INTEGERS, NUMBERS, Type
from converter.evaluate.kusto.values import DateTime, TimeSpan, wrap_long
from converter.frozen import dataclass

Reduce = Callable[[list[Any]], Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """An aggregation of one expression: the types it takes and gives, what it makes of the values.

    `prefix` begins the name of the column; `limit`: a maximum size may follow the expression.
    """

    prefix: str
    takes: frozenset[Type] | None
    gives: Callable[[Type], Type]
    reduce: Reduce
    limit: bool = False
    keeps_nulls: bool = False


_SUMMABLE = NUMBERS | {Type.TIMESPAN}


def _sum(found: list[Any]) -> Any:
    """The sum, in the type of the values."""
    if not found:
        return None
    total = sum(found)
    if isinstance(found[0], TimeSpan):
        return TimeSpan(total)
    return wrap_long(total) if isinstance(total, int) else total


def _average(found: list[Any]) -> Any:
    if not found:
        return None
    if isinstance(found[0], DateTime | TimeSpan):
        return type(found[0])(sum(found) // len(found))
    return sum(found) / len(found) if isinstance(found[0], Decimal) else float(sum(found)) / len(found)


def total(numbers: list[float]) -> float:
    """The sum without rounding errors; of infinities, or beyond all reals, what plain addition gives."""
    try:
        return math.fsum(numbers)
    except (ValueError, OverflowError):
        return sum(numbers)


def _variance(found: list[Any], sample: bool) -> float | None:
    count = len(found) - 1 if sample else len(found)
    if not found:
        return None
    if count == 0:
        return 0.0
    numbers = [float(value) for value in found]
    mean = total(numbers) / len(numbers)
    return total([(value - mean) * (value - mean) for value in numbers]) / count


def _deviation(found: list[Any], sample: bool) -> float | None:
    variance = _variance(found, sample)
    return None if variance is None else math.sqrt(variance)


def _elements(found: list[Any]) -> list[Any]:
    """The values, of arrays their elements."""
    if not any(isinstance(value, list) for value in found):
        return found
    spread = (item for value in found for item in (value if isinstance(value, list) else [value]))
    return [item for item in spread if item is not None]


def _merged(found: list[Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for bag in found:
        if isinstance(bag, dict):
            for key, value in bag.items():
                merged.setdefault(key, value)
    return merged


def _always(kind: Type) -> Callable[[Type], Type]:
    return lambda given: kind


def _same(given: Type) -> Type:
    return given


def _sum_type(given: Type) -> Type:
    return Type.LONG if given in INTEGERS or given is Type.UNKNOWN else given


def _average_type(given: Type) -> Type:
    return given if given in (Type.DECIMAL, Type.DATETIME, Type.TIMESPAN) else Type.REAL


def _bits(operation: Callable[[int, int], int]) -> Reduce:
    return lambda found: reduce(operation, found) if found else None


_LIST = _always(Type.DYNAMIC)
RULES: dict[str, Rule] = {
    "sum": Rule("sum", _SUMMABLE, _sum_type, lambda found: _sum(found)),
    "avg": Rule("avg", _SUMMABLE | {Type.DATETIME}, _average_type, _average),
    "min": Rule("min", None, _same, lambda found: min(found, default=None)),
    "max": Rule("max", None, _same, lambda found: max(found, default=None)),
    "stdev": Rule("stdev", NUMBERS, _always(Type.REAL), lambda found: _deviation(found, True)),
    "stdevp": Rule("stdevp", NUMBERS, _always(Type.REAL), lambda found: _deviation(found, False)),
    "variance": Rule("variance", NUMBERS, _always(Type.REAL), lambda found: _variance(found, True)),
    "variancep": Rule("variancep", NUMBERS, _always(Type.REAL), lambda found: _variance(found, False)),
    "dcount": Rule("dcount", None, _always(Type.LONG), lambda found: len({identity(v) for v in found}), True),
    "count_distinct": Rule(
        "count_distinct", None, _always(Type.LONG), lambda found: len({identity(v) for v in found})
    ),
    "make_list": Rule("list", None, _LIST, list, True),
    "make_list_with_nulls": Rule("list", None, _LIST, list, keeps_nulls=True),
    "make_set": Rule("set", None, _LIST, lambda found: unique(_elements(found)), True),
    "make_bag": Rule("bag", frozenset({Type.DYNAMIC}), _LIST, _merged, True),
    "buildschema": Rule(
        "schema", frozenset({Type.DYNAMIC}), _LIST, lambda found: schema_of(found) if found else None
    ),
    "binary_all_and": Rule("", INTEGERS, _always(Type.LONG), _bits(lambda a, b: a & b)),
    "binary_all_or": Rule("", INTEGERS, _always(Type.LONG), _bits(lambda a, b: a | b)),
    "binary_all_xor": Rule("", INTEGERS, _always(Type.LONG), _bits(lambda a, b: a ^ b)),
}
