"""ES|QL: timelines at the bounds of the conditions on counts, and one beyond, where all else holds.

    where users >= 8 and errors <= 3     ->  8 users; 7; 3 errors; 4
    where most_attempts <= 6             ->  a user of 6 attempts, others of 2; one of 7

What each change of a recipe does to what is compared is tried once; the change that a bound needs is computed
from that, and what it breaks of the other conditions is mended in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import ceil, inf
from typing import TypeAlias

from converter.events.generate.measures import Bound, Measure, Rows
from converter.events.generate.recipes import Recipe

_BUDGET = 2000
"""Events that the search evaluates at most."""
_MOST = 60
"""Of a recipe, or twice as many as fire."""
_STEPS = 6
"""Changes of one thing after another."""
Change: TypeAlias = Callable[[Recipe, float], Recipe | None]
"""The recipe with at least so many more of something; None where there are none."""


class AtBounds:
    """The search for recipes near one that fires, each of which is at a bound."""

    def __init__(self, measure: Measure, rows_of: Callable[[Recipe], Rows], recipe: Recipe) -> None:
        self._measure = measure
        self._rows_of = rows_of
        self._recipe = recipe
        self._left = _BUDGET
        self._known: dict[Recipe, Rows] = {}
        self._changes = list(_changes(recipe))

    def found(self) -> Iterator[Recipe]:
        """For each bound a recipe in which it alone decides, if one is found."""
        tried = [change(self._recipe, 1) for change in self._changes]
        for other in (self._recipe, *tried):
            if other is not None:
                self._rows(other)
        nearest: dict[Recipe, None] = {}
        for bound in self._measure.bounds():
            if (found := self._at(bound)) is not None:
                nearest[found] = None
        yield from nearest

    def _rows(self, recipe: Recipe) -> Rows | None:
        if recipe not in self._known:
            if not 0 < recipe.total <= min(self._left, max(_MOST, 2 * self._recipe.total)):
                return None
            self._left -= recipe.total
            self._known[recipe] = self._rows_of(recipe)
        return self._known[recipe]

    def _at(self, bound: Bound) -> Recipe | None:
        """The nearest recipe to the bound."""
        off, recipe = min(
            ((self._measure.off(bound, rows), one) for one, rows in self._known.items()),
            key=lambda found: found[0],
        )
        for _ in range(_STEPS):
            if not off:
                break
            better = ((self._off(bound, other), other) for other in self._nearer(bound, recipe))
            nearer = min(better, key=lambda found: found[0], default=(off, recipe))
            if nearer[0] >= off:
                break
            off, recipe = nearer
        return recipe if off < 1 else None

    def _off(self, bound: Bound, recipe: Recipe) -> float:
        rows = self._rows(recipe)
        return inf if rows is None else self._measure.off(bound, rows)

    def _nearer(self, bound: Bound, recipe: Recipe) -> Iterator[Recipe]:
        """The recipe with each change that, as it did at first, brings a comparison where it must be."""
        rows = self._known[recipe]
        if not rows[bound.gate]:
            return
        made: dict[Recipe, None] = {}
        for one, away in self._measure.open(bound, rows):
            for change in self._changes:
                slope = self._slope(one, change)
                number = -away / slope if slope else 0.0
                if number and (other := change(recipe, number)) is not None:
                    made[other] = None
        yield from made

    def _slope(self, bound: Bound, change: Change) -> float:
        """What the change does to what is compared."""
        other = change(self._recipe, 1)
        if other is None or other not in self._known:
            return 0.0
        before, after = (self._measure.away(bound, self._known[one]) for one in (self._recipe, other))
        return 0.0 if before is None or after is None else after - before


def _outward(number: float) -> int:
    """The whole number that is as far from nothing, or further."""
    whole = int(number)
    return whole if whole == number else whole + (1 if number > 0 else -1)


def _changes(recipe: Recipe) -> Iterator[Change]:
    """More events of each kind; more values of each field, also with as many more events; one value more
    often than the others; further apart."""
    places = [place for place, number in enumerate(recipe.numbers) if number]
    yield from (_of_events((place,)) for place in places)
    if len(places) > 1:
        yield _of_events(tuple(places))
    for place, _ in enumerate(recipe.spreads):
        yield from (_of_values(place, counted) for counted in (False, True))
        yield _of_one_value(place)
    unit = max(recipe.gap, 1)

    def further(other: Recipe, more: float) -> Recipe | None:
        gap = ceil(other.gap + unit * more)  # what is left of a unit does not count
        return replace(other, gap=gap) if gap >= 0 else None

    yield further


def _of_events(places: tuple[int, ...]) -> Change:
    def change(recipe: Recipe, wanted: float) -> Recipe | None:
        more = _outward(wanted)
        numbers = tuple(own + more * (place in places) for place, own in enumerate(recipe.numbers))
        return replace(recipe, numbers=numbers) if min(numbers) >= 0 else None

    return change


def _of_values(place: int, counted: bool) -> Change:
    def change(recipe: Recipe, wanted: float) -> Recipe | None:
        more = _outward(wanted)
        one = recipe.spreads[place]
        numbers = tuple(own + more if own and counted else own for own in recipe.numbers)
        if one.count + more < 1 or min(numbers) < 0:
            return None
        return replace(recipe, numbers=numbers).spread(place, replace(one, count=one.count + more))

    return change


def _of_one_value(place: int) -> Change:
    def change(recipe: Recipe, wanted: float) -> Recipe | None:
        more = _outward(wanted)
        one = recipe.spreads[place]
        numbers = tuple(own + more if own else own for own in recipe.numbers)
        if one.count == 1 or one.first + more < 0 or min(numbers) < 0:
            return None
        return replace(recipe, numbers=numbers).spread(place, replace(one, first=one.first + more))

    return change
