"""Arrays made of values: packed, repeated, in equal steps, of other arrays element by element.

Source: "Dynamic/array functions" in the KQL reference. What is no array gives null.
"""

from __future__ import annotations

import math
from typing import Any

from converter.evaluate.kusto.functions.registry import function
from converter.evaluate.kusto.values import DateTime, TimeSpan

MAX_ELEMENTS = 1_048_576


@function("pack_array", "any... -> dynamic", nulls=True)
def pack_array(*items: Any) -> list[Any]:
    return list(items)


@function("repeat", "any, long -> dynamic", nulls=True)
def repeat(item: Any, count: int | None) -> list[Any] | None:
    return None if count is None or count < 0 else [item] * min(count, MAX_ELEMENTS)


@function("range", "any, any, [any] -> dynamic")
def series(start: Any, stop: Any, step: Any = None) -> list[Any] | None:
    """Equally spaced numbers or times, both ends included."""
    if isinstance(start, DateTime | TimeSpan) != isinstance(stop, DateTime | TimeSpan):
        return None
    ends = (start, stop, 0 if step is None else step)
    if not all(isinstance(item, int | float) and not isinstance(item, bool) for item in ends):
        return None
    if step is None:
        step = TimeSpan(36_000_000_000) if isinstance(start, DateTime | TimeSpan) else 1
    if isinstance(start, DateTime | TimeSpan) and not isinstance(step, TimeSpan):
        return None
    if step == 0 or not all(map(math.isfinite, (start, stop, step))):
        return None
    kind = float if isinstance(step, float) and type(start) is int else type(start)
    items: list[Any] = []
    while (start <= stop if step > 0 else start >= stop) and len(items) < MAX_ELEMENTS:
        items.append(start)
        start = kind(start + step)
    return items


@function("zip", "dynamic... -> dynamic")
def zip_arrays(*arrays: Any) -> list[Any] | None:
    if not all(isinstance(array, list) for array in arrays):
        return None
    longest = max(len(array) for array in arrays)
    return [[array[n] if n < len(array) else None for array in arrays] for n in range(longest)]
