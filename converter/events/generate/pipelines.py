"""Timelines of a pipeline that counts: how many events it takes for a row, found by trying.

Which of the events (`pipeline_predicates`), how often and with how many different values make a row is found
with the original's own evaluator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import chain, islice, product
from typing import Any

from converter.elastic.esql.filter import to_predicate
from converter.evaluate.result import CompiledQuery, Event
from converter.events.case import Timeline
from converter.events.generate.bounds import AtBounds
from converter.events.generate.changed import has_its_name
from converter.events.generate.different import Values
from converter.events.generate.distances import Distances
from converter.events.generate.frame import Counting
from converter.events.generate.groups import HOST
from converter.events.generate.keys import Keys
from converter.events.generate.measures import Measure
from converter.events.generate.moments import at, at_the_start, spread
from converter.events.generate.one_value import HeldOnce
from converter.events.generate.pipeline_around import MOST, Around
from converter.events.generate.pipeline_predicates import counted_fields, grouped_fields
from converter.events.generate.recipes import BUDGET, Recipe, Spread, Walk
from converter.events.generate.repeated import RepeatedEvents
from converter.events.generate.shape import Shape, has_one_value
from converter.events.generate.stage_numbers import constants, numbers, values
from converter.frozen import dataclass
from converter.ir import Pipeline
from converter.ir.detection import Stats
from converter.ir.rewrite import conjunction, leaf_fields, leaves, sub_values, value_fields
from converter.ir.value import Call, FieldValue, Value
from converter.lowering.esql import Normal, normal
from converter.lowering.esql_columns import is_monotone
from converter.taxonomy.model import Taxonomy

_MAX_USUAL = 200
_MINUTE = 60_000
_LATER, _SPREAD = 8 * _MINUTE, 4 * _MINUTE
"""When a timeline begins and how long it lasts near the end of a quarter of an hour; the others begin at its
start."""


@dataclass
class Piped(Counting):
    """A pipeline that counts: the events, as many as it takes for a row. `window`: the milliseconds that a
    run of the rule looks at. `selecting`: the fields by which their records are known, of which a source
    writes no other values; `kinds`: the kinds of events that the pipeline takes."""

    pipeline: Pipeline
    window: int
    taxonomy: Taxonomy
    selecting: frozenset[str]
    kinds: Sequence[Shape]
    written: Callable[[Sequence[Event]], Timeline]
    original: CompiledQuery

    @property
    def counted(self) -> tuple[str, ...]:
        """The fields of which values are counted."""
        return self._counted

    @property
    def form(self) -> Normal:
        """The pipeline's normal form."""
        return self._form

    @property
    def numbers(self) -> Sequence[int]:
        """Counts worth trying."""
        return self._numbers

    @property
    def looks_at_the_clock(self) -> bool:
        """Whether the time of the run decides, after the first `stats`."""
        asked = (value for stage in self._form.stages for value in values(stage))
        nodes = (node for value in asked for node in sub_values(value))
        return any(isinstance(node, Call) and node.function == "now" for node in nodes)

    @property
    def is_monotone(self) -> bool:
        """Whether more events can only give more rows."""
        return is_monotone(self._form.stages)

    @cached_property
    def whole(self) -> Timeline:
        """The timeline in which everything holds, if there is one."""
        return () if self._recipe is None else self.made(self._recipe)

    @cached_property
    def near(self) -> Sequence[tuple[int, Recipe]]:
        """For each condition on the counts, by its number, a recipe that fails this one alone."""
        if self._recipe is None:
            return ()
        return list(self._walk.alone(self._recipe, len(self._measure.conjuncts)))

    def at_bounds(self) -> Iterator[Timeline]:
        """Timelines at the bounds of the conditions on counts, and beyond them, as far as there is room."""
        if self._recipe is None:
            return
        known = [one.field for one in self._recipe.spreads]
        others = (one for one in self._start.spreads if one.field not in {*known, *self.selecting})
        recipe = replace(self._recipe, spreads=(*self._recipe.spreads, *others))
        yield from map(self.made, AtBounds(self._measure, self._distances.rows, recipe).found())

    def made(self, recipe: Recipe) -> Timeline:
        """The recipe's timeline of the events."""
        return self._repeated.made(recipe)

    @property
    def grouped(self) -> tuple[str, ...]:
        """The fields by which events are grouped."""
        return self._grouped

    def __post_init__(self) -> None:
        self._form = normal(self.pipeline)
        self._counted = tuple(counted_fields(self._form))
        self._grouped = tuple(grouped_fields(self._form))
        filtered = conjunction(map(to_predicate, self._form.conditions))
        asked = [name for leaf in leaves(filtered) for name in leaf_fields(leaf)]
        self._held_once = HeldOnce(self.taxonomy, self._counted, self._grouped, asked)
        self._measure = Measure(self.pipeline, self.original)
        asked_of_rows = [*constants(self._form.stages)]
        change = self._held_once.other
        computed, is_fixed = list(self._computed()), partial(has_one_value, self.kinds)
        self._values = Values(
            self.pipeline, filtered, change, self.written, asked_of_rows, computed, is_fixed
        )
        keys = Keys(self.pipeline, self._form, self.written)
        self.events = keys.together(self.events)
        self._numbers = sorted({1, 2, *numbers(self._form.stages)})
        pools = dict.fromkeys((*self._counted, *self._varying()), self._values.pools)
        self._repeated = RepeatedEvents(self.events, self._values, self._held_once.consistent)
        self._distances = Distances(self._measure, self.written, self._repeated)
        self._walk = Walk(self._distances.of, self._numbers, pools)
        self._recipe = self._found()
        self._around = Around(self._repeated, self._walk, self._recipe)

    def _found(self) -> Recipe | None:
        recipe = next((one for one in self._usual() if not self._distances.of(one).missing), None)
        start = self._start
        alone = (start.counted_alone(place) for place in range(len(start.numbers)))
        starts = (start, *alone) if len(start.numbers) > 1 else (start,)
        for one in starts:
            recipe = recipe or self._walk.from_(one, BUDGET // min(len(starts), 3))
        return None if recipe is None else self._walk.least(recipe)

    @property
    def _start(self) -> Recipe:
        """Each event once; each field that is counted or a group is alike in all."""
        fields = dict.fromkeys((*self._counted, *self._varying(), *self._grouped))
        return Recipe((1,) * len(self.events), tuple(map(Spread, fields)))

    def _varying(self) -> Iterator[str]:
        """Fields of what is computed and counted, of which the values of a column follow."""
        for value in self._computed():
            yield from (name for name in value_fields(value) if name != "@timestamp")

    def _computed(self) -> Iterator[Value]:
        """What is computed of the events and counted."""
        first = self._form.stages[0]
        assert isinstance(first, Stats)
        columns = dict(self._form.columns)
        for item in first.aggregates:
            if isinstance(item.argument, FieldValue):
                yield columns[item.argument.name]

    def _usual(self) -> Iterator[Recipe]:
        """What most pipelines ask: so many of the same events, with as many values of what is counted; then
        the same with what is counted of a field, whose values must be made so that it differs too."""
        everything = tuple(range(len(self.events)))
        chosen = dict.fromkeys([(0,), everything, everything[1:], *((place,) for place in everything[1:])])
        events = [*filter(None, chosen)]
        groups = (name for name in self._grouped if name not in self._counted)
        varied = dict.fromkeys([self._counted, (), *((*self._counted, name) for name in groups)])
        followed = tuple(dict.fromkeys((*self._counted, *self._varying())))
        alike = islice(product((1, 2, 3), self._numbers, events, varied, (0,)), _MAX_USUAL)
        otherwise = product((1,), self._numbers, events, (followed,), range(self._values.pools))
        for times, number, places, names, pool in chain(alike, islice(otherwise, _MAX_USUAL)):
            numbers = tuple(number * times if place in places else 0 for place in everything)
            if sum(numbers) <= MOST:
                yield Recipe(numbers, tuple(Spread(name, number, pool=pool) for name in names))

    def takes(self, event: Event) -> bool:
        """Whether the pipeline's filter takes the event."""
        return self._values.passes(event)

    def around(self, place: int, event: Event) -> Timeline:
        return self._around.of(place, event)

    def wrapping(self, place: int) -> Callable[[Event], Timeline]:
        """The same; what is kept of it is kept there, where each asking counts."""
        return partial(self.around, place)

    def mistaken(self, place: int, event: Event) -> Timeline:
        """The same for what targets mistake for the event: there is room for these, whatever pairs take."""
        return self._around.of_mistaken(place, event)

    def alike(self, place: int) -> int:
        recipe = self._around.recipe_of(place)
        return 0 if recipe is None else recipe.numbers[place]

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset((*self.selecting, *self._held_once.names, *self._varying()))

    def among(self, place: int, others: Sequence[Event]) -> Timeline:
        return self._repeated.among(self._recipe_at(place), place, others)

    def instead(self, place: int, others: Sequence[Event]) -> Timeline:
        return self._repeated.instead(self._recipe_at(place), place, others)

    def _recipe_at(self, place: int) -> Recipe:
        recipe = self._around.recipe_of(place)
        assert recipe is not None  # else no event of that place is counted
        return recipe

    def consistent(self, event: dict[str, Any]) -> dict[str, Any]:
        """The event with one value for what the log holds once."""
        return self._held_once.consistent(event)

    def variations(self) -> Iterator[tuple[str, Timeline]]:
        yield "each event once", self.made(Recipe((1,) * len(self.events)))
        recipe = self._recipe
        if recipe is None:
            return
        whole = self.whole
        yield "as many as it takes", whole
        for number, near in self.near:
            yield f"all but condition {number + 1} of the counts", self.made(near)
        for timeline in self.at_bounds():
            yield "at a bound of the counts", timeline
        for step, name in ((1, "one more of each"), (-1, "one fewer of each")):
            numbers = tuple(max(number + step, 0) if number else 0 for number in recipe.numbers)
            if any(numbers):
                yield name, self.made(replace(recipe, numbers=numbers))
        yield "all alike", self.made(replace(recipe, spreads=()))
        yield "without the last", whole[:-1]
        yield "without the first", whole[1:]
        gap = min(_SPREAD, self.window) // max(len(whole) - 1, 1)
        for begin, where in ((0, "start"), (_LATER, "end")):
            apart = tuple(at(dict(event), begin + place * gap) for place, event in enumerate(whole))
            yield f"far apart, at the {where} of a window", apart
        yield "over the whole look-back", spread(whole, self.window)
        wide = max(min(7 * _MINUTE, self.window // recipe.total), recipe.gap)
        yield "further apart", self.made(replace(recipe, gap=wide))
        for field in (name for name in self._grouped if name not in self.selecting):
            other = self._held_once.other(dict(whole[-1]), field, 1)
            yield f"the last with another {field}", (*whole[:-1], other)
            yield from self._seen_before(field)
            if field in HOST:
                continue  # a log always says which machine it was
            yield f"the last without {field}", (*whole[:-1], self._held_once.without(whole[-1], field))
            yield f"none with {field}", tuple(self._held_once.without(event, field) for event in whole)
        for field in self._counted:
            yield f"none with {field}", tuple(self._held_once.without(event, field) for event in whole)
            alike = tuple(
                {**event, **({field: whole[0][field]} if field in whole[0] else {})} for event in whole
            )
            yield f"all with one {field}", alike

    def _seen_before(self, field: str) -> Iterator[tuple[str, Timeline]]:
        """The timeline after an event with another value of the field, one that the filter takes."""
        first = dict(self.whole[0])
        found = (self._values.other(first, field, pool, 1) for pool in range(self._values.pools))
        others = ({**first, **changes} for changes in found if changes)
        for other in islice((one for one in others if has_its_name(one, field)), 1):
            yield f"another {field} seen before", (at_the_start(other, self.window), *self.whole)
