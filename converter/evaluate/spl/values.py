"""Splunk's values: texts, numbers, several values, null.

A field's text that reads as a number is one wherever a number is wanted. Booleans stand only inside
expressions; a JSON `true` in an event is the text "true", as Splunk extracts it.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

Value: TypeAlias = Any
"""None (null), str, int, float, bool (in expressions only), or a list of texts and numbers."""

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_EXACT = 2**53
_DIGITS = 300


def text(value: Value) -> str:
    """A single value as Splunk shows it."""
    if isinstance(value, str):
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return str(value)


def number(value: Value) -> int | float | None:
    """The number that a single value is or reads as; None where it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    return _parse_number(value) if isinstance(value, str) else None


@lru_cache(maxsize=65536)
def _parse_number(value: str) -> int | float | None:
    if len(value) <= _DIGITS and _INTEGER.fullmatch(value):
        return int(value)
    found = float(value) if _NUMBER.fullmatch(value) else math.nan
    return found if math.isfinite(found) else None


def several(value: Value) -> list[Any]:
    """All values of a field."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def collapsed(values: list[Any]) -> Value:
    """Values as a field holds them: null for none, the value itself for one."""
    if not values:
        return None
    return values[0] if len(values) == 1 else values


@lru_cache(maxsize=4096)
def address(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that a text is; None where it is none."""
    try:
        return ipaddress.ip_address(value.strip())
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def network(value: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """The subnet that a text with a slash is; None where it is none."""
    if "/" not in value:
        return None
    try:
        return ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None


def flat(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event's fields: nested objects by dotted names, `{}` behind an array of objects' name as well.

    Nulls and empty arrays are no fields.
    """
    fields: dict[str, Any] = {}
    _flatten(event, "", fields)
    return fields


def is_flat(event: Mapping[str, Any]) -> bool:
    """Whether every value is one that a field can hold."""
    return _SINGLE.issuperset(map(type, event.values()))


_SINGLE = frozenset({str, int, float})


def _flatten(item: Mapping[str, Any], prefix: str, fields: dict[str, Any]) -> None:
    for key, value in item.items():
        name = prefix + key
        if isinstance(value, Mapping):
            _flatten(value, f"{name}.", fields)
        elif isinstance(value, list | tuple):
            _flatten_array(list(value), name, fields)
        elif value is not None:
            _add(fields, name, text(value) if isinstance(value, bool) else value)


def _flatten_array(values: list[Any], name: str, fields: dict[str, Any]) -> None:
    for value in values:
        if isinstance(value, Mapping):
            inner: dict[str, Any] = {}
            _flatten(value, "", inner)
            for key, found in inner.items():
                for single in several(found):
                    _add(fields, f"{name}.{key}", single)
                    _add(fields, f"{name}{{}}.{key}", single)
        elif isinstance(value, list | tuple):
            _flatten_array(list(value), name, fields)
        elif value is not None:
            _add(fields, name, text(value) if isinstance(value, bool) else value)


def _add(fields: dict[str, Any], name: str, value: Any) -> None:
    if name not in fields:
        fields[name] = value
    elif isinstance(fields[name], list):
        fields[name].append(value)
    else:
        fields[name] = [fields[name], value]


def getter_names(name: str) -> tuple[str, ...]:
    """The keys to look under for a field: `a{}` is the array `a`, as Splunk names it."""
    return (name, name[:-2]) if name.endswith("{}") else (name,)
