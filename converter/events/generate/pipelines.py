"""ES|QL: the events that a pipeline counts, and how many of which it takes for a row.

The filter in front of the first `stats` is solved as any rule's predicate; for each condition inside of what
is counted (`case`, `where`) there is an event as well that satisfies it. Which of these events, how often and
with how many different values make a row is found by trying, with the original's own evaluator.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Any

from converter.elastic.esql.filter import to_predicate
from converter.evaluate.elastic import compile_detection
from converter.events.generate.dependent import HOST, changed, without
from converter.events.generate.timelines import Event, Frame, Timeline, at
from converter.ir import Pipeline, Predicate
from converter.ir.detection import Stage, Stats, Where
from converter.ir.rewrite import conjunction, leaf_fields, leaves, value_fields
from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, IsNull, Literal_, Logic, Value
from converter.lowering.esql import Normal, normal
from converter.lowering.fidelity import Refused
from converter.source import NotSupportedError
from converter.taxonomy.model import Taxonomy

_MOST = 60
"""More events than this are not made for every case."""
_MAX_CONDITIONS = 6
_MAX_RECIPES = 200
_MINUTE = 60_000


def pipeline_predicates(pipeline: Pipeline) -> Iterator[tuple[Predicate, tuple[str, ...]]]:
    """The filter, and the filter with each condition of what is counted; with the fields that are counted."""
    try:
        form = normal(pipeline)
    except (Refused, NotSupportedError):
        return
    filtered = conjunction(map(to_predicate, form.conditions))
    fields = tuple(dict.fromkeys(name for _, value in form.columns for name in value_fields(value)))
    plain = tuple(name for name in fields if not name.startswith("_") and name != "@timestamp")
    asked = tuple(
        value.name for _, value in form.columns if isinstance(value, FieldValue) and value.name in plain
    )
    yield filtered, asked
    conditions = dict.fromkeys(item for _, value in form.columns for item in _conditions(value))
    for condition in list(conditions)[:_MAX_CONDITIONS]:
        yield conjunction((filtered, to_predicate(condition))), asked


def _conditions(value: Value) -> Iterator[Value]:
    """The conditions of each `case` in an expression."""
    match value:
        case Call(function="case", arguments=items):
            yield from items[: len(items) - len(items) % 2 : 2]
            for item in items:
                yield from _conditions(item)
        case Call(arguments=items):
            for item in items:
                yield from _conditions(item)
        case Arithmetic(left=left, right=right):
            yield from (*_conditions(left), *_conditions(right))


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How often each event, with which fields different in each repetition (`alike`: in every second, third),
    so many milliseconds apart."""

    number: int
    varied: tuple[str, ...]
    events: tuple[int, ...]
    gap: int = 100
    alike: int = 1


