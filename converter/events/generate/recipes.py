"""ES|QL: how often which events make a row, with how many different values, over how much time.

A recipe is found by walking: from one change to the next that brings the timeline nearer to an alert, as the
original's own evaluator measures it (`measures.py`). The numbers that are tried are the constants of the
conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from converter.events.generate.measures import Distance
from converter.frozen import dataclass

MOST_EVENTS = 1300
BUDGET = 60_000
"""Events that the walk evaluates at most."""
_KEPT = 10_000
"""Of these for what is looked for from a recipe that fires."""
_MINUTE = 60_000
UNITS = (1000, _MINUTE, 60 * _MINUTE, 24 * 60 * _MINUTE)
_GAPS = (0, 100, 1000, 10_000, _MINUTE, 7 * _MINUTE, 60 * _MINUTE, 24 * 60 * _MINUTE)


@dataclass(frozen=True, slots=True)
class Spread:
    """A field's different values over the repetitions of an event: `count` of them in turn or, `tail`, all
    but the last few alike. `pool`: which of the ways to make other values; `first`: so many more of the first
    value come before."""

    field: str
    count: int = 1
    tail: bool = False
    pool: int = 0
    first: int = 0

    def place(self, repetition: int, number: int) -> int:
        """Which of the values this repetition has."""
        repetition = max(0, repetition - self.first)
        if self.tail:
            return max(0, repetition - (number - self.count))
        return repetition % self.count


@dataclass(frozen=True, slots=True)
class Recipe:
    """How often each event, which fields differ, how many milliseconds apart."""

    numbers: tuple[int, ...]
    spreads: tuple[Spread, ...] = ()
    gap: int = 100

    @property
    def total(self) -> int:
        return sum(self.numbers)

    def counted(self, place: int, number: int) -> Recipe:
        """With another number of one event."""
        return replace(self, numbers=(*self.numbers[:place], number, *self.numbers[place + 1 :]))

    def counted_alone(self, place: int) -> Recipe:
        """With none of the other events."""
        return replace(
            self, numbers=tuple(own if kind == place else 0 for kind, own in enumerate(self.numbers))
        )

    def all_counted(self, number: int) -> Recipe:
        """With another number of each event that it has."""
        return replace(self, numbers=tuple(number if one else 0 for one in self.numbers))

    def plain(self, varies: Callable[[Spread], bool]) -> Recipe:
        """One recipe of those that make the same timeline: without fields of which all events have one value,
        since they ask for no more or, as `varies` says, there is no other."""
        most = max(self.numbers)
        spreads = (one if one.tail else replace(one, count=min(one.count, most)) for one in self.spreads)
        told = tuple(one for one in spreads if one.count > 1 and varies(one))
        return Recipe(self.numbers, told, self.gap if self.total > 1 else 0)

    def spread(self, place: int, other: Spread) -> Recipe:
        """With one field spread otherwise."""
        return replace(self, spreads=(*self.spreads[:place], other, *self.spreads[place + 1 :]))


def neighbours(recipe: Recipe, numbers: Sequence[int], pools: Mapping[str, int]) -> Iterator[Recipe]:
    """Recipes that differ in one respect: nearby numbers first."""
    most = max(recipe.numbers)
    tried = (-1, 1)
    for place, own in enumerate(recipe.numbers):
        yield from (recipe.counted(place, own + step) for step in tried if own + step >= 0)
    for place, one in enumerate(recipe.spreads):
        for step in tried:
            if one.count + step >= 1:
                yield recipe.spread(place, replace(one, count=one.count + step))
    for number in dict.fromkeys((*numbers, most + 1, 2 * most)):
        yield recipe.all_counted(number)
        yield from (recipe.counted(place, number) for place in range(len(recipe.numbers)))
    yield from (recipe.counted(place, 0) for place in range(len(recipe.numbers)))
    for place, one in enumerate(recipe.spreads):
        for pool in range(pools.get(one.field, 1)):
            for count in dict.fromkeys((*numbers, most, one.count, 1)):
                yield recipe.spread(place, replace(one, count=count, pool=pool))
        yield from (
            recipe.spread(place, replace(one, count=count, tail=True)) for count in (2, *numbers) if count > 1
        )
    yield from (replace(recipe, gap=gap) for gap in _gaps(recipe, numbers))


def together(recipe: Recipe, numbers: Sequence[int], pools: Mapping[str, int]) -> Iterator[Recipe]:
    """Recipes that differ in two respects that go together: how often, and with how many values."""
    for number in numbers:
        counts = (
            recipe.all_counted(number),
            *(recipe.counted(p, number) for p in range(len(recipe.numbers))),
        )
        for counted in counts:
            for place, one in enumerate(recipe.spreads):
                for pool in range(pools.get(one.field, 1)):
                    for count in dict.fromkeys((number, *(low for low in numbers if low < number))):
                        spread = replace(one, count=count, pool=pool)
                        yield counted.spread(place, spread)
                        if count > 1:
                            yield counted.spread(place, replace(spread, tail=True))


def _gaps(recipe: Recipe, numbers: Sequence[int]) -> Iterator[int]:
    """The usual gaps, and those with which the whole lasts as long as a number says."""
    yield from _GAPS
    steps = max(recipe.total - 1, 1)
    for number in numbers:
        yield from (-(-number * unit // steps) for unit in UNITS)


class Walk:
    """The search for a recipe that fires, with a bound on what is evaluated."""

    def __init__(
        self, measure: Callable[[Recipe], Distance], numbers: Sequence[int], pools: Mapping[str, int]
    ) -> None:
        self._measure = measure
        self._numbers = numbers
        self._pools = pools
        self._left = BUDGET
        self._floor = 0
        self._known: dict[Recipe, Distance] = {}

    def of(self, recipe: Recipe) -> Distance | None:
        """The recipe's distance; None where there are too many events, or none, or no budget is left."""
        if not 0 < recipe.total <= MOST_EVENTS:
            return None
        if recipe not in self._known:
            if self._left - self._floor < recipe.total:
                return None
            self._left -= recipe.total + 10
            self._known[recipe] = self._measure(recipe)
        return self._known[recipe]

    def from_(self, recipe: Recipe, budget: int) -> Recipe | None:
        """The recipe that fires at the end of the walk that starts here; `budget` in events."""
        self._floor = max(self._left - budget, _KEPT)
        found = self._from(recipe)
        self._floor = 0
        return found

    def _from(self, recipe: Recipe) -> Recipe | None:
        best = self.of(recipe)
        while best is not None and best.missing:
            found = self._nearer(recipe, best)
            if found is None:
                return None
            recipe, best = found
        return recipe if best is not None else None

    def _nearer(self, recipe: Recipe, best: Distance) -> tuple[Recipe, Distance] | None:
        """The nearest neighbour, or the first change of two things that is nearer."""
        found: tuple[Recipe, Distance] | None = None
        for other in neighbours(recipe, self._numbers, self._pools):
            distance = self.of(other)
            if distance is not None and distance.order < best.order:
                found, best = (other, distance), distance
                if not distance.missing:
                    return found
        if found is not None:
            return found
        for other in together(recipe, self._numbers, self._pools):
            distance = self.of(other)
            if distance is not None and distance.order < best.order:
                return other, distance
        return None

    def least(self, recipe: Recipe, kept: int | None = None) -> Recipe:
        """A recipe that fires still with as few events as the walk finds; `kept` is an event that stays."""
        for place in range(len(recipe.numbers)):
            if place != kept:
                recipe = self._fewer(recipe, place, 0)
        if kept is not None:
            recipe = self._fewer(recipe, kept, 1)
        for place, one in enumerate(recipe.spreads):
            for count in sorted({1, *self._numbers}):
                if count < one.count and self._fires(
                    other := recipe.spread(place, replace(one, count=count))
                ):
                    recipe = other
                    break
        return recipe

    def _fewer(self, recipe: Recipe, place: int, least: int) -> Recipe:
        """The fewest of one event with which it fires, by halving."""
        low, high = least, recipe.numbers[place]
        while low < high:
            middle = (low + high) // 2
            if self._fires(recipe.counted(place, middle)):
                high = middle
            else:
                low = middle + 1
        return recipe.counted(place, high)

    def _fires(self, recipe: Recipe) -> bool:
        found = self.of(recipe)
        return found is not None and not found.missing

    def alone(self, recipe: Recipe, conjuncts: int) -> Iterator[tuple[int, Recipe]]:
        """For each conjunct a recipe near this one whose best row fails it alone."""
        open_ = set(range(conjuncts))
        for other in neighbours(recipe, self._numbers, self._pools):
            if not open_:
                return
            distance = self.of(other)
            if distance is not None and len(distance.failing) == 1 and distance.failing[0] in open_:
                open_.discard(distance.failing[0])
                yield distance.failing[0], other
