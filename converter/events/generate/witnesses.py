"""Events that show what targets give up: each difference that a translation declares has a mechanism, and an
event that goes through it tells the translation from the original.

    log holds the command line, not its arguments     ->  the same line cut into other arguments; an argument
                                                          that holds the looked-for one among other words
    a table that does not say from which record       ->  an event of the other record, else as asked
    a record known by a path                          ->  an event without its path

`other_rows`: what only logs hold that are not the record's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from converter.evaluate.elastic.timeline import FOREIGN
from converter.events.foreign import KINDS, SPELLING, spellings, ways
from converter.events.generate.dependent import ARRAYS, ONE_ELEMENT, join
from converter.events.generate.other_records import as_other, beside, of_unknown_streams
from converter.events.generate.other_systems import misnamed
from converter.events.generate.pathless import without_paths
from converter.events.generate.patterns import Fills
from converter.events.generate.shape import Shape
from converter.events.generate.solve import Tests, field_of, leaf_values
from converter.events.generate.truth import Atom, World, decided
from converter.events.generate.unheld import held, without_fields
from converter.ir import Equals, Like, Not, Phrase, Predicate, Wild
from converter.lowering.recognise import spoken
from converter.taxonomy.model import Shape as Shape_
from converter.taxonomy.model import Taxonomy

Event = Mapping[str, Any]
Named = tuple[str, Event]
Form = tuple[object, ...]
ARGS = ".args"
COUNT = ".args_count"
_FORMS = 4
_FIRST = re.compile(r"\.0(?=\.)")
"""The first item of a list in a field's name (`wildcard_fields`)."""
_ITEMS = 10
_WORDS = " ".join("abcdefghij")
_ANY_STREAM = {"product": "", "service": ""}
_MOST_ROWS = 60
_OTHERS = 2
"""Events beside which rows are made of other kinds, after the first of each kind."""
_HOST = ("host.id", "host.name", "agent.id")
_MOST = 40
"""Witnesses of one predicate: a reader needs one of each kind."""


