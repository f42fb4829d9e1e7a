"""Values worth trying for the fields of a script: its own constants and what is near them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from converter.elastic.types import NUMBER_TYPES, field_type
from converter.ir import Equals, Predicate, Script
from converter.ir.rewrite import value_fields
from converter.ir.value import Arithmetic, Call, Comparison, IsNull, Literal_, Logic, Value

_LONGEST = 20_000


def script_pins(script: Script, event: Mapping[str, Any]) -> Iterator[Predicate]:
    """One field of the script after the other with a constant of the script or another's value."""
    fields = tuple(dict.fromkeys(value_fields(script.expression)))
    found = tuple(_constants(script.expression))
    for name in fields:
        numeric = field_type(name) in NUMBER_TYPES
        values = [
            event[other] for other in fields if other != name and isinstance(event.get(other), str | int)
        ]
        values.extend(_numbers(found) if numeric else _texts(found))
        yield from (Equals(name, value) for value in dict.fromkeys(values))


def _numbers(found: tuple[Any, ...]) -> Iterator[int | float]:
    for value in found:
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield from (value, value + 1, value - 1)
    yield from (0, 1, 1000)


def _texts(found: tuple[Any, ...]) -> Iterator[str]:
    for value in found:
        if isinstance(value, str):
            yield from (value, f"x7{value}y8", f"{value}y8", f"x7{value}")
        elif isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LONGEST:
            yield from ("x" * value, "x" * (value + 1), "x" * (value - 1))
    yield from ("alpha", "beta-7")


def _constants(value: Value) -> Iterator[Any]:
    stack = [value]
    while stack:
        node = stack.pop()
        match node:
            case Literal_(value=constant):
                yield constant
            case Call(arguments=arguments):
                stack.extend(reversed(arguments))
            case Logic(items=items):
                stack.extend(reversed(items))
            case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
                stack.extend((right, left))
            case IsNull(item=item):
                stack.append(item)
