"""JSON: texts, and what lies in them at a path (`$.a[0]`).

Source: "Dynamic/array functions", `parse_json`, `extract_json` in the KQL reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto import values
from converter.evaluate.kusto.expression import Expression, convert
from converter.evaluate.kusto.functions.registry import applied, function, special
from converter.evaluate.kusto.types import Type
from converter.late import late
from converter.source import QuerySyntaxError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder


_PATH_STEP = late(r"\.([^.\[\]]+)|\[(?:'([^']*)'|\"([^\"]*)\"|(-?\d+))\]")


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
