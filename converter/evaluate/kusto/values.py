"""Kusto values in Python, their text forms, and the reading of text into values.

A value is None (null, never for strings), bool, int, float, Decimal, str, DateTime, TimeSpan, Guid, or, for
dynamic, also a list or a dict of such. Sources: the pages of "Scalar data types" in the KQL reference.
"""

from __future__ import annotations

import json
import math
import re
import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from converter.late import late

TICKS_PER_SECOND = 10_000_000
TICKS_PER_DAY = 86_400 * TICKS_PER_SECOND
EPOCH_TICKS = 719_162 * TICKS_PER_DAY
MAX_TICKS = 3_652_059 * TICKS_PER_DAY - 1
INT_RANGE = range(-(1 << 31), 1 << 31)
LONG_RANGE = range(-(1 << 63), 1 << 63)

Value = Any


class DateTime(int):
    """A point in time: ticks of 100 ns since 0001-01-01 00:00 UTC."""

    __slots__ = ()

    def calendar(self) -> datetime:
        """As a datetime of the standard library, cut to microseconds."""
        return datetime(1, 1, 1) + timedelta(
            days=self // TICKS_PER_DAY, microseconds=self % TICKS_PER_DAY // 10
        )

    def __str__(self) -> str:
        text = self.calendar().isoformat(timespec="microseconds")
        return f"{text}{self % 10}Z"

    __repr__ = __str__


class TimeSpan(int):
    """A duration in ticks of 100 ns."""

    __slots__ = ()

    def __str__(self) -> str:
        sign, ticks = ("-", -int(self)) if self < 0 else ("", int(self))
        days, ticks = divmod(ticks, TICKS_PER_DAY)
        seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
        text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        return f"{sign}{f'{days}.' if days else ''}{text}{f'.{fraction:07}' if fraction else ''}"

    __repr__ = __str__


class Guid(str):
    """A GUID in its canonical text: lower case, with hyphens."""

    __slots__ = ()


def wrap_long(value: int) -> int:
    """An integer cut to 64 bits, as the engine's unchecked arithmetic does."""
    if -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF:
        return value
    value &= 0xFFFFFFFFFFFFFFFF
    return value - (1 << 64) if value >> 63 else value


# ---- text of values


def real_text(value: float) -> str:
    """A real as `tostring` writes it: shortest digits that read back, at least one decimal."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-5 <= abs(value) < 1e15:
        text = format(Decimal(repr(value)), "f")
        return text if "." in text else text + ".0"
    mantissa, exponent = f"{Decimal(repr(value)):E}".split("E")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}E{exponent[0]}{exponent[1:].rjust(2, '0')}"


def to_text(value: Value) -> str:
    """`tostring`: null is the empty string, a dynamic array or bag is JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, float):
        return real_text(value)
    if isinstance(value, list | dict):
        return to_json(value)
    return str(value)


