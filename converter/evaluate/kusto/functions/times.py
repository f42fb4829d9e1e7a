"""Dates and times: parts, boundaries, arithmetic by calendar units, formats, zones.

Source: "DateTime/timespan functions" in the KQL reference. Weeks begin on Sunday, week numbers are ISO's.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING, Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto import values
from converter.evaluate.kusto.expression import Expression
from converter.evaluate.kusto.functions.registry import function, special
from converter.evaluate.kusto.types import Type
from converter.evaluate.kusto.values import EPOCH_TICKS, TICKS_PER_DAY, TICKS_PER_SECOND, DateTime, TimeSpan
from converter.late import late
from converter.source import QuerySyntaxError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from converter.evaluate.kusto.bind import Binder

_HOUR, _MINUTE, _MILLISECOND = 3600 * TICKS_PER_SECOND, 60 * TICKS_PER_SECOND, TICKS_PER_SECOND // 1000


@special("now ago", beyond=True)
def now(binder: Binder, node: ast.Call) -> Expression:
    """The run's clock, shifted by a timespan: `now(x)` adds it, `ago(x)` takes it off."""
    if len(node.arguments) > 1 or (node.function == "ago" and not node.arguments):
        raise QuerySyntaxError(f"{node.function}() takes one timespan", node.position)
    runtime = binder.environment.runtime
    shift = (
        binder.typed(node.arguments[0], Type.TIMESPAN, f"{node.function}()").evaluate
        if node.arguments
        else lambda row: TimeSpan(0)
    )
    direction = -1 if node.function == "ago" else 1

    def evaluate(row: Any) -> DateTime | None:
        span = shift(row)
        return None if span is None else moment(clock(runtime.now) + direction * span)

    return Expression(Type.DATETIME, evaluate, row_free=True)


def clock(seconds: float) -> int:
    """Ticks of a Unix time."""
    return EPOCH_TICKS + round(seconds * 1_000_000) * 10


def moment(ticks: int) -> DateTime | None:
    return DateTime(ticks) if 0 <= ticks <= values.MAX_TICKS else None


