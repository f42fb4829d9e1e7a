"""Events as often as a recipe says, with its values and moments.

An event of one moment is made once, however many timelines it is in: what an evaluator finds out about it is
known in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from converter.evaluate.result import Event
from converter.events.case import Timeline
from converter.events.generate.different import Values
from converter.events.generate.moments import at
from converter.events.generate.recipes import Recipe, Spread

Consistent: TypeAlias = Callable[[dict[str, Any]], Event]
Others: TypeAlias = tuple[tuple[str, int, int], ...]
"""Fields with other values: which of them, by the pool and the place in it."""
_MOST_KNOWN = 20_000


class Repeated:
    """One event with other values, at other times. `usual`: the event that it differs from in the fields
    `fixed`, which keep their values; `consistent`: the event with one value for what the log holds once."""

    def __init__(
        self,
        event: Event,
        usual: Event,
        fixed: frozenset[str],
        values: Values,
        consistent: Consistent,
    ) -> None:
        self._event = event
        self._usual = usual
        self._fixed = fixed
        self._values = values
        self._consistent = consistent
        self._others: dict[Others, Event] = {}
        self._known: dict[tuple[Others, int], Event] = {}

    def at(self, others: Others, milliseconds: int) -> Event:
        """The event with these other values, at that time after the first."""
        known = self._known.get((others, milliseconds))
        if known is None:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            known = self._known[others, milliseconds] = at(self._with(others), milliseconds)
        return known

    def has_other(self, name: str, pool: int) -> bool:
        """Whether there is another value of the field."""
        return bool(self._values.other(self._usual, name, pool, 1))

    def _with(self, others: Others) -> Event:
        known = self._others.get(others)
        if known is None:
            event = dict(self._event)
            for name, pool, place in others:
                changes = self._values.other(self._usual, name, pool, place)
                event.update(_changes(event, self._usual, changes, self._fixed))
            known = self._others[others] = self._consistent(event)
        return known


class RepeatedEvents:
    """The events of a pipeline's timelines, as often as a recipe says."""

    def __init__(self, events: Sequence[Event], values: Values, consistent: Consistent) -> None:
        self.events = events
        self._values = values
        self.consistent = consistent
        self._own = [self._repeated(event, event) for event in events]

    def made(
        self, recipe: Recipe, events: Sequence[Event] | None = None, fixed: frozenset[str] | None = None
    ) -> Timeline:
        """The events, or others in their places, as the recipe says. `fixed`: the fields in which those
        differ that the filter does not take; the others have the values that they would have in events that
        it takes."""
        if events is None:
            return repeat(recipe, self._own)
        pairs = zip(events, self.events, self._own, strict=True)
        if fixed is None:
            chosen = [own if event is usual else self._repeated(event, event) for event, usual, own in pairs]
        else:
            chosen = [self._repeated(event, usual, fixed) for event, usual, _ in pairs]
        return repeat(recipe, chosen)

    def among(self, recipe: Recipe, place: int, others: Sequence[Event]) -> Timeline:
        """The events as the recipe says, the first ones of that place with these in their stead."""
        waiting = [self._repeated(one, self.events[place]) for one in reversed(others)]
        return tuple(
            (waiting.pop() if one == place and waiting else self._own[one]).at(values, moment)
            for one, values, moment in _slots(recipe)
        )

    def instead(self, recipe: Recipe, place: int, others: Sequence[Event]) -> Timeline:
        """The events as the recipe says, the last one of that place with these in its stead."""
        slots = list(_slots(recipe))
        last = max(number for number, (one, _, _) in enumerate(slots) if one == place)
        _, values, moment = slots[last]
        timeline = [*self.made(recipe)]
        timeline[last : last + 1] = [
            self._repeated(one, self.events[place]).at(values, moment) for one in others
        ]
        return tuple(timeline)

    def takes(self, event: Event) -> bool:
        """Whether the pipeline's filter takes the event."""
        return self._values.passes(event)

    def varies(self, spread: Spread) -> bool:
        """Whether some event has another value of the field."""
        return any(own.has_other(spread.field, spread.pool) for own in self._own)

    def _repeated(self, event: Event, usual: Event, fixed: frozenset[str] = frozenset()) -> Repeated:
        return Repeated(event, usual, fixed, self._values, self.consistent)


def repeat(recipe: Recipe, events: Sequence[Repeated]) -> Timeline:
    """The events in turn, as the recipe says."""
    return tuple([events[place].at(values, moment) for place, values, moment in _slots(recipe)])


def _slots(recipe: Recipe) -> Iterator[tuple[int, Others, int]]:
    """The recipe's events: which of them, its other values, its time."""
    spreads = [one for one in recipe.spreads if one.count > 1]  # all alike without
    moment = 0
    for repetition in range(max(recipe.numbers)):
        for event, number in enumerate(recipe.numbers):
            if repetition < number:
                values = [
                    (one.field, one.pool, place)
                    for one in spreads
                    if (place := one.place(repetition, number))
                ]
                yield event, tuple(values), moment
                moment += recipe.gap


def _changes(event: Event, usual: Event, changes: Event, fixed: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """The changes of an event that differs from the usual one in these fields: not of these, but for those in
    which it has the usual one's value under another name."""
    for name, value in changes.items():
        own = usual.get(name)
        twins = (twin for twin in fixed if twin not in usual and own is not None and event.get(twin) == own)
        yield from ((one, value) for one in (twins if name in fixed else (name, *twins)))
