"""Kusto's literals: texts, time spans, nulls.

Source: Kusto documentation, "The string data type", "The timespan data type", "Null values".
"""

from __future__ import annotations

from collections.abc import Mapping

from converter.lowering.kinds import Kind

NULLS: Mapping[Kind, str] = {
    "text": '""',
    "integer": "long(null)",
    "double": "real(null)",
    "boolean": "bool(null)",
    "date": "datetime(null)",
    "timespan": "timespan(null)",
    "list": "dynamic(null)",
    "null": '""',
}
_SPANS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def quote(text: str) -> str:
    """A string literal: verbatim where a backslash is in it, so that paths stay readable."""
    if "\\" in text and not any(ord(char) < 32 for char in text):
        return '@"' + text.replace('"', '""') + '"'
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def interval(length: int | float) -> str:
    """Seconds as a timespan literal: `5m`."""
    for size, unit in _SPANS:
        if length % size == 0:
            return f"{int(length // size)}{unit}"
    return f"{round(length * 1000)}ms"


def literal(constant: str | int | float | bool | None) -> str:
    """A constant; null as the empty text."""
    if constant is None:
        return '""'
    if isinstance(constant, bool):
        return str(constant).lower()
    return quote(constant) if isinstance(constant, str) else str(constant)
