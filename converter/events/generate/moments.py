"""When the events of a case happen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from converter.evaluate.result import Event
from converter.events.case import Timeline

START = datetime(2025, 3, 4, 10, 15, 30, 250_000, tzinfo=UTC)
"""The moment of a case's first event."""
_TIME = "@timestamp"
_SOON = 60_000
"""Milliseconds behind the start of what a run looks at."""


@lru_cache(maxsize=4096)
def moment(milliseconds: int) -> str:
    """A time of a case, so long after its first event."""
    when = START + timedelta(milliseconds=milliseconds)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def at(event: Event, milliseconds: int) -> Event:
    """The event at that time after the first."""
    when = {_TIME: moment(milliseconds)}
    return {**when, **event, **when}  # its first field


def at_the_start(event: Event, look_back: int) -> Event:
    """The event as early as a run sees it, which looks back so many milliseconds."""
    return at(event, min(_SOON - look_back, 0))


def spread(timeline: Timeline, milliseconds: int) -> Timeline:
    """The timeline's events evenly over that time, the last of them at its end."""
    steps = max(len(timeline) - 1, 1)
    return tuple(at(event, place * milliseconds // steps) for place, event in enumerate(timeline))
