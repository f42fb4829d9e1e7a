"""Property bags: made, asked, merged, changed.

Source: "Dynamic/array functions" in the KQL reference. What is no bag gives null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto import values
from converter.evaluate.kusto.expression import Expression
from converter.evaluate.kusto.functions.paths import at_path, path_steps
from converter.evaluate.kusto.functions.registry import applied, function, special
from converter.evaluate.kusto.types import Type
from converter.source import QuerySyntaxError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder


@special("bag_pack pack pack_dictionary")
def bag_pack(binder: Binder, node: ast.Call) -> Expression:
    """A bag of keys and values that alternate."""
    if len(node.arguments) % 2:
        raise QuerySyntaxError(f"{node.function}() takes keys and values in pairs", node.position)
    return applied(_packed, binder.arguments(node.arguments), Type.DYNAMIC, nulls=True)


def _packed(*pairs: Any) -> dict[str, Any]:
    return {values.to_text(key): value for key, value in zip(pairs[::2], pairs[1::2], strict=True)}


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
