"""Usual values of a field by its type, where a rule asks nothing else of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from converter.elastic.types import NUMBER_TYPES, field_type

USUAL: Mapping[str, tuple[Any, ...]] = {
    "ip": ("10.20.4.57", "203.0.113.9", "198.51.100.23", "192.168.7.12", "127.0.0.1", "2001:db8::57", "::1"),
    "boolean": (True, False),
    "nested": (),
    "date": ("2025-03-04T10:15:30.250Z", "2025-03-01T00:00:00.000Z", "2024-01-01T00:00:00.000Z"),
}
NUMBERS = (7, 4711, 0, 1, 2, 22, 443, 50123, 100000, 10_000_000)
_TEXTS = ("alpha", "beta-7", "gamma", "other value", "7", "")


def generic(field: str) -> tuple[Any, ...]:
    """Usual values by the field's type."""
    if field.endswith("url.path"):
        return ("/index.html", "/")
    kind = field_type(field)
    if kind in NUMBER_TYPES:
        return NUMBERS
    return USUAL.get(kind, _TEXTS)