def witnesses(
    kinds: Sequence[tuple[World, Event]],
    found: Mapping[int, tuple[World, Atom, Event]],
    predicate: Predicate,
    index: Sequence[str],
    taxonomy: Taxonomy,
) -> Iterator[Named]:
    """Events that targets are likely to take for others, one of each kind first.

    `kinds` are events that the predicate takes, `found` those in which an atom decides.
    """
    shared: dict[tuple[str, Predicate], Iterator[Named]] = {}
    for world, event in kinds:
        for other, rest in beside(world, predicate, index, taxonomy):
            shared.setdefault((other.name, rest), as_other(world, event, rest, other, taxonomy, predicate))
    records = [record for record, _ in spoken(predicate, tuple(index), taxonomy)]
    everywhere = (*(event for _, event in kinds), *(event for _, _, event in found.values()))
    sources: list[list[Iterator[Named]]] = [
        list(shared.values()),
        [without_paths(world, event, predicate) for world, event in kinds],
        [without_fields(world, predicate, records, taxonomy.selectors) for world, _ in kinds],
        [more_values(event, world.shape) for world, event in kinds],
        [misnamed(world, event, taxonomy) for world, event in kinds],
        [later_items(event) for event in everywhere if any(map(_FIRST.search, event))][:_OTHERS],
        [of_unknown_streams(world, predicate, index, taxonomy) for world, _ in kinds[:1]],
        [headed(*one) for one in found.values()],
        list(_of_arguments(kinds, found, predicate)),
    ]
    telling = (
        (how, event)
        for how, event in in_turn(list(map(in_turn, sources)))
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


def _of_arguments(
    kinds: Sequence[tuple[World, Event]], found: Mapping[int, tuple[World, Atom, Event]], predicate: Predicate
) -> Iterator[Iterator[Named]]:
    """What targets mistake in arguments, for each form of what is asked of them: one atom after the other.

    First as the atom was found to decide; then in events of which each log that holds the record has what the
    rule asks, and in those of other systems, which split a line otherwise.
    """
    forms: dict[Form, list[tuple[int, World, Atom, Event]]] = {}
    for number, (world, atom, event) in found.items():
        if (form := form_of(atom)) is not None:
            forms.setdefault(form, []).append((number, world, atom, event))
    worlds = {world.shape.system: world for world, _ in sorted(kinds, key=_logs)}
    for each in forms.values():
        yield chain.from_iterable(_mistaken(*one) for one in each)
    for each in forms.values():
        for number, world, atom, _ in each[:_OTHERS]:
            for other in (world, *(one for one in worlds.values() if one is not world)):
                events: list[Event] = list(held(other, atom, predicate))
                if not events and other is not world and (made := decided(other, atom, turned=False)):
                    events = [made]
                for event in events:
                    yield _mistaken(number, other, atom, event)


def _logs(kind: tuple[World, Event]) -> int:
    """How many profiles hold such events."""
    record = kind[0].shape.record
    return len(record.shapes) if record is not None else 0


def _mistaken(number: int, world: World, atom: Atom, event: Event) -> Iterator[Named]:
    """What targets mistake in the arguments of an event in which the atom decides."""
    system = world.shape.system
    for how, made in chain(of_arguments(event, atom, world.tests, system), of_number(event, atom, system)):
        yield f"{number}: {how}", made


def other_rows(
    kinds: Sequence[tuple[World, Event]], found: Mapping[int, tuple[World, Atom, Event]]
) -> Iterator[Named]:
    """For each kind the rows beside it that logs hold of other kinds; its constants spelled otherwise.

    Then the same beside events of other alternatives: a target may not hold what the first one is known by.
    """
    names = [world.shape.record.name for world, _ in kinds if world.shape.record is not None]
    first = [_rows_beside(world, event, names) for world, event in kinds]
    others = list(found.values())[:: max(len(found) // _OTHERS, 1)]
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
    value = next((str(one) for one in leaf_values(atom.leaf, Fills(" "))), "")
    split = _split(event, atom, tests)
    if split is None or not value:
        return
    first, _, others = split
    rest = list(map(str, event[name][1:]))
    yield "among other words of one argument", _with(event, name, [first, *others, f"x {value} y"], system)
    yield "before other words of one argument", _with(event, name, [first, f"{value} y", *others], system)
    if len(rest) > 1:
        yield "in one argument with the others", _with(event, name, [first, " ".join(rest)], system)
    for text in islice(_spaced(atom.leaf), _FORMS):
        yield "with spaces in its argument", _with(event, name, [first, *others, text], system)
    yield "cut at its spaces", _with(event, name, [first, *others, *value.split()], system)
    yield "in quotes of its own", _with(event, name, [first, *others, f'"{value}"'], system)


def of_number(event: Event, atom: Atom, system: str) -> Iterator[Named]:
    """Arguments with blanks in them, for an atom on their number: in a line each blank ends one."""
    name = str(field_of(atom.leaf))
    arguments = event.get(name.removesuffix("_count"))
    if not name.endswith(COUNT) or not isinstance(arguments, list) or not arguments:
        return
    first, *rest = map(str, arguments)
    name = name.removesuffix("_count")
    line = f"{name.removesuffix(ARGS)}.command_line"
    missing = (name, f"{name}_count", line)
    yield "no arguments, and no line", {one: value for one, value in event.items() if one not in missing}
    yield "fewer arguments, with blanks", _with(event, name, [first, " ".join(rest)], system)
    yield "an argument of many words", _with(event, name, [first, *rest, _WORDS], system)
    yield "a blank in the first argument", _with(event, name, [f"{first} x", *rest], system)
    yield "a blank in the first of more arguments", _with(event, name, [f"{first} x", *rest, "x7"], system)
    yield "one argument, with blanks", _with(event, name, [" ".join([first, *rest])], system)


def form_of(atom: Atom) -> Form | None:
    """What a target makes of an atom on arguments: the field, whether the rule holds with it or without, and
    where its pattern has wildcards and spaces; None for an atom on anything else."""
    name = str(field_of(atom.leaf))
    if not name.endswith((ARGS, COUNT)):
        return None
    pieces: Sequence[str | Wild] = ()
    if isinstance(atom.leaf, Like):
        pieces = atom.leaf.pattern
    spaced = any(isinstance(piece, str) and " " in piece for piece in pieces)
    wild = tuple(piece if isinstance(piece, Wild) else "" for piece in pieces)
    ends = (wild[0], wild[-1], any(wild[1:-1])) if wild else ()
    negated = sum(isinstance(node, Not) for node in atom.path) % 2
    return name, type(atom.leaf), negated, spaced, ends


def placed(event: Event, atom: Atom, tests: Tests, system: str) -> Iterator[Named]:
    """The argument for which an atom asks at each place of the line, and in quotes."""
    name, split = field_of(atom.leaf), _split(event, atom, tests)
    if name is None or split is None or not split[1]:
        return
    program, held, others = split
    yield "at the start of the line", _with(event, name, [held[0], *others, "x7"], system)
    yield "in the middle of the line", _with(event, name, [program, *others, held[0], "x7"], system)
    yield "at the end of the line", _with(event, name, [program, "x7", *others, held[0]], system)
    line = f"{name.removesuffix(ARGS)}.command_line"
    if system == "windows" and line in event and '"' not in held[0]:
        made = _with(event, name, [program, *others, held[0], "x7"], system)
        yield "in quotes", {**made, line: join([program, *others], system) + f' "{held[0]}" x7'}
        for how, word in (("behind", f'"{held[0]}"x'), ("before", f'x"{held[0]}"')):
            made = _with(event, name, [program, *others, word.replace('"', ""), "x7"], system)
            yield (
                f"in quotes with more {how}",
                {**made, line: join([program, *others], system) + f" {word} x7"},
            )


def instead(event: Event, atom: Atom, tests: Tests, system: str, arguments: list[str]) -> Event | None:
    """The event with other arguments in place of those for which the atom asks; None where it has none."""
    split = _split(event, atom, tests)
    if split is None:
        return None
    program, _, others = split
    return _with(event, str(field_of(atom.leaf)), [program, *others, *arguments], system)


def _split(event: Event, atom: Atom, tests: Tests) -> tuple[str, list[str], list[str]] | None:
    """The program, the arguments for which the atom asks, and the others; None for an event without any."""
    name = field_of(atom.leaf)
    arguments = event.get(str(name))
    if not isinstance(arguments, list) or not arguments:
        return None
    program, *rest = map(str, arguments)
    held = [one for one in rest if tests.holds(atom.leaf, {str(name): [one]})]
    return program, held, [one for one in rest if one not in held]


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


def more_values(event: Event, shape: Shape) -> Iterator[Named]:
    """The event with a second value where a field may have several, and they are not Elastic's own words."""
    several = ARRAYS - ONE_ELEMENT - shape.derived.keys() - shape.looked_up.keys()
    for name in sorted(shape.asked & several & event.keys()):
        if isinstance(event[name], list) and event[name] and not shape.is_single(name):
            yield f"with another {name} too", {**event, name: [*event[name], "other"]}


def headed(world: World, atom: Atom, event: Event) -> Iterator[Named]:
    """Without the message's words, which the name of the host has: where a log holds the message as a part of
    its line, the host stands in the line's header."""
    leaf, record = atom.leaf, world.shape.record
    if not isinstance(leaf, Phrase) or record is None or not all(isinstance(one, str) for one in leaf.tokens):
        return
    row = record.cells.get(leaf.field, {})
    if any(cell is not None and cell.conversion == "line" for cell in row.values()):
        made = decided(world, atom, turned=True) or {**event, leaf.field: "x"}
        yield f"{leaf.field} in the host's name", {**made, "host.name": "-".join(map(str, leaf.tokens))}


def later_items(event: Event) -> Iterator[Named]:
    """The event with what it has in the first item of lists in the last of ten: a log may look at the first
    few."""
    listed = {name: value for name, value in event.items() if _FIRST.search(name)}
    if listed:
        made = {name: value for name, value in event.items() if name not in listed}
        for place in range(_ITEMS):
            made |= {_FIRST.sub(f".{place}", name): "other" for name in listed}
        made |= {_FIRST.sub(f".{_ITEMS - 1}", name): value for name, value in listed.items()}
        yield "in later items of its lists", made
