"""Tokens of EQL to what they stand for: strings, fields, numbers, time spans, wildcard patterns."""

from __future__ import annotations

import re
from functools import lru_cache

from converter.ir import Wild
from converter.late import late
from converter.source import NotSupportedError, Position, QuerySyntaxError

_ESCAPE = late(r"\\(?:u\{([0-9A-Fa-f]+)\}|(.))", re.DOTALL)
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}
_PART = late(r"\s*(?:`((?:[^`]|``)*)`|([A-Za-z_@]\w*))\s*\.?")
_PLAIN_FIELD = re.compile(r"[\w@.]+")
_SPAN = late(r"(\d+)\s*(ms|s|m|h|d)")
_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_LONGEST = 106_751 * 86_400_000
"""Days that Elasticsearch takes for a time value: its nanoseconds have 63 bits."""
_WILDS = {"*": Wild.ANY, "?": Wild.ONE}


def string_value(token: str, position: Position) -> str:
    r"""The text of `"..."`, escapes resolved. Raises QuerySyntaxError for `\u{...}` that is no character."""
    inner = token[1:-1]
    if "\\" not in inner:
        return inner

    def resolve(match: re.Match[str]) -> str:
        code, letter = match.groups()
        if code is None:
            return _ESCAPES.get(letter, letter)
        number = int(code, 16)
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            raise QuerySyntaxError(f"\\u{{{code}}} is not a character", position)
        return chr(number)

    return _ESCAPE.sub(resolve, inner)


@lru_cache(maxsize=4096)
def field_name(token: str) -> tuple[str, bool] | None:
    """The field's name without quotes and `?`, and whether it had `?`. None for an array position."""
    optional = token.startswith("?")
    rest = token[1:] if optional else token
    if _PLAIN_FIELD.fullmatch(rest):
        return rest, optional
    parts = []
    place = 0
    while place < len(rest):
        match = _PART.match(rest, place)
        if match is None:
            return None
        quoted, plain = match.groups()
        parts.append(plain if quoted is None else quoted.replace("``", "`"))
        place = match.end()
    return ".".join(parts), optional


def time_span(token: str, position: Position) -> int:
    """`5m` in milliseconds. Raises QuerySyntaxError for another unit, none, a fraction or zero."""
    match = _SPAN.fullmatch(token.strip())
    if match is None or int(match.group(1)) == 0:
        raise QuerySyntaxError(
            f"maxspan is a whole number with one of the units ms, s, m, h, d; found '{token.strip()}'",
            position,
        )
    if len(match.group(1)) > 20 or int(match.group(1)) * _MILLISECONDS[match.group(2)] > _LONGEST:
        raise QuerySyntaxError(f"maxspan is too long; found '{token.strip()}'", position)
    return int(match.group(1)) * _MILLISECONDS[match.group(2)]


def wildcard_pattern(text: str) -> tuple[str | Wild, ...]:
    """`a*b?` in pieces. EQL has no escape for a wildcard: a backslash is a backslash."""
    pieces: list[str | Wild] = []
    for piece in re.split(r"([*?])", text):
        if piece in _WILDS:
            pieces.append(_WILDS[piece])
        elif piece:
            pieces.append(piece)
    return tuple(pieces)


def pipe(token: str, position: Position) -> tuple[str, int]:
    """`| head 5` as ("head", 5). Raises for other pipes and for what is no whole number."""
    text = re.sub(r"//[^\r\n]*|/\*.*?\*/", " ", token, flags=re.DOTALL)
    match = re.match(r"\|\s*([A-Za-z_]\w*)?\s*(.*?)\s*$", text, re.DOTALL)
    name, argument = (match.group(1), match.group(2)) if match else (None, "")
    if name is None:
        raise QuerySyntaxError("a pipe's name is missing", position)
    if name not in ("head", "tail"):
        raise NotSupportedError(f"pipe '{name}'", position, code="eql-pipe")
    if not re.fullmatch(r"\d{1,9}", argument):
        raise QuerySyntaxError(f"pipe '{name}' takes one whole number; found {argument!r}", position)
    return name, int(argument)
