"""ES|QL: how far a recipe's timeline is from an alert; recipes that make the same one are measured once."""

from __future__ import annotations

from converter.events.generate.different import Written
from converter.events.generate.measures import Distance, Measure
from converter.events.generate.recipes import Recipe
from converter.events.generate.repeated import RepeatedEvents


class Distances:
    """`written`: a timeline as the rule's fields are written."""

    def __init__(self, measure: Measure, written: Written, events: RepeatedEvents) -> None:
        self._measure = measure
        self._written = written
        self._events = events
        self._known: dict[Recipe, Distance] = {}

    def of(self, recipe: Recipe) -> Distance:
        """As the original measures the timeline."""
        plain = recipe.plain(self._events.varies)
        if plain not in self._known:
            self._known[plain] = self._measure.of(self._written(self._events.made(plain)))
        return self._known[plain]
