"""ES|QL's functions of dates and time spans, all in UTC.

Source: the ES|QL reference, "Date-time functions" and "Time spans".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from converter.evaluate.elastic.esql_types import EPOCH, Instant, Span
from converter.source import NotSupportedError

_UNIT_MILLIS = {"milliseconds": 1, "seconds": 1000, "minutes": 60_000, "hours": 3_600_000}
_UNIT_DAYS = {"days": 1, "weeks": 7}
_UNIT_MONTHS = {"months": 1, "quarters": 3, "years": 12}
DAY = 86_400_000

_DIFF_MILLIS = {
    **dict.fromkeys(("millisecond", "milliseconds", "ms"), 1),
    **dict.fromkeys(("second", "seconds", "ss", "s"), 1000),
    **dict.fromkeys(("minute", "minutes", "mi", "n"), 60_000),
    **dict.fromkeys(("hour", "hours", "hh"), 3_600_000),
    **dict.fromkeys(("day", "days", "dd", "d", "dayofyear", "dy", "y", "weekday", "weekdays", "dw"), DAY),
    **dict.fromkeys(("week", "weeks", "wk", "ww"), 7 * DAY),
}
_DIFF_MONTHS = {
    **dict.fromkeys(("month", "months", "mm", "m"), 1),
    **dict.fromkeys(("quarter", "quarters", "qq", "q"), 3),
    **dict.fromkeys(("year", "years", "yyyy", "yy"), 12),
}

_PARTS: dict[str, Callable[[datetime], int]] = {
    "year": lambda moment: moment.year,
    "month_of_year": lambda moment: moment.month,
    "day_of_month": lambda moment: moment.day,
    "day_of_week": lambda moment: moment.isoweekday(),
    "day_of_year": lambda moment: moment.timetuple().tm_yday,
    "hour_of_day": lambda moment: moment.hour,
    "minute_of_hour": lambda moment: moment.minute,
    "minute_of_day": lambda moment: moment.hour * 60 + moment.minute,
    "second_of_minute": lambda moment: moment.second,
    "second_of_day": lambda moment: moment.hour * 3600 + moment.minute * 60 + moment.second,
    "epoch_day": lambda moment: (moment - EPOCH).days,
}

_FORMAT = (
    ("yyyy", "%Y"),
    ("MM", "%m"),
    ("dd", "%d"),
    ("HH", "%H"),
    ("mm", "%M"),
    ("ss", "%S"),
    ("'T'", "T"),
    ("'Z'", "Z"),
)


def span(amount: int, unit: str) -> Span:
    """A time span by its amount and the plural of its unit."""
    if unit in _UNIT_MILLIS:
        return Span(millis=amount * _UNIT_MILLIS[unit])
    if unit in _UNIT_DAYS:
        return Span(days=amount * _UNIT_DAYS[unit])
    return Span(months=amount * _UNIT_MONTHS[unit])


def shift(instant: Instant, by: Span, sign: int) -> Instant | None:
    """The instant so much later or earlier; a month's last days stay inside the month."""
    millis = instant.millis + sign * (by.millis + by.days * DAY)
    if not by.months:
        return Instant(millis)
    moment = Instant(millis).moment
    months = moment.year * 12 + moment.month - 1 + sign * by.months
    year, month = divmod(months, 12)
    try:
        day = min(moment.day, _days_in(year, month + 1))
        return _instant(moment.replace(year=year, month=month + 1, day=day))
    except ValueError:
        return None


def _days_in(year: int, month: int) -> int:
    following = datetime(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


def _instant(moment: datetime) -> Instant:
    delta = moment - EPOCH
    return Instant((delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000)


def truncate(by: Span, instant: Instant) -> Instant:
    """`date_trunc`: the start of the interval that the instant lies in."""
    if by.months:
        if by.months not in (1, 3, 12) or by.days or by.millis:
            raise NotSupportedError("intervals of this many months", code="esql-interval")
        moment = instant.moment
        month = (moment.month - 1) // by.months * by.months + 1
        return _instant(datetime(moment.year, month, 1, tzinfo=UTC))
    if by.days == 7:
        # Weeks begin on Monday; day 0, 1 January 1970, is a Thursday.
        days = (instant.millis // DAY + 3) // 7 * 7 - 3
        return Instant(days * DAY)
    width = by.millis + by.days * DAY
    if width <= 0:
        raise NotSupportedError("an interval that is not positive", code="esql-interval")
    return Instant(instant.millis // width * width)


def difference(unit: str, start: Instant, end: Instant) -> int:
    """`date_diff`: how many whole units lie between the two; negative where the end comes first."""
    name = unit.lower()
    if name in _DIFF_MILLIS:
        return _toward_zero(end.millis - start.millis, _DIFF_MILLIS[name])
    if name not in _DIFF_MONTHS:
        raise NotSupportedError(f"date_diff in {unit}", code="esql-date-unit")
    if end < start:
        return -difference(unit, end, start)
    first, last = start.moment, end.moment
    months = (last.year - first.year) * 12 + last.month - first.month
    if (last.day, last.time()) < (first.day, first.time()):
        months -= 1
    return _toward_zero(months, _DIFF_MONTHS[name])


def _toward_zero(value: int, unit: int) -> int:
    return -(-value // unit) if value < 0 else value // unit


def extract(part: str, instant: Instant) -> int:
    """`date_extract`: one part of the date."""
    read = _PARTS.get(part.lower())
    if read is None:
        raise NotSupportedError(f"date_extract of {part}", code="esql-date-part")
    return read(instant.moment)


def formatted(pattern: str, instant: Instant) -> str:
    """`date_format`, for patterns of plain parts such as yyyy-MM-dd."""
    text = pattern
    for java, plain in _FORMAT:
        text = text.replace(java, plain)
    if any(letter.isalpha() for letter in _without_codes(text)):
        raise NotSupportedError(f"date format {pattern}", code="esql-date-format")
    return instant.moment.strftime(text)


def _without_codes(text: str) -> str:
    for _, plain in _FORMAT:
        text = text.replace(plain, "")
    return text
