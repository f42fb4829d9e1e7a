"""Events that show what targets give up: each difference that a translation declares has a mechanism, and an
event that goes through it tells the translation from the original.

    log holds the command line, not its arguments     ->  the same line cut into other arguments; an argument
                                                          that holds the looked-for one among other words
    a table that does not say from which record       ->  an event of the other record, else as asked
    a record known by a path                          ->  an event without its path

`other_rows`: what only logs hold that are not the record's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from converter.evaluate.elastic.timeline import FOREIGN
from converter.events.foreign import KINDS, SPELLING, spellings, ways
from converter.events.generate.dependent import ARRAYS, ONE_ELEMENT, join, without
from converter.events.generate.patterns import Fills
from converter.events.generate.shape import Shape, of_record
from converter.events.generate.solve import Tests, field_of, leaf_values
from converter.events.generate.truth import Atom, World
from converter.ir import Equals, Like, Predicate, Wild
from converter.lowering.recognise import spoken
from converter.taxonomy.model import Record, Taxonomy
from converter.taxonomy.model import Shape as Shape_

Event = Mapping[str, Any]
Named = tuple[str, Event]
ARGS = ".args"
_FORMS = 4
_ANY_STREAM = {"product": "", "service": ""}
_MOST_ROWS = 60
_OTHERS = 2
"""Events beside which rows are made of other kinds, after the first of each kind."""
_HOST = ("host.id", "host.name", "agent.id")
_NEIGHBOURS = 8
"""Records beside a record in its table that are tried."""
_MOST = 40
"""Witnesses of one predicate: a reader needs one of each kind."""


def witnesses(
    kinds: Sequence[tuple[World, Event]],
    decided: Mapping[int, tuple[World, Atom, Event]],
    predicate: Predicate,
    index: Sequence[str],
    taxonomy: Taxonomy,
) -> Iterator[Named]:
    """Events that targets are likely to take for others, one of each kind first.

    `kinds` are events that the predicate takes, `decided` those in which an atom decides.
    """
    shared: dict[str, Iterator[Named]] = {}
    for world, _ in kinds:
        for other, rest in _shared(world, predicate, index, taxonomy):
            shared.setdefault(other.name, _as_other(world, rest, other, taxonomy, predicate))
    sources = [*shared.values()]
    sources += [without_paths(event) for _, event in kinds]
    sources += [more_values(event, world.shape) for world, event in kinds]
    for number, (world, atom, event) in decided.items():
        found = of_arguments(event, atom, world.tests, world.shape.system)
        sources.append((f"{number}: {how}", made) for how, made in found)
    telling = (
        (how, event)
        for how, event in in_turn(sources)
        if not any(world.shape.by_synonym(event, predicate, world.tests) for world, _ in kinds)
    )
    yield from islice(telling, _MOST)


def of_one_system(timeline: Iterable[Event]) -> bool:
    """Whether each host has one system: the event of another record may be of another than its fellows."""
    systems: dict[tuple[str, str], Any] = {}
    return all(
        systems.setdefault((name, str(event[name])), event.get("host.os.type")) == event.get("host.os.type")
        for event in timeline
        for name in _HOST
        if name in event
    )


def other_rows(
    kinds: Sequence[tuple[World, Event]], decided: Mapping[int, tuple[World, Atom, Event]]
) -> Iterator[Named]:
    """For each kind the rows beside it that logs hold of other kinds; its constants spelled otherwise.

    Then the same beside events of other alternatives: a target may not hold what the first one is known by.
    """
    names = [world.shape.record.name for world, _ in kinds if world.shape.record is not None]
    first = [_rows_beside(world, event, names) for world, event in kinds]
    others = list(decided.values())[:: max(len(decided) // _OTHERS, 1)]
    more = [_rows_beside(world, event, names) for world, _, event in others]
    yield from islice(chain(in_turn(first), in_turn(more)), _MOST_ROWS)


def _rows_beside(world: World, event: Event, names: Sequence[str]) -> Iterator[Named]:
    record = world.shape.record
    shapes = record.shapes.values() if record is not None else (Shape_("sigma", logsource=_ANY_STREAM),)
    title = record.title if record is not None else "any source"
    for number in range(1, max(map(ways, shapes), default=0) + 1):
        made = {**event, FOREIGN: number, **({KINDS: list(names)} if len(names) > 1 else {})}
        yield f"a row of another kind ({number}) beside {title}", made
    for number in range(1, max(map(spellings, shapes), default=0) + 1):
        yield f"as {title}, spelled otherwise ({number})", {**event, SPELLING: number}


def in_turn(sources: Sequence[Iterator[Named]]) -> Iterator[Named]:
    """One of each, then another, as long as there are any."""
    waiting = list(sources)
    while waiting:
        left = []
        for source in waiting:
            found = next(source, None)
            if found is not None:
                yield found
                left.append(source)
        waiting = left


def of_arguments(event: Event, atom: Atom, tests: Tests, system: str) -> Iterator[Named]:
    """Other arguments than the event's in (nearly) the same command line, for an atom on arguments."""
    name = field_of(atom.leaf)
    if name is None or not name.endswith(ARGS) or not isinstance(atom.leaf, Equals | Like):
        return
    arguments = event.get(name)
    if not isinstance(arguments, list) or not arguments:
        return
    first, *rest = map(str, arguments)
    value = next((str(one) for one in leaf_values(atom.leaf, Fills(" "))), "")
    if not value:
        return
    held = [one for one in rest if tests.holds(atom.leaf, {name: [one]})]
    others = [one for one in rest if one not in held]
    yield "among other words of one argument", _with(event, name, [first, *others, f"x {value} y"], system)
    if len(rest) > 1:
        yield "in one argument with the others", _with(event, name, [first, " ".join(rest)], system)
    for text in islice(_spaced(atom.leaf), _FORMS):
        yield "with spaces in its argument", _with(event, name, [first, *others, text], system)
    yield "cut at its spaces", _with(event, name, [first, *others, *value.split()], system)
    yield "in quotes of its own", _with(event, name, [first, *others, f'"{value}"'], system)


