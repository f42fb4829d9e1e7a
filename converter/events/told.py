"""What a timeline is of, whatever the profile: found once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from converter.evaluate.elastic.timeline import is_indicator
from converter.evaluate.remembered import hashable
from converter.evaluate.result import Event
from converter.events.belonging import Belonging, Membership, flat_of
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
        self._kinds: dict[int, tuple[Event, int]] = {}
        self._numbers: dict[Hashable, int] = {}
        self._items: list[Belonging] = []
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
        several = len(timeline) > 1
        placed = self._among_others if several else self._alone
        events = [Placed(place, event.get(_TIME), *placed(event)) for place, event in enumerate(timeline, 1)]
        moments = {event[_TIME] for event in timeline if _TIME in event}
        latest = max(map(parse_time, moments)).timestamp() if moments else None
        logged = tuple([one for one in events if not is_indicator(one.item.event)])
        if len(logged) == len(events):
            return Told(logged, several, (), None, latest)
        entries = [self._membership.of(event).event for event in timeline]
        return Told(logged, several, entries, _entries(timeline), latest)

    def _alone(self, event: Event) -> tuple[int, Belonging]:
        return 0, self._membership.of(event)

    def _among_others(self, event: Event) -> tuple[int, Belonging]:
        """What events are of that differ in their times alone, and the number that they have in common."""
        kept = self._kinds.get(id(event))
        if kept is None:
            flat, form = flat_of(event)
            if form not in self._timeless:
                self._timeless[form] = values_of(tuple(one for one in form.names if one != _TIME))
            key = form, hashable(self._timeless[form](flat))
            number = self._numbers.setdefault(key, len(self._items))
            if number == len(self._items):
                self._items.append(self._membership.belonging(flat, form))
            kept = self._kinds[id(event)] = event, number
        return kept[1], self._items[kept[1]]


def _entries(timeline: Sequence[Event]) -> Hashable:
    """What the entries of the indicator index say, each with its place."""
    return tuple(
        (place, tuple(event), hashable(event.values()))
        for place, event in enumerate(timeline)
        if is_indicator(event)
    )