def json_value(value: Value) -> Value:
    """A value as what JSON can hold: times and GUIDs become their text, decimals numbers."""
    if isinstance(value, DateTime | TimeSpan | Guid):
        return str(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return real_text(value)
    if isinstance(value, str):
        return value if value.isascii() else well_formed(value)
    if isinstance(value, list):
        return [json_value(item) for item in value]
    if isinstance(value, dict):
        return {well_formed(key): json_value(item) for key, item in value.items()}
    return value


def well_formed(text: str) -> str:
    """Text with pairs of surrogates as one character, and U+FFFD for one that is alone."""
    if text.isascii() or not _SURROGATES.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


_SURROGATES = late("[\ud800-\udfff]")


def to_json(value: Value) -> str:
    """A dynamic value as compact JSON."""
    return json.dumps(json_value(value), separators=(",", ":"), ensure_ascii=False)


# ---- reading text


def parse_json(text: str) -> Value:
    """`parse_json`: the value that the text holds; text that is not JSON is itself, no text is null."""
    if not text.strip():
        return None
    try:
        return json.loads(text, strict=False, parse_int=_json_integer, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return text


def _no_constant(name: str) -> Value:
    """JSON has no NaN and no infinities, though Python's reader knows them."""
    raise ValueError(name)


def _json_integer(digits: str) -> int | float:
    """A number of JSON without a fraction: a long where it fits one, else a real."""
    number = int(digits) if len(digits) < 25 else float(digits)
    return number if isinstance(number, float) or number in LONG_RANGE else float(number)


def parse_integer(text: str) -> int | None:
    """An integer in decimal or hexadecimal, within 64 bits; else None."""
    text = text.strip()
    if re.fullmatch(r"[+-]?0*[0-9]{1,20}", text):
        value = int(text)
    elif re.fullmatch(r"[+-]?0[xX]0*[0-9a-fA-F]{1,17}", text):
        value = int(text, 16)
    else:
        return None
    return value if value in LONG_RANGE else None


_REAL = late(
    r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?|[+-]?(inf|infinity)|nan", re.IGNORECASE | re.ASCII
)


def real(value: float | Decimal) -> float:
    """A number as a real; infinite where no real is that large."""
    try:
        return float(value)
    except OverflowError:
        return -math.inf if value < 0 else math.inf


def parse_real(text: str) -> float | None:
    """A number with or without exponent, or `nan`, `+inf`, `-inf`; else None."""
    text = text.strip()
    return float(text) if _REAL.fullmatch(text) else None


def parse_decimal(text: str) -> Decimal | None:
    text = text.strip()
    if not _REAL.fullmatch(text):
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def parse_bool(text: str) -> bool | None:
    """`true`, `false` in any case, or an integer: zero is false."""
    lowered = text.strip().lower()
    if lowered in ("true", "false"):
        return lowered == "true"
    number = parse_integer(text)
    return None if number is None else number != 0


def parse_guid(text: str) -> Guid | None:
    digits = text.strip().strip("{}()").replace("-", "")
    if not re.fullmatch(r"[0-9a-fA-F]{32}", digits):
        return None
    return Guid(uuid.UUID(digits))


_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_SECONDS = r"(?::(?P<s>\d{1,2})(?:[.,](?P<f>\d+))?)?"
_CLOCK = rf"(?:(?:T|\s+)(?P<h>\d{{1,2}}):(?P<mi>\d{{1,2}}){_SECONDS}\s*(?P<pm>[AaPp][Mm])?)?"
_ZONE = r"\s*(?P<z>Z|z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_DATES = tuple(
    rf"\s*{day}{_CLOCK}{_ZONE}\s*"
    for day in (
        r"(?P<y>\d{4})[-/](?P<mo>\d{1,2})(?:[-/](?P<d>\d{1,2}))?",
        r"(?P<mo>\d{1,2})[-/](?P<d>\d{1,2})[-/](?P<y>\d{4})",
        r"(?:[A-Za-z]+,?\s+)?(?P<d>\d{1,2})[-\s]+(?P<name>[A-Za-z]{3})[a-z]*[-\s]+(?P<y>\d{4}|\d{2})",
        r"(?P<y>\d{4})(?P<mo>)(?P<d>)",
        r"(?P<y>\d{4})(?P<mo>\d{2})(?P<d>\d{2})",
    )
)
"""Compiled when a text comes to them: nearly all are of the first form."""


@lru_cache(maxsize=4096)
def parse_datetime(text: str) -> DateTime | None:
    """A date and time in the ISO 8601, US, RFC 822 and RFC 850 forms; else None. No zone means UTC."""
    for pattern in _DATES:
        match = re.fullmatch(pattern, text)
        if match:
            return _read_date(match.groupdict())
    return None


def _read_date(part: dict[str, str | None]) -> DateTime | None:
    year = int(part["y"] or 0)
    if len(part["y"] or "") == 2:
        year += 2000 if year < 50 else 1900
    name = part.get("name")
    month = _MONTHS.get(name.lower()) if name else int(part.get("mo") or 1)
    hour = int(part["h"] or 0)
    if part["pm"]:
        hour = hour % 12 + (12 if part["pm"].lower() == "pm" else 0)
    minute, second = int(part["mi"] or 0), int(part["s"] or 0)
    if month is None or hour > 23 or minute > 59 or second > 59:
        return None
    try:
        days = date(year, month, int(part["d"] or 1)).toordinal() - 1
    except ValueError:
        return None
    ticks = ((days * 24 + hour) * 60 + minute) * 60 + second
    ticks = ticks * TICKS_PER_SECOND + int((part["f"] or "0")[:7].ljust(7, "0"))
    return _within(ticks - _offset(part["z"]))


def _offset(zone: str | None) -> int:
    if zone is None or zone[0] not in "+-":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return (minutes if zone[0] == "+" else -minutes) * 60 * TICKS_PER_SECOND


def _within(ticks: int) -> DateTime | None:
    return DateTime(ticks) if 0 <= ticks <= MAX_TICKS else None


_SIZES: list[tuple[str, int | Decimal]] = [
    ("days day d", TICKS_PER_DAY),
    ("hours hour hrs hr h", 3600 * TICKS_PER_SECOND),
    ("minutes minute mins min m", 60 * TICKS_PER_SECOND),
    ("seconds second secs sec s", TICKS_PER_SECOND),
    ("milliseconds millisecond millisec millis milli ms", TICKS_PER_SECOND // 1000),
    ("microseconds microsecond microsec micros micro us", 10),
    ("nanoseconds nanosecond nanos nano ns", Decimal("0.01")),
    ("ticks tick", 1),
]
_UNITS = {name: size for names, size in _SIZES for name in names.split()}
_CLOCK_SPAN = late(r"(-)?(?:(\d{1,9})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7})\d*)?)?")


def parse_timespan(text: str) -> TimeSpan | None:
    """`1.02:03:04.5`, `1.5h`, `90s`, or a bare number of days; else None."""
    text = text.strip()
    match = _CLOCK_SPAN.fullmatch(text)
    if match:
        sign, days, hours, minutes, seconds, fraction = match.groups()
        if int(hours) > 23 or int(minutes) > 59 or int(seconds or 0) > 59:
            return None
        total = ((int(days or 0) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds or 0)
        ticks = total * TICKS_PER_SECOND + int((fraction or "0").ljust(7, "0"))
        return _span(Decimal(-ticks if sign else ticks))
    measured = re.fullmatch(r"([+-]?[0-9]+(?:\.[0-9]+)?)\s*([a-z]+)", text)
    if measured and measured[2] in _UNITS:
        return _span(Decimal(measured[1]) * _UNITS[measured[2]])
    return _span(Decimal(text) * TICKS_PER_DAY) if re.fullmatch(r"[+-]?[0-9]+", text) else None


def _span(ticks: Decimal) -> TimeSpan | None:
    """A duration, if 64 bits hold it."""
    return TimeSpan(int(ticks)) if abs(ticks) < 1 << 63 else None
