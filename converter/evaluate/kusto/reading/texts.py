"""The values of literals: strings with their escapes, types, `datetime(...)` and its like.

Source: "Scalar data types" in the KQL reference.
"""

from __future__ import annotations

import re
import sys
from typing import Any

from converter.evaluate.kusto import values
from converter.evaluate.kusto.reading.children import place_of
from converter.evaluate.kusto.types import TYPE_NAMES, Type
from converter.kept.nodes import Token
from converter.source import QuerySyntaxError

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "'": "'", "0": "\0", "a": "\a", "b": "\b"}
_ESCAPES |= {"f": "\f", "v": "\v"}


def unquote(token: Token) -> str:
    """The characters that a string literal stands for (verbatim, escaped or multi-line form)."""
    text = str(token)
    if text[0] in "hH":
        text = text[1:]
    if text.startswith(("```", "~~~")):
        return text[3:-3]
    if text[0] == "@":
        quote = text[1]
        return text[2:-1].replace(quote * 2, quote)

    def escape(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] in "uUx" and len(code) > 1 and int(code[1:], 16) <= sys.maxunicode:
            return chr(int(code[1:], 16))
        if code not in _ESCAPES:
            raise QuerySyntaxError(f"unknown escape \\{code} in a string", place_of(token))
        return _ESCAPES[code]

    text = re.sub(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|U[0-9a-fA-F]{8}|[\s\S])", escape, text[1:-1])
    return values.well_formed(text)


def type_of(token: Token) -> Type:
    """The type of this name. Raises QuerySyntaxError for any other word."""
    named = TYPE_NAMES.get(str(token).lower())
    if named is None:
        raise QuerySyntaxError(f"unknown type {token}", place_of(token))
    return named


def typed_literal(token: Token) -> tuple[values.Value, Type]:
    """The value of `datetime(...)`, `long(...)` and their like."""
    word, _, content = str(token).partition("(")
    kind = TYPE_NAMES[word.strip().lower()]
    content = content[:-1].strip()
    if content[:1] in ("'", '"') and content:
        content = content[1:-1]
    if content.lower() == "null":
        return None, kind
    value = _READERS[kind](content)
    if value is None:
        raise QuerySyntaxError(f"not a {kind.value} literal: {token}", place_of(token))
    return value, kind


def _read_datetime(text: str) -> values.DateTime | None:
    parts = re.fullmatch(r"(\d+)\s*,\s*(\d+)\s*,\s*(\d+)", text)
    if parts:
        text = f"{parts[1]}-{parts[2]}-{parts[3]}"
    text = re.sub(r"(?<=\d) +- +(?=\d)", "-", text)
    if text.lower() == "min":
        return values.DateTime(0)
    if text.lower() == "max":
        return values.DateTime(values.MAX_TICKS)
    return values.parse_datetime(text)


def _read_timespan(text: str) -> values.TimeSpan | None:
    if text.lower() in ("min", "max"):
        return values.TimeSpan(-(1 << 63) if text.lower() == "min" else (1 << 63) - 1)
    return values.parse_timespan(text)


_READERS: dict[Type, Any] = {
    Type.BOOL: values.parse_bool,
    Type.INT: values.parse_integer,
    Type.LONG: values.parse_integer,
    Type.REAL: values.parse_real,
    Type.DECIMAL: values.parse_decimal,
    Type.GUID: values.parse_guid,
    Type.DATETIME: _read_datetime,
    Type.TIMESPAN: _read_timespan,
}
