"""What surrounds one event so that the whole detection fires; of a query over single events, nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from converter.evaluate.remembered import PerEvent
from converter.evaluate.result import Event
from converter.events.case import Timeline
from converter.events.generate.changed import changed, without
from converter.events.generate.groups import Values
from converter.events.generate.moments import at
from converter.events.generate.parted import Parts, following, held_with
from converter.frozen import dataclass
from converter.ir import Detection

MOST_KEPT = 200
"""Events whose timelines are kept: the same ones are asked again soon."""


@dataclass
class Frame:
    """One event by itself. `parts`: the fields that a log of the events holds as parts of one value."""

    detection: Detection
    events: Sequence[Event]
    parts: Sequence[Parts]

    def changed(self, event: Event, field: str, number: int) -> Values:
        """The event with another value in the field, and in all that a source writes with it."""
        return following(changed(dict(event), field, number), event, self.parts)

    def without(self, event: Event, field: str) -> Values:
        """The event without the field, and without all that a source writes with it."""
        return without(event, *held_with(field, self.parts))

    def around(self, place: int, event: Event) -> Timeline:
        """The timeline in which everything fires, with the event in its place."""
        return (at(event, 0),)

    def wrapping(self, place: int) -> Callable[[Event], Timeline]:
        """The timelines around events in that place, each made once: those of a pair are asked again."""
        return PerEvent(partial(self.around, place), MOST_KEPT).of

    def beside(self, event: Event, other: Event) -> Timeline:
        """The timeline around the event, of which another event is no part by its terms alone."""
        return (at(other, 0), at(event, 0))

    def variations(self) -> Iterator[tuple[str, Timeline]]:
        """The whole, and what differs by time, order, number or key."""
        yield "everything holds", self.around(0, self.events[0])


class Counting(Frame, ABC):
    """Events that are counted: many that differ in what is counted alone."""

    @abstractmethod
    def alike(self, place: int) -> int:
        """How many events of that place the timeline has."""

    @property
    @abstractmethod
    def keys(self) -> frozenset[str]:
        """The fields that are counted, group events, or tell their kind."""

    @abstractmethod
    def takes(self, event: Event) -> bool:
        """Whether the event, of the right kind, is one of those that are counted."""

    @abstractmethod
    def among(self, place: int, others: Sequence[Event]) -> Timeline:
        """The timeline with these events in the places of as many of the first ones that are alike."""

    @abstractmethod
    def instead(self, place: int, others: Sequence[Event]) -> Timeline:
        """The timeline with these events in the place of the last of those that are alike."""
