"""ES|QL: the events that a pipeline counts, and how many of which it takes for a row.

The filter in front of the first `stats` is solved as any rule's predicate; for each condition inside of what
is counted (`case`, `where`) there is an event as well that satisfies it. Which of these events, how often and
with how many different values make a row is found by trying, with the original's own evaluator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, product
from typing import Any

from converter.elastic.esql.filter import to_predicate
from converter.evaluate.elastic import compile_detection
from converter.events.generate.dependent import HOST, changed, fields_of_group, group_of, without
from converter.events.generate.different import Values, filter_of
from converter.events.generate.keys import Keys
from converter.events.generate.measures import Distance, Measure, constants
from converter.events.generate.pairs import Prepared
from converter.events.generate.recipes import BUDGET, Recipe, Spread, Walk
from converter.events.generate.timelines import Event, Frame, Timeline, at
from converter.events.generate.truth import atoms, decided
from converter.ir import And, Equals, Or, Pipeline, Predicate
from converter.ir.detection import Eval, Stage, Stats, Where
from converter.ir.rewrite import conjunction, leaf_fields, leaves, value_fields
from converter.ir.value import Arithmetic, Call, FieldValue, IsNull, Logic, Value
from converter.lowering.esql import Normal, normal
from converter.lowering.esql_columns import is_monotone
from converter.lowering.fidelity import Refused
from converter.source import NotSupportedError
from converter.taxonomy.model import Cell, Taxonomy

_KINDS, _ALTERNATIVES = 4, 60
"""Kinds of events, and alternatives in them, of which one is looked for that the filter takes."""
_MOST = 60
"""More events than this are not made for every case."""
_MAX_CONDITIONS = 8
_MAX_USUAL = 200
_MOST_IN_ALL = 2500
"""Events of all timelines that are longer than that."""
_CROWD = 12
"""Further events that speak against an alert, at least."""
_LONG = 400
"""Events of a timeline near an alert that is laid beside another."""
_TIME = "@timestamp"
_MARGIN = 60_000
"""Milliseconds behind the start of what a run looks at."""
_MINUTE = 60_000
_LATER, _SPREAD = 8 * _MINUTE, 4 * _MINUTE
"""When a timeline begins and how long it lasts near the end of a quarter of an hour; the others begin at its
start."""


def pipeline_predicates(pipeline: Pipeline) -> Iterator[tuple[Predicate, tuple[str, ...]]]:
    """The filter, and the filter with each condition of what is counted; with the fields that are counted."""
    try:
        form = normal(pipeline)
    except (Refused, NotSupportedError):
        return
    filtered = conjunction(map(to_predicate, form.conditions))
    fields = tuple(dict.fromkeys(name for _, value in form.columns for name in value_fields(value)))
    plain = tuple(name for name in fields if not name.startswith("_") and name != "@timestamp")
    counted = frozenset(_counted(form)) if form.stages else frozenset()
    direct = {value.name for _, value in form.columns if isinstance(value, FieldValue)}
    asked = tuple(name for name in plain if name in direct or name in counted)
    yield filtered, asked
    keys = tuple(to_predicate(Logic("not", (IsNull(key),))) for key in _computed_keys(form))
    conditions = dict.fromkeys(item for _, value in form.columns for item in _conditions(value))
    chosen = [to_predicate(condition) for condition in islice(conditions, _MAX_CONDITIONS)]
    chosen.extend(islice(_alternatives(filtered, counted), _MAX_CONDITIONS))
    if keys:
        yield conjunction((filtered, *keys)), asked
    for condition in chosen:
        yield conjunction((filtered, condition, *keys)), asked


def with_taken(pipeline: Pipeline, step: Prepared) -> None:
    """Replaces the step's events which the filter does not take, for ES|QL takes none of several values: by
    one in which another alternative decides, if there is one."""
    query = compile_detection(Pipeline(pipeline.sources, pipeline.metadata, filter_of(pipeline)))

    def takes(event: Event) -> bool:
        return bool(query.run([at(event, 0)]))

    everything = atoms(step.predicate)
    for place, (world, event) in enumerate(step.positives[:_KINDS]):
        if not takes(event):
            made = (decided(world, atom, turned=False) for atom in everything[:_ALTERNATIVES])
            found = next((one for one in made if one is not None and takes(one)), None)
            if found is not None:
                step.positives[place] = world, found


def _computed_keys(form: Normal) -> Iterator[Value]:
    """The groups that are computed, but not of the time alone: without a value most pipelines drop them."""
    columns = dict(form.columns)
    for stage in form.stages[:1]:
        for _, value in stage.by if isinstance(stage, Stats) else ():
            found = columns[value.name] if isinstance(value, FieldValue) else value
            if not isinstance(found, FieldValue) and set(value_fields(found)) - {"@timestamp"}:
                yield found


def _alternatives(filtered: Predicate, counted: frozenset[str]) -> Iterator[Predicate]:
    """The values of what is counted that the filter takes only beside something else."""
    for atom in atoms(filtered):
        if not isinstance(atom.leaf, Equals) or atom.leaf.field not in counted:
            continue
        branches = [place for place, node in enumerate(atom.path) if isinstance(node, Or)]
        if branches and any(isinstance(node, And) for node in atom.path[branches[0] :]):
            yield atom.leaf


def _conditions(value: Value) -> Iterator[Value]:
    """The conditions of each `case` in an expression: each where those before it are not true."""
    match value:
        case Call(function="case", arguments=items):
            earlier: list[Value] = []
            for item in items[: len(items) - len(items) % 2 : 2]:
                yield Logic("and", (item, *(Logic("not", (one,)) for one in earlier))) if earlier else item
                earlier.append(item)
            for item in items:
                yield from _conditions(item)
        case Call(arguments=items):
            for item in items:
                yield from _conditions(item)
        case Arithmetic(left=left, right=right):
            yield from (*_conditions(left), *_conditions(right))


@dataclass
class Piped(Frame):
    """A pipeline that counts: the events, as many as it takes for a row. `window`: the milliseconds that a
    run of the rule looks at. `selecting`: the fields by which their records are known, of which a source
    writes no other values."""

    pipeline: Pipeline
    window: int
    taxonomy: Taxonomy
    selecting: frozenset[str]
    written: Callable[[Sequence[Event]], Timeline]

    @property
    def counted(self) -> tuple[str, ...]:
        """The fields of which values are counted."""
        return self._counted

    @property
    def grouped(self) -> tuple[str, ...]:
        """The fields by which events are grouped."""
        return self._grouped

    def __post_init__(self) -> None:
        self._form = normal(self.pipeline)
        self._counted = tuple(_counted(self._form))
        self._grouped = tuple(_grouped(self._form))
        self._alike = _alike(self.taxonomy, (*self._counted, *self._grouped))
        filtered = conjunction(map(to_predicate, self._form.conditions))
        self._copied = _copied(self._alike, [name for leaf in leaves(filtered) for name in leaf_fields(leaf)])
        self._measure = Measure(self.pipeline)
        self._values = Values(self.pipeline, filtered, self._other, self.written)
        keys = Keys(self.pipeline, self._form, self.written)
        self.events = keys.together(self.events)
        self._numbers = sorted({1, 2, *_numbers(self._form.stages)})
        pools = dict.fromkeys((*self._counted, *self._varying()), self._values.pools)
        self._walk = Walk(self._distance, self._numbers, pools)
        self._recipe = self._found()
        self._recipes: dict[int, Recipe] = {}
        self._left = self._left_mistaken = _MOST_IN_ALL

    def _found(self) -> Recipe | None:
        recipe = next((one for one in self._usual() if not self._distance(one).missing), None)
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
        first = self._form.stages[0]
        assert isinstance(first, Stats)
        columns = dict(self._form.columns)
        for item in first.aggregates:
            if isinstance(item.argument, FieldValue):
                yield from (
                    name for name in value_fields(columns[item.argument.name]) if name != "@timestamp"
                )

    def _usual(self) -> Iterator[Recipe]:
        """What most pipelines ask: so many of the same events, with as many values of what is counted."""
        everything = tuple(range(len(self.events)))
        chosen = [(0,), everything, everything[1:], *((place,) for place in everything[1:])]
        groups = (name for name in self._grouped if name not in self._counted)
        varied = dict.fromkeys([self._counted, (), *((*self._counted, name) for name in groups)])
        choices = product((1, 2, 3), self._numbers, dict.fromkeys(filter(None, chosen)), varied)
        for alike, number, events, names in islice(choices, _MAX_USUAL):
            numbers = tuple(number * alike if place in events else 0 for place in everything)
            if sum(numbers) <= _MOST:
                yield Recipe(numbers, tuple(Spread(name, number) for name in names))

    def _distance(self, recipe: Recipe) -> Distance:
        return self._measure.of(self.written(self._made(recipe, self.events)))

    def _made(self, recipe: Recipe, events: Sequence[Event]) -> Timeline:
        timeline: list[Event] = []
        keys = [repr(event) for event in events]
        for repetition in range(max(recipe.numbers)):
            for kind, number in enumerate(recipe.numbers):
                if repetition >= number:
                    continue
                event = dict(events[kind])
                for one in recipe.spreads:
                    if place := one.place(repetition, number):
                        event.update(self._values.other(events[kind], keys[kind], one.field, one.pool, place))
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
        moved = (name, *self._alike.get(name, ()))
        kept = {group: event[group] for group in self._grouped if group not in moved and group in event}
        return {**found, **kept}

    def _without(self, event: Event, name: str) -> Event:
        found = dict(event)
        for twin in (name, *self._alike.get(name, ())):
            found = without(found, twin)
        return found

    def _recipe_of(self, place: int) -> Recipe | None:
        """A recipe in which the event counts: with as few of the others as it takes."""
        if place not in self._recipes and self._recipe is not None:
            own = self._recipe
            if len(self.events) > 1:
                alone = [kind == place for kind in range(len(self.events))]
                most = max(own.numbers)
                starts = (
                    replace(own, numbers=tuple(most if one else 0 for one in alone)),
                    own.counted(place, most),
                    own.all_counted(most).counted(place, most),
                )
                fires = (
                    one for one in starts if (found := self._walk.of(one)) is not None and not found.missing
                )
                own = next((self._walk.least(one, place) for one in fires), own)
            self._recipes[place] = own
        return self._recipes.get(place)

    def around(self, place: int, event: Event) -> Timeline:
        recipe = self._recipe_of(place)
        if recipe is None or (recipe.total > _MOST and recipe.total > self._left):
            return (at(self._consistent(dict(event)), 0),)
        if recipe.total > _MOST:
            self._left -= recipe.total
        return self._made(recipe, self._beside(place, event))

    @property
    def is_monotone(self) -> bool:
        """Whether more events can only give more rows."""
        return is_monotone(self._form.stages)

    def mistaken(self, place: int, event: Event) -> Timeline:
        """The same for what targets mistake for the event: there is room for these, whatever pairs take."""
        self._left, self._left_mistaken = self._left_mistaken, self._left
        made = self.around(place, event)
        self._left, self._left_mistaken = self._left_mistaken, self._left
        return made

    def crowded(self, event: Event) -> Timeline:
        """The timeline in which everything holds, with further such events in its group: each with other
        values of what is counted, the first of them as early as a run looks. They speak against an alert
        where the pipeline asks that something be seldom, or new."""
        whole = self._whole
        if not whole or len(whole) > _MOST:
            return (at(event, 0),)
        found = {**event, **{name: whole[0][name] for name in self._parts_of_keys() if name in whole[0]}}
        crowd = max(_CROWD, *(number for number in self._numbers if number <= _MOST))
        more = [self._numbered(found, number) for number in range(1, crowd + 1)]
        early = at(more[0], min(_MARGIN - self.window, 0))
        return (early, *whole, *({**one, _TIME: whole[-1][_TIME]} for one in more[1:]))

    @cached_property
    def _whole(self) -> Timeline:
        return () if self._recipe is None else self._made(self._recipe, self.events)

    def _keyed(self) -> Iterator[str]:
        """The fields of which the groups are made."""
        first = self._form.stages[0]
        assert isinstance(first, Stats)
        columns = dict(self._form.columns)
        for _, value in first.by:
            found = columns[value.name] if isinstance(value, FieldValue) else value
            yield from (name for name in value_fields(found) if name != _TIME)

    def _parts_of_keys(self) -> Iterator[str]:
        """The fields of which the groups are made, and the path or the name that goes with them."""
        for name in self._keyed():
            group, part = group_of(name), name.rpartition(".")[2]
            whole = part in ("name", "executable") if group.kind == "image" else group.kind == "path"
            yield from (
                other
                for other in fields_of_group(group)
                if other == name or (whole and not other.endswith(("args", "command_line", "args_count")))
            )

    def _numbered(self, event: Event, number: int) -> Event:
        """The event with another value of each field that is counted, and is no group."""
        made = dict(event)
        for name in set(self._counted) - set(self._keyed()):
            made = self._consistent(_varied(made, name, number))
        return made

    def merged(self, changes: Event) -> Iterator[tuple[str, Timeline]]:
        """The timeline with events of another group, which differs in this, and a log that lacks the fields
        takes for the same: further ones, and those of timelines near an alert."""
        whole = self._whole
        changes = {name: value for name, value in changes.items() if name in self._keyed()}
        if not whole or not changes or len(whole) > _MOST:
            return
        how = f"in another {', '.join(sorted(changes))}"
        keys = {**{name: whole[0][name] for name in self._grouped if name in whole[0]}, **changes}
        for event in self.events:
            more = (self._numbered({**event, **keys}, number) for number in range(2 * len(whole) + _CROWD))
            yield f"further ones {how}", (*whole, *({**one, _TIME: whole[-1][_TIME]} for one in more))
        for number, near in self._near:
            times = min(_LONG // near.total, _CROWD)
            if times:
                near = replace(near, numbers=tuple(one * times for one in near.numbers))
                others = ({**event, **keys} for event in self._made(near, self.events))
                yield f"all but condition {number + 1} of the counts {how}", (*whole, *others)

    @cached_property
    def _near(self) -> Sequence[tuple[int, Recipe]]:
        """For each condition on the counts, by its number, a recipe that fails this one alone."""
        if self._recipe is None:
            return ()
        return list(self._walk.alone(self._recipe, len(self._measure.conjuncts)))

    def _beside(self, place: int, event: Event) -> Sequence[Event]:
        """All events, that one in its place; where the filter does not take it, the others have in what it
        differs as well, so that the timeline lacks what it lacks."""
        chosen = list(self.events)
        if not self._values.passes([event])[0]:
            usual = self.events[place]
            gone = {name for name in usual if name not in event}
            turned = {name: value for name, value in event.items() if usual.get(name) != value}
            chosen = [
                {**{name: value for name, value in one.items() if name not in gone}, **turned}
                for one in chosen
            ]
        chosen[place] = event
        return chosen

    def variations(self) -> Iterator[tuple[str, Timeline]]:
        yield "each event once", self._made(Recipe((1,) * len(self.events)), self.events)
        recipe = self._recipe
        if recipe is None:
            return
        whole = self._whole
        yield "as many as it takes", whole
        for number, near in self._near:
            yield f"all but condition {number + 1} of the counts", self._made(near, self.events)
        for step, name in ((1, "one more of each"), (-1, "one fewer of each")):
            numbers = tuple(max(number + step, 0) if number else 0 for number in recipe.numbers)
            if any(numbers):
                yield name, self._made(replace(recipe, numbers=numbers), self.events)
        yield "all alike", self._made(replace(recipe, spreads=()), self.events)
        yield "without the last", whole[:-1]
        yield "without the first", whole[1:]
        gap = min(_SPREAD, self.window) // max(len(whole) - 1, 1)
        for begin, where in ((0, "start"), (_LATER, "end")):
            apart = tuple(at(dict(event), begin + place * gap) for place, event in enumerate(whole))
            yield f"far apart, at the {where} of a window", apart
        wide = max(min(7 * _MINUTE, self.window // recipe.total), recipe.gap)
        yield "further apart", self._made(replace(recipe, gap=wide), self.events)
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
                    if other != name and (held := record.cell(other, profile)) and _same_value(cell, held)
                )
                found[name].update(dict.fromkeys(twins))
    return {name: tuple(twins) for name, twins in found.items()}


def _same_value(cell: Cell | None, other: Cell) -> bool:
    """Whether a log has one value for two fields; a key stands for what tells the same things apart."""
    if cell is None or cell.field != other.field:
        return False
    return cell == other or {cell.conversion, other.conversion} == {"same", "key"}


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
        values = [stage.condition] if isinstance(stage, Where) else []
        if isinstance(stage, Eval):
            values = [value for _, value in stage.assignments]
        if isinstance(stage, Stats):
            values = [item.argument for item in stage.aggregates if item.argument is not None]
        for value in values:
            for number in constants(value):
                if number <= 1000:
                    yield from (number, number + 1)
