"""JSON in a field. Source: Splunk Search Reference, "JSON functions" and "spath"."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from converter.evaluate.spl.expression import Call, Evaluate, Function, scalar
from converter.evaluate.spl.values import Value, collapsed, text
from converter.late import late

_REMEMBERED = 1024
"""Texts of which it is remembered what an expression takes out of them: to read one takes longest."""
_STEP = late(r"(?P<key>(?:[^.{}]|\\.)+)|\{(?P<place>\d*)\}|\.")


def at_path(document: Any, path: str) -> list[Any]:
    """The values under `a.b{}.c` or `a.b{0}`; `{}` is all items of an array.

    Raises ValueError for what is no such path.
    """
    found = [document]
    offset = 0
    while offset < len(path):
        step = _STEP.match(path, offset)
        if step is None:
            raise ValueError(path)
        if step.group("key") is not None:
            key = step.group("key").replace("\\", "")
            found = [item[key] for item in found if isinstance(item, dict) and key in item]
        elif step.group("place") is not None:
            found = [one for item in found if isinstance(item, list) for one in _items(item, step["place"])]
        offset = step.end()
    return found


def _items(array: list[Any], place: str) -> list[Any]:
    return array if not place else array[int(place) : int(place) + 1]


def field_value(item: Any) -> Value:
    """A JSON value as a field holds it: objects and arrays as their text."""
    if isinstance(item, dict | list):
        return json.dumps(item, ensure_ascii=False, separators=(",", ":"))
    return text(item) if isinstance(item, bool) else item


def _loads(value: Value) -> Any:
    try:
        return json.loads(text(value))
    except ValueError:
        return None


def _extract(call: Call) -> tuple[Evaluate, bool]:
    @lru_cache(maxsize=_REMEMBERED)
    def extracted(whole: str, *paths: str) -> Value:
        document = _loads(whole)
        if document is None:
            return None
        if not paths:
            return field_value(document)
        try:
            found = [one for path in paths for one in at_path(document, path)]
        except ValueError:
            raise call.refuse(f"with the path {', '.join(paths)}") from None
        return collapsed([field_value(one) for one in found if one is not None])

    return scalar(lambda *values: extracted(*map(text, values)))(call)


def _is_valid(value: Value) -> bool:
    try:
        json.loads(text(value))
    except ValueError:
        return False
    return True


def _array_values(value: Value) -> Value:
    document = _loads(value)
    return collapsed([field_value(one) for one in document]) if isinstance(document, list) else None


JSON: dict[str, Function] = {
    "spath": Function(2, 2, _extract),
    "json_extract": Function(1, 2, _extract),
    "json_valid": Function(1, 1, scalar(_is_valid, boolean=True)),
    "json_array_to_mv": Function(1, 1, scalar(_array_values)),
}
