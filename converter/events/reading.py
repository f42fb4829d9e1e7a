"""Events as they lie in a file: JSON lines, one JSON array, or JSON objects one after the other.

Logs are exported in all three forms: one event a line by most, an array by some, and indented objects,
one after the other, by tools that print a single event.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from converter.source import Position, SourceError


def _number(text: str) -> float:
    """JSON has neither NaN nor Infinity, and no event a number beyond what a double holds."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:40]}")
    return value


_DECODER = json.JSONDecoder(parse_float=_number, parse_constant=_number)
_BLANK = re.compile(r"[ \t\r\n]*")


def read_events(text: str, name: str) -> list[dict[str, Any]]:
    """The events of `text`, in order; `name` is what errors call it.

    Raises SourceError, with line and column, where there is no JSON or an event is no object.
    """
    events: list[dict[str, Any]] = []
    place = _blank(text, 0)
    while place < len(text):
        found, end = _decoded(text, place, name)
        several = isinstance(found, list) and not events and _blank(text, end) == len(text)
        for event in found if several else [found]:
            if not isinstance(event, dict):
                raise SourceError(
                    "an event is a JSON object; found " + json.dumps(event)[:40], _position(text, place), name
                )
            events.append(event)
        place = _blank(text, end)
    return events


def _decoded(text: str, place: int, name: str) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, place)
    except json.JSONDecodeError as error:
        raise SourceError(f"not JSON: {error.msg}", _position(text, error.pos), name) from None
    except ValueError as error:  # NaN, or more digits than Python reads, and how to set that
        message = str(error).partition(";")[0]
        raise SourceError(f"not JSON that can be read: {message}", _position(text, place), name) from None
    except RecursionError:
        raise SourceError("this event is nested too deep", _position(text, place), name) from None


def _blank(text: str, place: int) -> int:
    """The first place from `place` on that is not blank."""
    match = _BLANK.match(text, place)
    return match.end() if match else place


def _position(text: str, place: int) -> Position:
    return Position(text.count("\n", 0, place) + 1, place - (text.rfind("\n", 0, place) + 1) + 1)
