"""What predicates need beyond the event: the types of fields, and what `now` is in date math.

A rule runs soon after what it looks at, so `now` is the time of the latest event: the same events give the
same alerts on any day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from converter.evaluate.elastic.fields import field_getter, flat
from converter.evaluate.elastic.typed import instant
from converter.evaluate.result import Event
from converter.frozen import dataclass
from converter.late import late
from converter.source import NotSupportedError

_STEP = late(r"([+-]\d{1,9}|/)([yMwdhHms])")
_SPANS = {"w": "weeks", "d": "days", "h": "hours", "H": "hours", "m": "minutes", "s": "seconds"}
_ROUNDED = {"y": 1, "M": 2, "d": 3, "h": 4, "H": 4, "m": 5, "s": 6}
_MONTHS = {"y": 12, "M": 1}


@dataclass(slots=True)
class Context:
    """One compiled query's surroundings. :meth:`start` sets `now` before each run that needs it. `uses_all`:
    a word without a field may be looked for in all of an event's."""

    field_type: Callable[[str], str]
    timestamp_field: str = "@timestamp"
    uses_now: bool = False
    uses_all: bool = False
    now: int | None = None

    def start(self, events: Sequence[Event]) -> None:
        """Prepare for a run. Raises NotSupportedError where date math meets events without times."""
        if not self.uses_now:
            return
        get = field_getter(self.timestamp_field)
        times = [
            time for event in events for value in flat(get(event)) if (time := instant(value)) is not None
        ]
        if events and not times:
            raise NotSupportedError(
                f"date math over events without '{self.timestamp_field}'", code="no-timestamp"
            )
        self.now = max(times, default=None)

    def bound(self, text: str, op: str) -> Callable[[], int | None]:
        """The instant of `now-30d/d` when asked; `op` says to which end `/d` rounds.

        Raises NotSupportedError for what is no date math on `now`.
        """
        steps = _STEP.findall(text.strip()[3:])
        if not text.strip().startswith("now") or "".join(map("".join, steps)) != text.strip()[3:]:
            raise NotSupportedError(f"date math '{text}'", code="date-math")
        self.uses_now = True
        known: dict[int, int] = {}

        def find() -> int | None:
            if self.now is None:
                return None
            if self.now not in known:
                known[self.now] = _moved(self.now, steps, op in (">", "<="))
            return known[self.now]

        return find


def _moved(now: int, steps: Sequence[tuple[str, str]], up: bool) -> int:
    moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=now)
    for amount, unit in steps:
        if amount == "/":
            first = _floor(moment, unit)
            moment = _shifted(first, 1, unit) - timedelta(milliseconds=1) if up else first
        else:
            moment = _shifted(moment, int(amount), unit)
    delta = moment - datetime.fromtimestamp(0, UTC)
    return delta // timedelta(milliseconds=1)


def _shifted(moment: datetime, amount: int, unit: str) -> datetime:
    if unit in _SPANS:
        return moment + timedelta(**{_SPANS[unit]: amount})
    month = moment.year * 12 + moment.month - 1 + amount * _MONTHS[unit]
    first = moment.replace(year=month // 12, month=month % 12 + 1, day=1)
    # the last day of a shorter month, as Java's plusMonths
    following = first.replace(year=(month + 1) // 12, month=(month + 1) % 12 + 1)
    return first.replace(day=min(moment.day, (following - first).days))


def _floor(moment: datetime, unit: str) -> datetime:
    if unit == "w":
        return _floor(moment, "d") - timedelta(days=moment.weekday())
    kept = _ROUNDED[unit]
    year, month, day, hour, minute, second = *moment.timetuple()[:kept], *(1, 1, 1, 0, 0, 0)[kept:]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
