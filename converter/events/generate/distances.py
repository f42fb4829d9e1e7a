"""ES|QL: how far a recipe's timeline is from an alert; recipes that make the same one are measured once."""

from __future__ import annotations

from dataclasses import replace

from converter.events.case import Timeline
from converter.events.generate.different import Written
from converter.events.generate.measures import Distance, Measure, Rows
from converter.events.generate.recipes import Recipe
from converter.events.generate.repeated import RepeatedEvents


class Distances:
    """`written`: a timeline as the rule's fields are written. Where the pipeline does not ask when events
    are, all are at one moment: those that are alike are the same one, of which all is known."""

    def __init__(self, measure: Measure, written: Written, events: RepeatedEvents) -> None:
        self._measure = measure
        self._written = written
        self._events = events
        self._known: dict[Recipe, Distance] = {}

    def of(self, recipe: Recipe) -> Distance:
        """As the original measures the timeline."""
        plain = self._timed(recipe.plain(self._events.varies))
        if plain not in self._known:
            self._known[plain] = self._measure.of(self._made(plain))
        return self._known[plain]

    def rows(self, recipe: Recipe) -> Rows:
        """The rows in front of each condition."""
        return self._measure.rows(self._made(self._timed(recipe)))

    def _timed(self, recipe: Recipe) -> Recipe:
        return recipe if self._measure.asks_time or not recipe.gap else replace(recipe, gap=0)

    def _made(self, recipe: Recipe) -> Timeline:
        return self._written(self._events.made(recipe))
