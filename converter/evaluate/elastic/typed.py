"""Values by the type of their field: a number as a number, an address as an address, a date as an instant.

Source: Elasticsearch reference, "Field data types".
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeAlias

from converter.elastic.dates import date_span
from converter.elastic.eql.functions import Result, to_text
from converter.elastic.types import CASELESS, NUMBER_TYPES
from converter.late import late

Typed: TypeAlias = Callable[[Any], Result]

_NUMBER = late(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_UPPER_ASCII = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS = late(r"-?\d{5,15}")


def lower_ascii(text: str) -> str:
    """Lower case as Lucene ignores case in a query: ASCII letters only."""
    return text.lower() if text.isascii() else text.translate(_UPPER_ASCII)


def text_of(value: Any) -> str:
    """A JSON value as a keyword field indexes it."""
    return value if isinstance(value, str) else to_text(value)


def number_of(value: Any) -> int | float | None:
    """A JSON value as a number, also from text; None if it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if isinstance(value, int) or math.isfinite(value) else None
    if isinstance(value, str) and _NUMBER.fullmatch(text := value.strip()):
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    return None


def boolean_of(value: Any) -> bool | None:
    """A JSON value as a boolean, also from `"true"`; None if it is none."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False, "": False}.get(value) if isinstance(value, str) else None


@lru_cache(maxsize=65536)
def address_text(text: str) -> str:
    """An address in its short form, as a script sees it; what is none stays."""
    try:
        parsed = ipaddress.ip_address(text.strip())
    except ValueError:
        return text
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


def instant(value: Any) -> int | None:
    """A date as milliseconds since 1970, as a `date` field holds it; None if it is none.

    Takes ISO text (a missing part is its first) and, as number or text, milliseconds.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if isinstance(value, int) or math.isfinite(value) else None
    return _instant(value) if isinstance(value, str) else None


@lru_cache(maxsize=65536)
def _instant(text: str) -> int | None:
    text = text.strip()
    if _MILLISECONDS.fullmatch(text):
        return int(text)
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        span = date_span(text)
        if span is None:
            return None
        parsed = datetime.fromisoformat(span[0])
    moment = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000


def script_value(kind: str) -> Typed:
    """What a script, or a join key, sees of a JSON value in a field of the type.

    A field that is not listed may be anything: its numbers and booleans stay what they are.
    """
    if kind in NUMBER_TYPES:
        return number_of
    if kind == "boolean":
        return boolean_of
    if kind == "ip":
        return lambda value: address_text(value) if isinstance(value, str) else None
    if kind == CASELESS:
        return lambda value: text_of(value).lower()
    return lambda value: value if isinstance(value, str | int | float) else None
