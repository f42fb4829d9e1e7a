"""Literals of ES|QL: strings, numbers, names in backquotes, and the columns that dissect and grok make."""

from __future__ import annotations

import re

from converter.late import late
from converter.source import Position, QuerySyntaxError

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"t": "\t", "r": "\r", "n": "\n", '"': '"', "\\": "\\"}
_PART = late(r"`((?:[^`]|``)*)`|([^`.]+)")
_DISSECT_KEY = late(r"%\{([^}]*)\}")
_GROK_KEY = late(r"%\{\w+:([^:}]+)(?::\w+)?\}|\(\?<(?![=!])([^>]+)>")


def string(text: str, place: Position) -> str:
    """What a string token says: `"..."` has escapes, triple quotes have none."""
    if text.startswith('"""'):
        return text[3:-3]

    def character(match: re.Match[str]) -> str:
        found = _ESCAPES.get(match.group(1))
        if found is None:
            raise QuerySyntaxError(f"unknown escape \\{match.group(1)} in a string", place)
        return found

    return _ESCAPE.sub(character, text[1:-1])


def number(text: str, place: Position) -> int | float:
    """A number; a whole one that has neither point nor exponent is an integer."""
    try:
        value = int(text) if text.isdigit() else float(text)
    except ValueError:  # more digits than Python converts
        raise QuerySyntaxError("a number with too many digits", place) from None
    if value in (float("inf"), float("-inf")):
        raise QuerySyntaxError(f"the number {text} is out of range", place)
    return value


def name(text: str) -> str:
    """A column's name without the backquotes of its parts."""
    if "`" not in text:
        return re.sub(r"\s*\.\s*", ".", text)
    parts = (
        quoted.replace("``", "`") if plain is None or plain == "" else plain.strip()
        for quoted, plain in _PART.findall(text)
    )
    return ".".join(parts)


def dissect_columns(pattern: str) -> tuple[str, ...]:
    """The columns that a dissect pattern makes, each once: not those that are empty or begin with `?`."""
    columns = []
    for key in _DISSECT_KEY.findall(pattern):
        plain = re.sub(r"/\d+$", "", key.removesuffix("->")).lstrip("+")
        if plain and not plain.startswith(("?", "*", "&")):
            columns.append(plain)
    return tuple(dict.fromkeys(columns))


def grok_columns(pattern: str) -> tuple[str, ...]:
    """The columns that a grok pattern makes, each once."""
    found = (semantic or group for semantic, group in _GROK_KEY.findall(pattern))
    return tuple(dict.fromkeys(found))
