"""Arrays, sets and property bags.

Source: "Dynamic/array functions" in the KQL reference. What is no array, or no bag, gives null.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto import values
from converter.evaluate.kusto.expression import Expression, convert, identity, same_value
from converter.evaluate.kusto.functions.registry import applied, function, special
from converter.evaluate.kusto.types import Type
from converter.evaluate.kusto.values import DateTime, TimeSpan
from converter.source import NotSupportedError, QuerySyntaxError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder

MAX_ELEMENTS = 1_048_576

# ---- building


@function("pack_array", "any... -> dynamic", nulls=True)
def pack_array(*items: Any) -> list[Any]:
    return list(items)


@special("bag_pack pack pack_dictionary")
def bag_pack(binder: Binder, node: ast.Call) -> Expression:
    """A bag of keys and values that alternate."""
    if len(node.arguments) % 2:
        raise QuerySyntaxError(f"{node.function}() takes keys and values in pairs", node.position)
    return applied(_packed, binder.arguments(node.arguments), Type.DYNAMIC, nulls=True)


def _packed(*pairs: Any) -> dict[str, Any]:
    return {values.to_text(key): value for key, value in zip(pairs[::2], pairs[1::2], strict=True)}


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


@function("bag_zip", "dynamic, dynamic -> dynamic")
def bag_zip(keys: Any, items: Any) -> dict[str, Any] | None:
    """The texts of one array as keys of the values of another; null where there is no such value."""
    if not isinstance(keys, list):
        return None
    items = items if isinstance(items, list) else []
    return {
        key: items[number] if number < len(items) else None
        for number, key in enumerate(keys)
        if isinstance(key, str)
    }


# ---- arrays


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


# ---- sets


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


# ---- bags and paths

_PATH_STEP = re.compile(r"\.([^.\[\]]+)|\[(?:'([^']*)'|\"([^\"]*)\"|(-?\d+))\]")


def path_steps(path: str) -> list[str | int] | None:
    """The keys and indexes of a path such as `$.a['b'][0]`; None where it is no such path."""
    if not path.startswith("$"):
        return None
    steps: list[str | int] = []
    place = 1
    while place < len(path):
        match = _PATH_STEP.match(path, place)
        if match is None:
            return None
        dotted, single, double, index = match.groups()
        steps.append(int(index) if index is not None else dotted or single or double or "")
        place = match.end()
    return steps


def at_path(value: Any, steps: list[str | int]) -> tuple[bool, Any]:
    """Whether a value has something at the path, and what."""
    for step in steps:
        in_bag = isinstance(step, str) and isinstance(value, dict) and step in value
        in_array = isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value)
        if not in_bag and not in_array:
            return False, None
        value = value[step]
    return True, value


@function("bag_keys", "dynamic -> dynamic")
def bag_keys(bag: Any) -> list[str] | None:
    return list(bag) if isinstance(bag, dict) else None


@function("bag_has_key", "dynamic, string -> bool")
def bag_has_key(bag: Any, key: str) -> bool | None:
    """Whether the bag has a key, given by name or by path (`$.a.b`)."""
    if not isinstance(bag, dict):
        return None
    steps = path_steps(key)
    return key in bag if steps is None else at_path(bag, steps)[0]


@function("bag_merge", "dynamic... -> dynamic", nulls=True)
def bag_merge(*bags: Any) -> dict[str, Any] | None:
    """All properties; where keys repeat, the leftmost bag's value stays."""
    found = [bag for bag in bags if isinstance(bag, dict)]
    merged: dict[str, Any] = {}
    for bag in found:
        for key, value in bag.items():
            merged.setdefault(key, value)
    return merged if found else None


def _without(value: Any, steps: list[str | int]) -> Any:
    if not isinstance(value, dict) or steps[0] not in value:
        return value
    if len(steps) == 1:
        return {key: item for key, item in value.items() if key != steps[0]}
    return {key: _without(item, steps[1:]) if key == steps[0] else item for key, item in value.items()}


@function("bag_remove_keys", "dynamic, dynamic -> dynamic")
def bag_remove_keys(bag: Any, keys: Any) -> Any:
    if not isinstance(bag, dict) or not isinstance(keys, list):
        return None
    for key in keys:
        steps = path_steps(values.to_text(key))
        bag = _without(bag, steps if steps else [values.to_text(key)])
    return bag


def _with(value: Any, steps: list[str | int], new: Any) -> Any:
    if not steps:
        return new
    base = value if isinstance(value, dict) else {}
    return {**base, str(steps[0]): _with(base.get(str(steps[0])), steps[1:], new)}


@function("bag_set_key", "dynamic, string, any -> dynamic", nulls=True)
def bag_set_key(bag: Any, key: str, new: Any) -> Any:
    if not isinstance(bag, dict):
        return None
    return _with(bag, path_steps(key) or [key], new)


@function("treepath", "dynamic -> dynamic", naming="tree_")
def tree_path(value: Any) -> list[str]:
    """The paths of all leaves."""
    found: list[str] = []

    def walk(item: Any, path: str) -> None:
        if path and path not in found:
            found.append(path)
        if isinstance(item, dict):
            for key, inner in item.items():
                walk(inner, f"{path}['{key}']")
        elif isinstance(item, list):
            for inner in item:
                walk(inner, f"{path}[0]")

    walk(value, "")
    return found


# ---- JSON


@function("parse_json parsejson todynamic toobject", "any -> dynamic", naming="first")
def parse_json(value: Any) -> Any:
    return values.parse_json(value) if isinstance(value, str) else value


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


@function("dynamic_to_json", "any -> string")
def dynamic_to_json(value: Any) -> str:
    """JSON with sorted keys, the same for equal values."""
    return values.to_json(_sorted(value))


def json_at(path: str, text: str) -> Any:
    steps = path_steps(path)
    return None if steps is None else at_path(values.parse_json(text), steps)[1]


@special("extract_json extractjson")
def extract_json(binder: Binder, node: ast.Call) -> Expression:
    """What a JSON text has at a path, as a string or as the given type."""
    from converter.evaluate.kusto.bind import type_argument

    if len(node.arguments) not in (2, 3):
        raise QuerySyntaxError("extract_json() takes two or three arguments", node.position)
    arguments = [binder.typed(item, Type.STRING, "extract_json()") for item in node.arguments[:2]]
    found = applied(json_at, arguments, Type.DYNAMIC)
    kind = type_argument(node.arguments[2]) if len(node.arguments) == 3 else Type.STRING
    return convert(found, kind)
