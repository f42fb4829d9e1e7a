"""What a timeline is of, whatever the profile: found once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from converter.evaluate.elastic.timeline import is_indicator
from converter.evaluate.remembered import hashable
from converter.evaluate.result import Event
from converter.events.belonging import Belonging, Membership
from converter.events.row import parse_time
from converter.events.row_apart import values_of
from converter.events.row_plan import Form
from converter.events.row_values import Flat
from converter.frozen import dataclass

_TIME = "@timestamp"


class Placed(NamedTuple):
    """An event of a timeline: its place, when it is, a number that it has in common with those that differ in
    their times alone, and what it is of."""

    place: int
    moment: Any
    kind: int
    item: Belonging


@dataclass(frozen=True, slots=True)
class Told:
    """What a timeline is of whatever the profile: its events; these and the entries of the indicator index,
    where there are some, and what these say; whether they are several, and when the latest is (seconds; None
    without times)."""

    events: tuple[Placed, ...]
    several: bool
    with_indicators: Sequence[Event]
    indicators: Hashable
    latest: float | None


class Tellings:
    """Tells of the timelines of one rule's cases."""

    def __init__(self, membership: Membership) -> None:
        self._membership = membership
        self._told: dict[int, tuple[Sequence[Event], Told]] = {}
        self._kinds: dict[int, int] = {}
        self._numbers: dict[Hashable, int] = {}
        self._timeless: dict[Form, Callable[[Flat], tuple[Any, ...]]] = {}

    def of(self, timeline: Sequence[Event]) -> Told:
        """What is found of the timeline: kept of one that does not change."""
        if not isinstance(timeline, tuple):
            return self._tell(timeline)
        kept = self._told.get(id(timeline))
        if kept is None:
            kept = self._told[id(timeline)] = timeline, self._tell(timeline)
        return kept[1]

    def _tell(self, timeline: Sequence[Event]) -> Told:
        items = [self._membership.of(event) for event in timeline]
        several = len(items) > 1
        events = tuple(
            [
                Placed(place, item.event.get(_TIME), self._kind(item) if several else 0, item)
                for place, item in enumerate(items, 1)
                if not is_indicator(item.event)
            ]
        )
        moments = {event[_TIME] for event in timeline if _TIME in event}
        latest = max(map(parse_time, moments)).timestamp() if moments else None
        if len(events) == len(items):
            return Told(events, several, (), None, latest)
        return Told(events, several, [item.event for item in items], _entries(timeline), latest)

    def _kind(self, item: Belonging) -> int:
        """A number that events have in common that differ in their times alone."""
        kind = self._kinds.get(id(item))
        if kind is None:
            if item.form not in self._timeless:
                self._timeless[item.form] = values_of(tuple(one for one in item.form.names if one != _TIME))
            key = item.form, hashable(self._timeless[item.form](item.event))
            number = self._numbers.setdefault(key, len(self._numbers))
            kind = self._kinds[id(item)] = number
        return kind


def _entries(timeline: Sequence[Event]) -> Hashable:
    """What the entries of the indicator index say, each with its place."""
    return tuple(
        (place, tuple(event), hashable(event.values()))
        for place, event in enumerate(timeline)
        if is_indicator(event)
    )
