"""Splunk's times: seconds since the epoch, spans, relative times (`-7d@d`), strftime and strptime.

Times without a zone are UTC. Source: Splunk Search Reference, "Date and time format variables" and
"Time modifiers".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta, timezone
from functools import lru_cache

from converter.evaluate.spl.values import number
from converter.late import late
from converter.source import NotSupportedError, QuerySyntaxError, SourceError

_UNITS: dict[str, tuple[str, ...]] = {
    "us": ("us",),
    "ms": ("ms",),
    "cs": ("cs",),
    "ds": ("ds",),
    "s": ("", "s", "sec", "secs", "second", "seconds"),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
    "w": ("w", "week", "weeks"),
    "mon": ("mon", "month", "months"),
    "q": ("q", "qtr", "qtrs", "quarter", "quarters"),
    "y": ("y", "yr", "yrs", "year", "years"),
}
_UNIT_OF = {name: unit for unit, names in _UNITS.items() for name in names}
_SECONDS = {
    "us": 1e-6,
    "ms": 1e-3,
    "cs": 1e-2,
    "ds": 1e-1,
    "s": 1,
    "m": 60,
    "h": 3600,
    "d": 86400,
    "w": 604800,
}
_MONTHS = {"mon": 1, "q": 3, "y": 12}
_SPAN = late(r"(\d+)\s*([A-Za-z]*)")
_STEP = re.compile(r"([+-])(\d*)([a-z]+)|@(w[0-7]|[a-z]+)|([+-]?\d+(?:\.\d+)?)$|(now)$")


def event_time(value: object) -> float:
    """An event's `_time` in seconds: a number, or an ISO 8601 text. Raises SourceError for another."""
    seconds = number(value)
    if seconds is not None:
        return seconds
    try:
        moment = datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise SourceError(f"an event's _time is no time: {value!r}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def span(text: str) -> tuple[float, str]:
    """A span as (seconds, unit), or (months, "mon"). Raises QuerySyntaxError for what is none."""
    found = _SPAN.fullmatch(text.strip())
    unit = _unit(found.group(2)) if found else None
    if found is None or unit is None:
        raise QuerySyntaxError(f"not a span of time: {text}")
    count = int(found.group(1))
    if unit in _MONTHS:
        return count * _MONTHS[unit], "mon"
    return count * _SECONDS[unit], unit


def _unit(name: str) -> str | None:
    return "mon" if name == "M" else _UNIT_OF.get(name.lower())


def seconds(text: str) -> float:
    """A span without months in seconds; -1 is none. Raises QuerySyntaxError and NotSupportedError."""
    if text.strip() == "-1":
        return -1
    length, unit = span(text)
    if unit == "mon":
        raise NotSupportedError(f"a span of months: {text}", code="spl-span")
    return length


def moment_at(now: float, text: str) -> float:
    """A time modifier: `-24h`, `-7d@d`, `@w1+2h`, `now`, `0`, an epoch, `mm/dd/yyyy:HH:MM:SS`.

    Raises QuerySyntaxError for what is none.
    """
    if re.fullmatch(r"\d+/\d+/\d+:\d+:\d+:\d+", text):
        parsed = parsed_time(text, "%m/%d/%Y:%H:%M:%S")
        if parsed is not None:
            return parsed
    offset, moment = 0, now
    while offset < len(text):
        found = _STEP.match(text, offset)
        if found is None:
            raise QuerySyntaxError(f"not a time modifier: {text}")
        sign, count, unit, snap, epoch, _ = found.groups()
        if epoch:
            moment = float(epoch)
        elif snap:
            moment = _snapped(moment, snap, text)
        elif unit:
            moment = _shifted(moment, int(count or 1) * (1 if sign == "+" else -1), unit, text)
        offset = found.end()
    return moment


def _shifted(moment: float, count: int, name: str, whole: str) -> float:
    unit = _unit(name)
    if unit is None:
        raise QuerySyntaxError(f"not a time modifier: {whole}")
    if unit not in _MONTHS:
        return moment + count * _SECONDS[unit]
    start = _utc(moment)
    months = start.year * 12 + start.month - 1 + count * _MONTHS[unit]
    if not MINYEAR <= months // 12 < MAXYEAR:
        raise _beyond(f"{months // 12:g} years")
    day = min(start.day, _days_in(months // 12, months % 12 + 1))
    return start.replace(year=months // 12, month=months % 12 + 1, day=day).timestamp()


def _utc(moment: float) -> datetime:
    try:
        return datetime.fromtimestamp(moment, UTC)
    except (OverflowError, ValueError, OSError):
        raise _beyond(f"{moment:g} s") from None


def _beyond(what: str) -> NotSupportedError:
    return NotSupportedError(f"the time {what}, beyond the years {MINYEAR} to {MAXYEAR}", code="spl-time")


def _days_in(year: int, month: int) -> int:
    following = datetime(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


def _snapped(moment: float, name: str, whole: str) -> float:
    start = _utc(moment)
    day = start.replace(hour=0, minute=0, second=0, microsecond=0)
    if re.fullmatch("w[0-7]", name):
        return (day - timedelta(days=(day.isoweekday() - int(name[1])) % 7)).timestamp()
    match _unit(name):
        case "s":
            return start.replace(microsecond=0).timestamp()
        case "m":
            return start.replace(second=0, microsecond=0).timestamp()
        case "h":
            return start.replace(minute=0, second=0, microsecond=0).timestamp()
        case "d":
            return day.timestamp()
        case "w":
            return (day - timedelta(days=day.isoweekday() % 7)).timestamp()
        case "mon":
            return day.replace(day=1).timestamp()
        case "q":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1).timestamp()
        case "y":
            return day.replace(month=1, day=1).timestamp()
    raise QuerySyntaxError(f"not a time modifier: {whole}")


def bin_start(moment: float, length: float, unit: str) -> float:
    """The start of the bin that a time lies in; bins are aligned with the epoch, months with years."""
    if unit != "mon":
        steps = moment // length
        return round(steps * length, 6) if length < 1 else steps * length
    start = _utc(moment)
    months = (start.year * 12 + start.month - 1) // int(length) * int(length)
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC).timestamp()


def formatted(moment: float, form: str) -> str:
    """`strftime`. Raises NotSupportedError for a variable that is not known."""
    when = _utc(moment)
    return re.sub(
        r"%(\d?[A-Za-z%+])", lambda found: _format_one(when, moment, found.group(1)), form.replace("%%", "%%")
    )


def _format_one(when: datetime, moment: float, name: str) -> str:
    fraction = re.fullmatch(r"(\d?)[NQ]", name)
    if fraction:
        digits = int(fraction.group(1) or 3)
        return f"{when.microsecond:06d}"[:digits].ljust(digits, "0")
    if name in _STRFTIME:
        return _STRFTIME[name](when, moment)
    if name in "YmdHMSyjbBaAIpw":
        return when.strftime(f"%{name}")
    raise NotSupportedError(f"time format %{name}", code="spl-time-format")


_STRFTIME: dict[str, Callable[[datetime, float], str]] = {
    "%": lambda when, moment: "%",
    "s": lambda when, moment: str(int(moment // 1)),
    "F": lambda when, moment: when.strftime("%Y-%m-%d"),
    "T": lambda when, moment: when.strftime("%H:%M:%S"),
    "f": lambda when, moment: f"{when.microsecond:06d}",
    "e": lambda when, moment: f"{when.day:2d}",
    "k": lambda when, moment: f"{when.hour:2d}",
    "z": lambda when, moment: "+0000",
    "Z": lambda when, moment: "UTC",
}

_ZONE = r"(?P<zone>Z|[+-]\d\d:?\d\d)"
_STRPTIME = {
    "%": "%",
    "Y": r"(?P<year>\d{4})",
    "y": r"(?P<short_year>\d\d)",
    "m": r"(?P<month>\d\d?)",
    "d": r"(?P<day>\d\d?)",
    "e": r" ?(?P<day>\d\d?)",
    "H": r"(?P<hour>\d\d?)",
    "I": r"(?P<half_hour>\d\d?)",
    "p": r"(?P<half>[AaPp][Mm])",
    "M": r"(?P<minute>\d\d?)",
    "S": r"(?P<second>\d\d?)",
    "F": r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)",
    "T": r"(?P<hour>\d\d?):(?P<minute>\d\d?):(?P<second>\d\d?)",
    "b": r"(?P<month_name>[A-Za-z]{3})",
    "B": r"(?P<month_name>[A-Za-z]+)",
    "a": r"[A-Za-z]{3}",
    "A": r"[A-Za-z]+",
    "z": _ZONE,
    "Z": r"(?P<zone_name>[A-Z]{3,4})",
    "s": r"(?P<epoch>\d+(?:\.\d+)?)",
}
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def parsed_time(text: str, form: str) -> float | None:
    """`strptime`: seconds, None where the text is not of the form. Raises NotSupportedError."""
    found = _parser(form).match(text)
    if found is None:
        return None
    parts = found.groupdict()
    if parts.get("epoch"):
        return float(parts["epoch"])
    if parts.get("zone_name") not in (None, "UTC", "GMT"):
        return None
    try:
        return _moment(parts).timestamp()
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _parser(form: str) -> re.Pattern[str]:
    def one(found: re.Match[str]) -> str:
        name = found.group(1)
        if name is None:
            return r"\s+" if found.group().isspace() else re.escape(found.group())
        if re.fullmatch(r"\d?[NQ]|f", name):
            return r"(?P<fraction>\d+)"
        if name not in _STRPTIME:
            raise NotSupportedError(f"time format %{name}", code="spl-time-format")
        return _STRPTIME[name]

    expression = re.sub(r"%(\d?[A-Za-z%+])|\s+|.", one, form)
    parts = re.findall(r"\(\?P<(\w+)>", expression)
    twice = next((part for part in parts if parts.count(part) > 1), None)
    if twice is not None:
        raise NotSupportedError(f"a time format with the {twice} twice", code="spl-time-format")
    return re.compile(expression)


def _moment(parts: dict[str, str | None]) -> datetime:
    """A date without a time is its midnight. Raises ValueError for what is no time."""
    year = int(parts.get("year") or 0)
    if not year and parts.get("short_year"):
        short = int(parts["short_year"] or 0)
        year = short + (2000 if short < 69 else 1900)
    month = int(parts.get("month") or 1)
    if parts.get("month_name"):
        month = _MONTH_NAMES.index(str(parts["month_name"])[:3].lower()) + 1
    hour = int(parts.get("hour") or 0)
    if parts.get("half_hour"):
        hour = int(parts["half_hour"] or 0) % 12 + (12 if str(parts.get("half")).lower() == "pm" else 0)
    fraction = str(parts.get("fraction") or "0").ljust(6, "0")[:6]
    return datetime(
        year,
        month,
        int(parts.get("day") or 1),
        hour,
        int(parts.get("minute") or 0),
        int(parts.get("second") or 0),
        int(fraction),
        tzinfo=_zone(parts.get("zone")),
    )


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))
