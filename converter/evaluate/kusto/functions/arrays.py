"""Arrays: parts, places, sums.

Source: "Dynamic/array functions" in the KQL reference. What is no array gives null.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from converter.evaluate.kusto import values
from converter.evaluate.kusto.expression import same_value
from converter.evaluate.kusto.functions.building import MAX_ELEMENTS
from converter.evaluate.kusto.functions.registry import function
from converter.evaluate.kusto.values import DateTime, TimeSpan
from converter.source import NotSupportedError


@function("array_length arraylength", "dynamic -> long")
def array_length(array: Any) -> int | None:
    return len(array) if isinstance(array, list) else None


@function("array_concat", "dynamic... -> dynamic", nulls=True)
def array_concat(*arrays: Any) -> list[Any] | None:
    found = [array for array in arrays if isinstance(array, list)]
    if sum(map(len, found)) > 2 * MAX_ELEMENTS:
        raise NotSupportedError(f"an array of over {2 * MAX_ELEMENTS} elements", code="kql-array")
    return [item for array in found for item in array] if found else None


def _on_array(names: str, signature: str) -> Callable[..., Any]:
    """Register a function whose first argument must be an array."""

    def register(implementation: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(array: Any, *rest: Any) -> Any:
            return implementation(array, *rest) if isinstance(array, list) else None

        function(names, signature)(guarded)
        return implementation

    return register


@_on_array("array_slice", "dynamic, long, long -> dynamic")
def array_slice(array: list[Any], start: int, end: int) -> list[Any]:
    """Elements from start to end, both included; negative places count from the end."""
    begin = start if start >= 0 else max(len(array) + start, 0)
    stop = end if end >= 0 else len(array) + end
    return array[begin : stop + 1]


@_on_array("array_split", "dynamic, any -> dynamic")
def array_split(array: list[Any], places: Any) -> list[Any] | None:
    wanted = places if isinstance(places, list) else [places]
    if not all(isinstance(place, int) for place in wanted):
        return None
    cuts = [place if place >= 0 else max(len(array) + place, 0) for place in wanted]
    edges = [0, *cuts, len(array)]
    return [array[one:other] for one, other in pairwise(edges)]


@_on_array("array_reverse", "dynamic -> dynamic")
def array_reverse(array: list[Any]) -> list[Any]:
    return array[::-1]


@_on_array("array_rotate_left", "dynamic, long -> dynamic")
def array_rotate_left(array: list[Any], count: int) -> list[Any]:
    place = count % len(array) if array else 0
    return array[place:] + array[:place]


@_on_array("array_rotate_right", "dynamic, long -> dynamic")
def array_rotate_right(array: list[Any], count: int) -> list[Any]:
    place = -count % len(array) if array else 0
    return array[place:] + array[:place]


def _shift(array: list[Any], count: int, fill: Any) -> list[Any]:
    padding = [fill] * min(abs(count), len(array))
    return (
        array[count:] + padding
        if count >= 0
        else padding + array[: len(array) + count if -count < len(array) else 0]
    )


@function("array_shift_left", "dynamic, long, [any] -> dynamic", nulls=True)
def array_shift_left(array: Any, count: int | None, fill: Any = None) -> list[Any] | None:
    return _shift(array, count, fill) if isinstance(array, list) and count is not None else None


@function("array_shift_right", "dynamic, long, [any] -> dynamic", nulls=True)
def array_shift_right(array: Any, count: int | None, fill: Any = None) -> list[Any] | None:
    return _shift(array, -count, fill) if isinstance(array, list) and count is not None else None


@_on_array("array_sum", "dynamic -> real")
def array_sum(array: list[Any]) -> float | None:
    """The sum, nulls left out; null where an element is no number."""
    items = [item for item in array if item is not None]
    if not all(isinstance(item, int | float) and not isinstance(item, bool) for item in items):
        return None
    return float(sum(items))


@_on_array("array_index_of", "dynamic, any, [long], [long], [long] -> long")
def array_index_of(
    array: list[Any], wanted: Any, start: int = 0, count: int = -1, occurrence: int = 1
) -> int | None:
    """Place of the n-th equal element in a part of the array, -1 without one."""
    begin = start if start >= 0 else max(len(array) + start, 0)
    stop = len(array) if count == -1 else min(begin + count, len(array))
    if count < -1 or occurrence < 1:
        return None
    places = [n for n in range(begin, stop) if array[n] is not None and same_value(array[n], wanted)]
    return places[occurrence - 1] if len(places) >= occurrence else -1


@function("strcat_array array_strcat", "dynamic, string -> string")
def strcat_array(array: Any, delimiter: str) -> str | None:
    return delimiter.join(values.to_text(item) for item in array) if isinstance(array, list) else None


@function("array_iff array_iif", "dynamic, any, any -> dynamic", nulls=True)
def array_iff(conditions: Any, when_true: Any, when_false: Any) -> list[Any] | None:
    """Element by element; null for a condition that is neither bool nor number, and beyond an array."""
    if not isinstance(conditions, list):
        return None
    chosen: list[Any] = []
    for number, condition in enumerate(conditions):
        if not isinstance(condition, bool | int | float) or isinstance(condition, DateTime | TimeSpan):
            chosen.append(None)
            continue
        source = when_true if condition else when_false
        if isinstance(source, list):
            source = source[number] if number < len(source) else None
        chosen.append(source)
    return chosen