def placed(event: Event, atom: Atom, tests: Tests, system: str) -> Iterator[Named]:
    """The argument for which an atom asks at each place of the line, and in quotes."""
    name = field_of(atom.leaf)
    arguments = event.get(str(name))
    if name is None or not isinstance(arguments, list) or len(arguments) < 2:
        return
    program, *rest = map(str, arguments)
    held = [one for one in rest if tests.holds(atom.leaf, {name: [one]})]
    if not held:
        return
    others = [one for one in rest if one not in held]
    yield "at the start of the line", _with(event, name, [held[0], *others, "x7"], system)
    yield "in the middle of the line", _with(event, name, [program, *others, held[0], "x7"], system)
    yield "at the end of the line", _with(event, name, [program, "x7", *others, held[0]], system)
    line = f"{name.removesuffix(ARGS)}.command_line"
    if system == "windows" and line in event and '"' not in held[0]:
        made = _with(event, name, [program, *others, held[0], "x7"], system)
        yield "in quotes", {**made, line: join([program, *others], system) + f' "{held[0]}" x7'}


def _spaced(leaf: Equals | Like) -> Iterator[str]:
    """Texts of the pattern with spaces where a `*` stands: in all of them, then in one after the other."""
    if not isinstance(leaf, Like):
        return
    places = [place for place, part in enumerate(leaf.pattern) if part is Wild.ANY]
    for chosen in (places, *([place] for place in places)) if len(places) > 1 else (places,):
        yield "".join(
            part if isinstance(part, str) else "x" if part is Wild.ONE or place not in chosen else "a b"
            for place, part in enumerate(leaf.pattern)
        )


def _with(event: Event, name: str, arguments: list[str], system: str) -> Event:
    """The event with these arguments, and the line and number that go with them."""
    made = {**event, name: arguments}
    prefix = name.removesuffix(ARGS)
    for field, value in (("command_line", join(arguments, system)), ("args_count", len(arguments))):
        if f"{prefix}.{field}" in event:
            made[f"{prefix}.{field}"] = value
    return made


def without_paths(event: Event) -> Iterator[Named]:
    """The event without its program's or its file's path, and all that is a part of it."""
    for path in ("process.executable", "file.path", "process.parent.executable"):
        if path in event:
            yield f"without {path}", without(dict(event), path)


def more_values(event: Event, shape: Shape) -> Iterator[Named]:
    """The event with a second value where a field may have several, and they are not Elastic's own words."""
    several = ARRAYS - ONE_ELEMENT - shape.derived.keys() - shape.looked_up.keys()
    for name in sorted(shape.asked & several & event.keys()):
        if isinstance(event[name], list) and event[name]:
            yield f"with another {name} too", {**event, name: [*event[name], "other"]}


def _shared(
    world: World, predicate: Predicate, index: Sequence[str], taxonomy: Taxonomy
) -> Iterator[tuple[Record, Predicate]]:
    """Records in the world's table of which the rule does not speak, and what it asks of their events;
    first those that some target does not tell from it."""
    record = world.shape.record
    if record is None:
        return
    found = {one.name: rest for one, rest in spoken(predicate, tuple(index), taxonomy)}
    shared = {other.name for profile in record.shapes for other in taxonomy.sharing(record, profile)}
    beside = [other for other in taxonomy.records if other.name not in found and _together(record, other)]
    beside.sort(key=lambda other: (other.name not in shared, other.family != record.family))
    others = [other for other in taxonomy.records if other.name in shared - found.keys()]
    yield from ((other, found[record.name]) for other in dict.fromkeys((*others, *beside[:_NEIGHBOURS])))


def _together(record: Record, other: Record) -> bool:
    """Whether some profile holds both in one table."""
    return any(
        (mine := _place(shape)) is not None and mine == _place(theirs)
        for profile, shape in record.shapes.items()
        if (theirs := other.shapes.get(profile)) is not None
    )


def _place(shape: Shape_) -> object:
    return shape.table or shape.datamodel or shape.where.get("sourcetype") or shape.where.get("source")


def _as_other(
    world: World, rest: Predicate, record: Record, taxonomy: Taxonomy, whole: Predicate
) -> Iterator[Named]:
    """An event of the record, else as asked; none where only the rule's indices keep it from such events."""
    own = [one for one in (world.shape.record,) if one is not None]
    shape = of_record(record, taxonomy, world.shape.index, world.shape.asked, own)
    event = replace(world, shape=shape, strict=False, _known={}).solve([(rest, True)])
    if event is not None and not world.tests.holds(whole, event):
        yield f"as {record.title}, in the same table", event
