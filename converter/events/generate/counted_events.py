"""A threshold: as many events as it takes, with as many different values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from converter.evaluate.result import Event
from converter.events.case import Timeline
from converter.events.generate.changed import others
from converter.events.generate.frame import Counting
from converter.events.generate.groups import base_field
from converter.events.generate.literals import Tests
from converter.events.generate.moments import at
from converter.events.generate.parted import following
from converter.frozen import dataclass
from converter.ir import Threshold
from converter.ir.rewrite import fields_of


def events_needed(threshold: Threshold) -> int:
    """How many events a threshold takes."""
    return max(threshold.value, *(least for _, least in threshold.cardinality), 1)


@dataclass
class Counted(Counting):
    """A threshold: as many of the event as it takes, with as many different values."""

    threshold: Threshold

    def around(self, place: int, event: Event) -> Timeline:
        return self._many(event, events_needed(self.threshold))

    def alike(self, place: int) -> int:
        return events_needed(self.threshold)

    @property
    def keys(self) -> frozenset[str]:
        return frozenset((*self.threshold.fields, *(name for name, _ in self.threshold.cardinality)))

    def takes(self, event: Event) -> bool:
        return self._tests.holds(self.threshold.predicate, event)

    def among(self, place: int, others: Sequence[Event]) -> Timeline:
        return (*(self._one(one, number) for number, one in enumerate(others)), *self._whole[len(others) :])

    def instead(self, place: int, others: Sequence[Event]) -> Timeline:
        *usual, _ = self._whole
        return (*usual, *(self._one(one, len(usual)) for one in others))

    @cached_property
    def _whole(self) -> Timeline:
        return self._many(self.events[0], events_needed(self.threshold))

    def _many(self, event: Event, number: int, different: int | None = None) -> Timeline:
        return tuple(self._one(event, place, different) for place in range(number))

    def _one(self, event: Event, place: int, different: int | None = None) -> Event:
        """The event at its time in the timeline, with the value that it has there of what is counted."""
        one = dict(event)
        for name, least in self.threshold.cardinality:
            kinds = least if different is None else max(different, 1)
            if place % kinds and name in one:
                one = self._another(one, name, place % kinds)
        return at(one, place * 100)

    def _another(self, event: dict[str, Any], name: str, number: int) -> dict[str, Any]:
        """The event with another value of what is counted: of those that the rule takes, where it takes the
        event and the field is asked (`/proc/*/stat`: `/proc/x7-1/stat`)."""
        if name in self._asked and self.takes(event):
            for other in (following(one, event, self.parts) for one in others(event, name, number)):
                if self.takes(other):
                    return other
        return self.changed(event, name, number)

    @cached_property
    def _tests(self) -> Tests:
        return Tests()

    @cached_property
    def _asked(self) -> frozenset[str]:
        return frozenset(map(base_field, fields_of(self.threshold.predicate)))

    def beside(self, event: Event, other: Event) -> Timeline:
        whole = self.around(0, event)
        return (*whole[:-1], at(other, 100 * (len(whole) - 1)))

    def variations(self) -> Iterator[tuple[str, Timeline]]:
        event, needed = self.events[0], events_needed(self.threshold)
        yield "as many as it takes", self._whole
        yield "one more", self._many(event, needed + 1)
        yield "one fewer", self._many(event, needed - 1)
        for name, least in self.threshold.cardinality:
            yield "one value fewer", self._many(event, needed, least - 1)
            *before, last = self._many(event, needed + 1, least - 1)
            yield f"one value fewer, and none of {name}", (*before, self.without(last, name))
        *before, last = self._whole
        for name in self.threshold.fields:
            yield f"the last with another {name}", (*before, self.changed(last, name, 1))
