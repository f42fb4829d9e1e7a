"""Dates in queries: what a date with missing parts means at either end of a range.

Source: Elasticsearch reference, "Date math" and the rounding table of the range query: `gt` and `lte` take
the last millisecond of what the date names, `gte` and `lt` its first.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from converter.late import late

_DATE = late(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(?:(\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?)?"
    r"(Z|[+-]\d{2}(?::?\d{2})?)?)?)?)?"
)
_EPOCH_MILLIS = late(r"-?\d{5,15}")
_DATE_MATH = late(r"now(?:[+-]\d{1,9}[yMwdhHms]|/[yMwdhHms])*")

_ROUND_UP = frozenset({">", "<="})


def date_bound(text: str, op: str) -> str | None:
    """The instant that `op text` compares with, as `YYYY-MM-DDThh:mm:ss.mmmZ`; None where it is no date.

    Date math on `now` stays as it is written: what it means depends on when the rule runs.
    """
    text = text.strip()
    if _DATE_MATH.fullmatch(text):
        return text
    span = date_span(text)
    return None if span is None else span[1 if op in _ROUND_UP else 0]


def date_span(text: str) -> tuple[str, str] | None:
    """The first and the last millisecond that a date without date math names; None where it is no date."""
    text = text.strip()
    try:
        if match := _DATE.fullmatch(text):
            first, last = _bounds(match)
        elif _EPOCH_MILLIS.fullmatch(text):
            first = last = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(text))
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return _iso(first), _iso(last)


def _bounds(match: re.Match[str]) -> tuple[datetime, datetime]:
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    first = datetime(
        int(year),
        int(month or 1),
        int(day or 1),
        int(hour or 0),
        int(minute or 0),
        int(second or 0),
        int(((fraction or "") + "000")[:3]) * 1000,
        _zone(zone),
    )
    if fraction:
        return first, first
    if second:
        following = first + timedelta(seconds=1)
    elif minute:
        following = first + timedelta(minutes=1)
    elif hour:
        following = first + timedelta(hours=1)
    elif day:
        following = first + timedelta(days=1)
    elif month:
        following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    else:
        following = first.replace(year=first.year + 1)
    return first, following - timedelta(milliseconds=1)


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