def _at(year: int, month: int = 1, day: int = 1) -> int:
    """Ticks of the first moment of a day; months count on past December."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return (date(year, month, 1).toordinal() - 2 + day) * TICKS_PER_DAY


def _start(unit: str, when: DateTime, offset: int) -> int:
    day = when.calendar()
    if unit == "day":
        return (when // TICKS_PER_DAY + offset) * TICKS_PER_DAY
    if unit == "week":
        return ((when // TICKS_PER_DAY + 1) // 7 * 7 - 1 + 7 * offset) * TICKS_PER_DAY
    if unit == "month":
        return _at(day.year, day.month + offset)
    return _at(day.year + offset)


def _boundary(unit: str) -> None:
    naming = "first" if unit == "day" else ""

    def start(when: DateTime, offset: int = 0) -> DateTime | None:
        return moment(_guarded(unit, when, offset))

    def end(when: DateTime, offset: int = 0) -> DateTime | None:
        return moment(_guarded(unit, when, offset + 1) - 1)

    function(f"startof{unit}", "datetime, [long] -> datetime", naming=naming)(start)
    function(f"endof{unit}", "datetime, [long] -> datetime")(end)


def _guarded(unit: str, when: DateTime, offset: int) -> int:
    try:
        return _start(unit, when, offset)
    except (ValueError, OverflowError):
        return -1


for _unit in ("day", "week", "month", "year"):
    _boundary(_unit)


# ---- parts


def _week(when: DateTime) -> int:
    return when.calendar().isocalendar().week


def _fraction(unit_ticks: float) -> Any:
    return lambda when: int(when % TICKS_PER_SECOND / unit_ticks)


_PARTS: dict[str, Any] = {
    "year": lambda when: when.calendar().year,
    "quarter": lambda when: (when.calendar().month + 2) // 3,
    "month": lambda when: when.calendar().month,
    "weekofyear": _week,
    "day": lambda when: when.calendar().day,
    "dayofyear": lambda when: when.calendar().timetuple().tm_yday,
    "hour": lambda when: when // _HOUR % 24,
    "minute": lambda when: when // _MINUTE % 60,
    "second": lambda when: when // TICKS_PER_SECOND % 60,
    "millisecond": _fraction(10_000),
    "microsecond": _fraction(10),
    "nanosecond": lambda when: when % TICKS_PER_SECOND * 100,
}


@function("datetime_part datepart", "string, datetime -> int")
def part(name: str, when: DateTime) -> int | None:
    read = _PARTS.get(name.lower().replace("_", ""))
    return None if read is None else int(read(when))


for _function, _part in {
    "getyear": "year",
    "getmonth": "month",
    "monthofyear": "month",
    "dayofmonth": "day",
    "dayofyear": "dayofyear",
    "hourofday": "hour",
    "week_of_year": "weekofyear",
}.items():
    function(_function, "datetime -> int")(lambda when, read=_PARTS[_part]: int(read(when)))


@function("dayofweek", "datetime -> timespan")
def day_of_week(when: DateTime) -> TimeSpan:
    """Days since Sunday."""
    return TimeSpan((when // TICKS_PER_DAY + 1) % 7 * TICKS_PER_DAY)


# ---- arithmetic by units

_FIXED: dict[str, float] = {
    "week": 7 * TICKS_PER_DAY,
    "day": TICKS_PER_DAY,
    "hour": _HOUR,
    "minute": _MINUTE,
    "second": TICKS_PER_SECOND,
    "millisecond": _MILLISECOND,
    "microsecond": 10,
    "nanosecond": 0.01,
}
_MONTHS = {"year": 12, "quarter": 3, "month": 1}


@function("datetime_add", "string, long, datetime -> datetime")
def add(unit: str, amount: int, when: DateTime) -> DateTime | None:
    """Whole units later; a day that the month does not have becomes its last."""
    unit = unit.lower()
    if unit in _FIXED:
        return moment(when + int(amount * _FIXED[unit]))
    if unit not in _MONTHS:
        return None
    day = when.calendar()
    months = day.year * 12 + day.month - 1 + amount * _MONTHS[unit]
    try:
        length = (_at(months // 12, months % 12 + 2) - _at(months // 12, months % 12 + 1)) // TICKS_PER_DAY
        return moment(_at(months // 12, months % 12 + 1, min(day.day, length)) + when % TICKS_PER_DAY)
    except (ValueError, OverflowError):
        return None


@function("datetime_diff", "string, datetime, datetime -> long")
def difference(unit: str, one: DateTime, other: DateTime) -> int | None:
    """How many boundaries of the unit lie between two moments."""
    unit = unit.lower()
    if unit in _MONTHS:
        left, right = (
            (d.year * 12 + d.month - 1) // _MONTHS[unit] for d in (one.calendar(), other.calendar())
        )
        return left - right
    if unit == "week":
        return ((one // TICKS_PER_DAY + 1) // 7) - ((other // TICKS_PER_DAY + 1) // 7)
    if unit == "nanosecond":
        return (one - other) * 100
    if unit not in _FIXED:
        return None
    size = int(_FIXED[unit])
    return one // size - other // size


# ---- construction


@function("make_datetime", "any, [number], [number], [number], [number], [number] -> datetime")
def make_datetime(first: Any, *rest: Any) -> DateTime | None:
    """From year, month, day, hour, minute, second, or from one text or number of ticks."""
    if not rest:
        return first if isinstance(first, DateTime) else values.parse_datetime(values.to_text(first))
    if len(rest) < 2:
        return None
    numbers = [*rest, 0, 0, 0]
    if not all(math.isfinite(number) for number in numbers):
        return None
    month, day, hour, minute = (int(number) for number in numbers[:4])
    second = float(numbers[4])
    if not (1 <= month <= 12 and 0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return None
    try:
        date(int(first), month, day)
    except (ValueError, TypeError, OverflowError):
        return None
    ticks = _at(int(first), month, day) + hour * _HOUR + minute * _MINUTE
    return moment(ticks + round(second * TICKS_PER_SECOND))


@function("make_timespan", "any, [number], [number], [number] -> timespan")
def make_timespan(*parts: Any) -> TimeSpan | None:
    """From hours, minutes[, seconds], from days, hours, minutes, seconds, or from one text."""
    if len(parts) == 1:
        return parts[0] if isinstance(parts[0], TimeSpan) else values.parse_timespan(values.to_text(parts[0]))
    if any(isinstance(part_, str | list | dict) for part_ in parts):
        return None
    numbers = [float(part_) for part_ in parts]
    days, hours, minutes, seconds = numbers if len(numbers) == 4 else [0.0, *numbers, 0.0][:4]
    if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds < 60):
        return None
    return TimeSpan(int(((days * 24 + hours) * 60 + minutes) * _MINUTE) + round(seconds * TICKS_PER_SECOND))


for _name, _factor in {
    "seconds": TICKS_PER_SECOND,
    "milliseconds": _MILLISECOND,
    "microseconds": 10,
    "nanoseconds": 0.01,
}.items():

    def _from_unix(number: Any, factor: float = _factor) -> DateTime | None:
        scaled = number // 100 if factor == 0.01 else number * factor
        return moment(EPOCH_TICKS + int(scaled)) if abs(scaled) <= values.MAX_TICKS else None

    function(f"unixtime_{_name}_todatetime", "number -> datetime")(_from_unix)


# ---- formats

_DATE_TOKEN = late(r"d{1,2}|f{1,7}|F{1,7}|h{1,2}|H{1,2}|m{1,2}|M{1,2}|s{1,2}|y{4}|y{1,2}|tt|[ /\-:,._\[\]]")
_SPAN_TOKEN = late(r"d{1,8}|f{1,7}|F{1,7}|[hH]{1,2}|m{1,2}|s{1,2}|[ /\-:,._\[\]]")


def _decimals(ticks: int, token: str) -> str:
    text = f"{ticks % TICKS_PER_SECOND:07}"[: len(token)]
    return text.rstrip("0") if token[0] == "F" else text


def _date_part(token: str, when: DateTime) -> str:
    day = when.calendar()
    if token[0] in "fF":
        return _decimals(when, token)
    if token == "tt":
        return "AM" if day.hour < 12 else "PM"
    if token[0] == "y":
        return f"{day.year:04}" if len(token) == 4 else f"{day.year % 100:0{len(token)}}"
    numbers = {"d": day.day, "M": day.month, "H": day.hour, "h": (day.hour + 11) % 12 + 1}
    numbers |= {"m": day.minute, "s": day.second}
    return f"{numbers[token[0]]:0{len(token)}}" if token[0] in numbers else token


def _span_part(token: str, span: TimeSpan) -> str:
    ticks = abs(int(span))
    if token[0] in "fF":
        return _decimals(ticks, token)
    numbers = {"d": ticks // TICKS_PER_DAY, "h": ticks // _HOUR % 24, "H": ticks // _HOUR % 24}
    numbers |= {"m": ticks // _MINUTE % 60, "s": ticks // TICKS_PER_SECOND % 60}
    return f"{numbers[token[0]]:0{len(token)}}" if token[0] in numbers else token


def _formatted(pattern: re.Pattern[str], render: Any, value: Any, form: str) -> str | None:
    tokens = pattern.findall(form)
    if "".join(tokens) != form:
        return None
    return "".join(render(token, value) for token in tokens)


@function("format_datetime", "datetime, string -> string", naming="first")
def format_datetime(when: DateTime, form: str) -> str | None:
    return _formatted(_DATE_TOKEN, _date_part, when, form)


@function("format_timespan", "timespan, string -> string", naming="first")
def format_timespan(span: TimeSpan, form: str) -> str | None:
    return _formatted(_SPAN_TOKEN, _span_part, span, form)


# ---- zones


def _zone(name: str) -> ZoneInfo | None:
    from zoneinfo import ZoneInfo  # takes as long to load as ten of these modules

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


@function("datetime_utc_to_local", "datetime, string -> datetime")
def to_local(when: DateTime, zone: str) -> DateTime | None:
    found = _zone(zone)
    if found is None:
        return None
    utc = when.calendar().replace(tzinfo=UTC)
    return moment(when + _ticks(utc.astimezone(found).utcoffset()))


@function("datetime_local_to_utc", "datetime, string -> datetime")
def to_utc(when: DateTime, zone: str) -> DateTime | None:
    found = _zone(zone)
    if found is None:
        return None
    return moment(when - _ticks(when.calendar().replace(tzinfo=found).utcoffset()))


def _ticks(offset: timedelta | None) -> int:
    return 0 if offset is None else int(offset.total_seconds()) * TICKS_PER_SECOND
