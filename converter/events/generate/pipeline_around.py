"""ES|QL: the timeline around one event in which it counts: with as few of the others as that takes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from converter.evaluate.remembered import PerEvent
from converter.evaluate.result import Event
from converter.events.case import Timeline
from converter.events.generate.frame import MOST_KEPT
from converter.events.generate.moments import at
from converter.events.generate.recipes import Recipe, Walk
from converter.events.generate.repeated import RepeatedEvents

MOST = 60
"""More events than this are not made for every case."""
_MOST_IN_ALL = 2500
"""Events of all timelines that are longer than that."""


class Around:
    """`recipe`: one that fires, if there is one."""

    def __init__(self, events: RepeatedEvents, walk: Walk, recipe: Recipe | None) -> None:
        self._events = events
        self._walk = walk
        self._recipe = recipe
        self._recipes: dict[int, Recipe] = {}
        self._made: dict[int, PerEvent[Timeline]] = {}
        self._left = self._left_mistaken = _MOST_IN_ALL

    def of(self, place: int, event: Event) -> Timeline:
        """The timeline with the event in that place; the event alone, where it takes too many."""
        recipe = self.recipe_of(place)
        if recipe is None or (recipe.total > MOST and recipe.total > self._left):
            return (at(self._events.consistent(dict(event)), 0),)
        if recipe.total > MOST:
            self._left -= recipe.total
        if place not in self._made:
            self._made[place] = PerEvent(partial(_made, self._events, recipe, place), MOST_KEPT)
        return self._made[place].of(event)

    def of_mistaken(self, place: int, event: Event) -> Timeline:
        """The same for what targets mistake for the event: there is room for these, whatever pairs take."""
        self._left, self._left_mistaken = self._left_mistaken, self._left
        made = self.of(place, event)
        self._left, self._left_mistaken = self._left_mistaken, self._left
        return made

    def recipe_of(self, place: int) -> Recipe | None:
        """A recipe in which the event counts: with as few of the others as it takes."""
        if place not in self._recipes and self._recipe is not None:
            own = self._recipe
            if len(own.numbers) > 1:
                most = max(own.numbers)
                starts = (
                    own.counted_alone(place).counted(place, most),
                    own.counted(place, most),
                    own.all_counted(most).counted(place, most),
                )
                fires = (
                    one for one in starts if (found := self._walk.of(one)) is not None and not found.missing
                )
                own = next((self._walk.least(one, place) for one in fires), own)
            self._recipes[place] = own
        return self._recipes.get(place)


def _made(events: RepeatedEvents, recipe: Recipe, place: int, event: Event) -> Timeline:
    return events.made(recipe, *_beside(events, place, event))


def _beside(
    events: RepeatedEvents, place: int, event: Event
) -> tuple[Sequence[Event], frozenset[str] | None]:
    """All events, that one in its place; where the filter does not take it, the others have in what it
    differs as well, so that the timeline lacks what it lacks: those fields, else None."""
    chosen = list(events.events)
    fixed = None
    if not events.takes(event):
        usual = events.events[place]
        gone = {name for name in usual if name not in event}
        turned = {name: value for name, value in event.items() if usual.get(name) != value}
        chosen = [
            {**{name: value for name, value in one.items() if name not in gone}, **turned} for one in chosen
        ]
        fixed = frozenset((*gone, *turned))
    chosen[place] = event
    return chosen, fixed
