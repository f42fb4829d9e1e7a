"""Times of events: when they happened, in nanoseconds, and what a clock shows then.

A time is a text (ISO 8601, also with a blank for the T; UTC where it names no zone) or a number since the
epoch: seconds in `_time`, as Splunk has it, milliseconds in `@timestamp`, as Elasticsearch has it. A number
that no log of this century could hold in that unit, and any number in another field, is taken by its size.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from converter.evaluate.sigma.windows import raw_event
from converter.late import late

FIELDS = (
    "UtcTime",
    "@timestamp",
    "_time",
    "TimeCreated",
    "TimeCreated_SystemTime",
    "SystemTime",
    "Timestamp",
    "timestamp",
    "TimeGenerated",
    "eventTime",
)
"""Where an event's time is looked for, the first that has one: what happened before what was logged."""

SECOND = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = ((10**11, SECOND), (10**14, 10**6), (10**17, 10**3))
"""Below the first number: how many nanoseconds one is. 10**11 s is the year 5138, 10**11 ms is 1973."""
_TEXT = late(r"(.*\d:\d\d:\d\d)[.,](\d+)(.*)", re.DOTALL)
_PLAIN = late(r"-?\d+(\.\d+)?", re.ASCII)


def moment(event: Mapping[str, Any]) -> int | None:
    """When the event happened, in nanoseconds since the epoch; None where no field tells."""
    raw = raw_event(event)
    flat = event if raw is None else raw.values
    for name in FIELDS:
        value = flat.get(name)
        if value is not None and (parsed := _nanoseconds(value, name)) is not None:
            return parsed
    return None


def clock(value: Any) -> datetime | None:
    """The date and time that a value stands for, in its own zone; None if it is no time."""
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        parsed = _read(value)
        return parsed[0] if parsed else None
    number = _nanoseconds(value, "")
    try:
        return None if number is None else _EPOCH + timedelta(microseconds=number // 1000)
    except OverflowError:
        return None


def _nanoseconds(value: Any, field: str) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _scaled(value, field)
    return _of_text(value, field) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _of_text(value: str, field: str) -> int | None:
    if _PLAIN.fullmatch(value):
        return _scaled(float(value) if "." in value else int(value), field)
    parsed = _read(value)
    if parsed is None:
        return None
    when, fraction = parsed
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(seconds=1) * SECOND + fraction


def _scaled(number: int | float, field: str) -> int | None:
    size = abs(number)
    if not size < float("inf"):
        return None
    unit = next((unit for limit, unit in _UNITS if size < limit), 1)
    if field == "@timestamp" and size < 10**9:
        unit = 10**6
    if isinstance(number, int):
        return number * unit
    seconds = int(number)
    return seconds * unit + round((number - seconds) * unit)


@lru_cache(maxsize=4096)
def _read(value: str) -> tuple[datetime, int] | None:
    """The date and time in whole seconds, and the nanoseconds beyond."""
    parts = _TEXT.fullmatch(value.strip())
    whole, digits = (parts[1] + parts[3], parts[2]) if parts else (value.strip(), "")
    try:
        when = datetime.fromisoformat(whole)
    except ValueError:
        return None
    return when, int(digits[:9].ljust(9, "0")) if digits else when.microsecond * 1000