@dataclass
class Piped(Frame):
    """A pipeline that counts: the events, as many as it takes for a row. `selecting`: the fields by which
    their records are known, of which a source writes no other values."""

    pipeline: Pipeline
    taxonomy: Taxonomy
    selecting: frozenset[str]

    def __post_init__(self) -> None:
        self._original = compile_detection(self.pipeline)
        self._form = normal(self.pipeline)
        self._counted = tuple(_counted(self._form))
        self._grouped = tuple(_grouped(self._form))
        self._alike = _alike(self.taxonomy, (*self._counted, *self._grouped))
        filtered = conjunction(map(to_predicate, self._form.conditions))
        self._copied = _copied(self._alike, [name for leaf in leaves(filtered) for name in leaf_fields(leaf)])
        self._recipe = next(filter(self._fires, self._recipes()), None)

    def _recipes(self) -> Iterator[_Recipe]:
        everything = tuple(range(len(self.events)))
        chosen = [(0,), everything, everything[1:], *((place,) for place in everything[1:])]
        numbers = sorted({1, 2, *_numbers(self._form.stages)})
        groups = (name for name in self._grouped if name not in self._counted)
        varied = dict.fromkeys([self._counted, (), *((*self._counted, name) for name in groups)])
        choices = product((1, 2, 3), numbers, dict.fromkeys(filter(None, chosen)), varied)
        for alike, number, events, names in islice(choices, _MAX_RECIPES):
            yield _Recipe(number * alike, names, events, alike=alike)

    def _fires(self, recipe: _Recipe) -> bool:
        return bool(self._original.run(self._made(recipe, self.events)))

    def _made(self, recipe: _Recipe, events: Sequence[Event]) -> Timeline:
        timeline: list[Event] = []
        for place in range(recipe.number):
            for kind in recipe.events:
                event = dict(events[kind])
                for name in recipe.varied if place >= recipe.alike else ():
                    event = self._other(event, name, place // recipe.alike)
                timeline.append(at(self._consistent(event), len(timeline) * recipe.gap))
        return tuple(timeline)

    def _consistent(self, event: dict[str, Any]) -> dict[str, Any]:
        """The event with one value for what the log holds once."""
        for copy, source in self._copied:
            value = event.get(source, event.get(copy))
            event = event if value is None else {**event, copy: value, source: value}
        return event

    def _other(self, event: dict[str, Any], name: str, place: int) -> dict[str, Any]:
        """The event with another value of the field, also where the log's one value has a second name."""
        found = _varied(event, name, place)
        if name in found:
            found = {**found, **{twin: found[name] for twin in self._alike.get(name, ()) if twin in event}}
        kept = {group: event[group] for group in self._grouped if group != name and group in event}
        return {**found, **kept}

    def _without(self, event: Event, name: str) -> Event:
        found = dict(event)
        for twin in (name, *self._alike.get(name, ())):
            found = without(found, twin)
        return found

    def around(self, place: int, event: Event) -> Timeline:
        recipe = self._recipe
        if recipe is None or recipe.number * len(recipe.events) > _MOST:
            return (at(self._consistent(dict(event)), 0),)
        chosen = list(self.events)
        chosen[place] = event
        return self._made(recipe, chosen)

    def variations(self) -> Iterator[tuple[str, Timeline]]:
        yield "each event once", self._made(_Recipe(1, (), tuple(range(len(self.events)))), self.events)
        recipe = self._recipe
        if recipe is None:
            return
        whole = self._made(recipe, self.events)
        yield "as many as it takes", whole
        for number, name in (
            (recipe.number + 1, "one more of each"),
            (recipe.number - 1, "one fewer of each"),
        ):
            yield name, self._made(replace(recipe, number=number), self.events)
        yield "all alike", self._made(replace(recipe, varied=()), self.events)
        yield "without the last", whole[:-1]
        yield "without the first", whole[1:]
        yield (
            "twice as far apart",
            self._made(replace(recipe, gap=7 * _MINUTE), self.events),
        )
        for field in (name for name in self._grouped if name not in self.selecting):
            other = self._other(dict(whole[-1]), field, 1)
            yield f"the last with another {field}", (*whole[:-1], other)
            if field in HOST:
                continue  # a log always says which machine it was
            yield f"the last without {field}", (*whole[:-1], self._without(whole[-1], field))
            yield f"none with {field}", tuple(self._without(event, field) for event in whole)
        for field in self._counted:
            yield f"none with {field}", tuple(self._without(event, field) for event in whole)
            alike = tuple(
                {**event, **({field: whole[0][field]} if field in whole[0] else {})} for event in whole
            )
            yield f"all with one {field}", alike


def _varied(event: dict[str, Any], name: str, place: int) -> dict[str, Any]:
    """The event with another value of the field; further ones are numbered."""
    value = event.get(name)
    if value is None:
        return event
    if name.endswith(".ip"):
        return {**event, name: f"198.51.{place // 250}.{place % 250 + 1}"}
    if isinstance(value, str) and place > 1:
        return {**event, name: f"{value}{place}"}
    if isinstance(value, int) and not isinstance(value, bool):
        return {**event, name: value + place}
    return changed(event, name, place)


def _alike(taxonomy: Taxonomy, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The other names, among ECS fields, of what a log holds once."""
    found: dict[str, dict[str, None]] = {name: {} for name in names}
    for record in taxonomy.records:
        for name in found:
            for profile, cell in record.cells.get(name, {}).items():
                twins = (
                    other
                    for other in record.cells
                    if other != name and (held := record.cell(other, profile)) and cell == held
                )
                found[name].update(dict.fromkeys(twins))
    return {name: tuple(twins) for name, twins in found.items()}


def _copied(alike: Mapping[str, tuple[str, ...]], asked: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Of two names of one value in the log that the filter asks, the one that it asks less and the other."""
    pairs = ((name, twin) for name, twins in alike.items() for twin in twins if {name, twin} <= set(asked))
    return tuple(dict.fromkeys(_by_count(pair, asked) for pair in pairs))


def _by_count(pair: tuple[str, str], asked: Sequence[str]) -> tuple[str, str]:
    less, more = sorted(pair, key=lambda name: (asked.count(name), name))
    return less, more


def _counted(form: Normal) -> Iterable[str]:
    """The fields whose different values are counted."""
    first = form.stages[0]
    assert isinstance(first, Stats)
    columns = dict(form.columns)
    names = [
        name
        for item in first.aggregates
        if item.function == "count_distinct" and isinstance(item.argument, FieldValue)
        for name in value_fields(columns[item.argument.name])
        if not any(name in value_fields(condition) for condition in _conditions(columns[item.argument.name]))
    ]
    return dict.fromkeys(name for name in names if name != "@timestamp")


def _grouped(form: Normal) -> Iterable[str]:
    """The fields that are groups as they are."""
    first = form.stages[0]
    assert isinstance(first, Stats)
    columns = dict(form.columns)
    found = (columns[value.name] for _, value in first.by if isinstance(value, FieldValue))
    return dict.fromkeys(value.name for value in found if isinstance(value, FieldValue))


def _numbers(stages: Iterable[Stage]) -> Iterator[int]:
    """Counts worth trying: the constants of the conditions, and one more."""
    for stage in stages:
        if isinstance(stage, Where):
            values: list[Value] = [stage.condition]
            while values:
                value = values.pop()
                match value:
                    case Literal_(int(number)) if not isinstance(number, bool) and 0 < number <= 1000:
                        yield from (number, number + 1)
                    case Call(arguments=items) | Logic(items=items):
                        values.extend(items)
                    case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
                        values.extend((left, right))
                    case IsNull(item=item):
                        values.append(item)
