"""Arrays as sets.

Source: "Dynamic/array functions" in the KQL reference. What is no array gives null.
"""

from __future__ import annotations

from typing import Any

from converter.evaluate.kusto.expression import identity, same_value
from converter.evaluate.kusto.functions.registry import function


def unique(items: list[Any]) -> list[Any]:
    """The items without repetitions, in order of first appearance."""
    seen: dict[Any, Any] = {}
    for item in items:
        seen.setdefault(identity(item), item)
    return list(seen.values())


@function("set_union", "dynamic... -> dynamic")
def set_union(*arrays: Any) -> list[Any] | None:
    if not all(isinstance(array, list) for array in arrays):
        return None
    return unique([item for array in arrays for item in array])


@function("set_intersect", "dynamic... -> dynamic")
def set_intersect(first: Any, *others: Any) -> list[Any] | None:
    if not all(isinstance(array, list) for array in (first, *others)):
        return None
    kept = [{identity(item) for item in array} for array in others]
    return [item for item in unique(first) if all(identity(item) in keys for keys in kept)]


@function("set_difference", "dynamic... -> dynamic")
def set_difference(first: Any, *others: Any) -> list[Any] | None:
    if not all(isinstance(array, list) for array in (first, *others)):
        return None
    dropped = {identity(item) for array in others for item in array}
    return [item for item in unique(first) if identity(item) not in dropped]


@function("set_has_element", "dynamic, any -> bool")
def set_has_element(array: Any, wanted: Any) -> bool | None:
    if not isinstance(array, list):
        return None
    return any(item is not None and same_value(item, wanted) for item in array)


@function("set_equals", "dynamic, dynamic -> bool")
def set_equals(one: Any, other: Any) -> bool | None:
    if not isinstance(one, list) or not isinstance(other, list):
        return None
    return {identity(item) for item in one} == {identity(item) for item in other}


@function("jaccard_index", "dynamic, dynamic -> real")
def jaccard_index(one: Any, other: Any) -> float | None:
    if not isinstance(one, list) or not isinstance(other, list):
        return None
    left, right = {identity(item) for item in one}, {identity(item) for item in other}
    return len(left & right) / len(left | right) if left | right else float("nan")
