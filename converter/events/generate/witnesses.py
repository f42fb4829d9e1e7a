"""Events that show what targets give up: each difference that a translation declares has a mechanism, and an
event that goes through it tells the translation from the original.

    log holds the command line, not its arguments     ->  the same line cut into other arguments; an argument
                                                          that holds the looked-for one among other words
    a table that does not say from which record       ->  an event of the other record, else as asked
    a record known by a path                          ->  an event without its path
    a field that is held in some records only         ->  the field in another one
    log holds an object as JSON                       ->  its text in another order or form
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice

from converter.evaluate.result import Event
from converter.events.generate.addresses import addresses_as_texts
from converter.events.generate.atoms import Atom, decisive_event, is_excluded
from converter.events.generate.changed import other_value
from converter.events.generate.cut_arguments import (
    Form,
    form_of,
    is_in_one_word,
    of_arguments,
    of_name,
    of_number,
    stops_inside,
)
from converter.events.generate.drafts import Named, in_turn
from converter.events.generate.groups import ARRAYS, ONE_ELEMENT
from converter.events.generate.logged_otherwise import logged_otherwise
from converter.events.generate.other_columns import in_other_columns
from converter.events.generate.other_records import (
    as_other,
    beside,
    of_unknown_streams,
    of_unnamed_kinds,
    said_alone,
)
from converter.events.generate.other_systems import misnamed
from converter.events.generate.parted_matches import parted_matches
from converter.events.generate.partly_held import partly_held
from converter.events.generate.pathless import without_paths
from converter.events.generate.recorded import recorded
from converter.events.generate.shape import Shape
from converter.events.generate.unheld import held, without_fields
from converter.events.generate.world import World
from converter.ir import Phrase, Predicate
from converter.lowering.recognise import spoken
from converter.taxonomy.model import Taxonomy

_OTHERS = 2
"""Events, or atoms that ask alike, of which the same is shown after one another."""
_FIRST = re.compile(r"\.0(?=\.)")
"""The first item of a list in a field's name (`wildcard_fields`)."""
_ITEMS = 10
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
    shared: dict[tuple[str, Predicate, bool], Iterator[Named]] = {}
    for world, event in kinds:
        for other, rest in beside(world, predicate, index, taxonomy):
            record = world.shape.record
            alone = record is not None and said_alone(record, other, taxonomy)
            found_so = as_other(world, event, rest, other, taxonomy, predicate)
            shared.setdefault((other.name, rest, alone), found_so)
    records = [record for record, _ in spoken(predicate, tuple(index), taxonomy)]
    everywhere = (*(event for _, event in kinds), *(event for _, _, event in found.values()))
    forms = _forms(found)
    sources: list[list[Iterator[Named]]] = [
        list(shared.values()),
        [without_paths(world, event, predicate) for world, event in kinds],
        [partly_held(world, event) for world, event in kinds],
        [without_fields(world, predicate, records, taxonomy) for world, _ in kinds],
        [more_values(event, world.shape, taxonomy) for world, event in kinds],
        [misnamed(world, event, index, taxonomy, predicate) for world, event in kinds],
        [in_other_columns(world, event, predicate, index, taxonomy) for world, event in kinds],
        [later_items(event) for event in everywhere if any(map(_FIRST.search, event))][:_OTHERS],
        [of_unknown_streams(world, predicate, index, taxonomy) for world, _ in kinds[:1]],
        [of_unnamed_kinds(world, predicate, index, taxonomy) for world, _ in kinds[:1]],
        [headed(*one) for one in found.values()],
        [logged_otherwise(world, predicate, event) for world, event in kinds],
        [addresses_as_texts(world.shape, event) for world, event in kinds],
        [parted_matches(atom, event) for _, atom, event in found.values()],
        [chain.from_iterable(_mistaken(*one) for one in each) for each in forms],
        list(_held_arguments(kinds, forms, predicate)),
    ]
    telling = (
        (how, event)
        for how, event in in_turn(list(map(in_turn, sources)))
        if not any(world.shape.by_synonym(event, predicate, world.tests) for world, _ in kinds)
    )
    yield from islice(telling, _MOST)


def _forms(found: Mapping[int, tuple[World, Atom, Event]]) -> list[list[tuple[int, World, Atom, Event]]]:
    """The atoms on arguments, by the form of what is asked."""
    forms: dict[Form, list[tuple[int, World, Atom, Event]]] = {}
    for number, (world, atom, event) in found.items():
        if (form := form_of(atom)) is not None:
            forms.setdefault(form, []).append((number, world, atom, event))
    return list(forms.values())


def _held_arguments(
    kinds: Sequence[tuple[World, Event]],
    forms: Sequence[Sequence[tuple[int, World, Atom, Event]]],
    predicate: Predicate,
) -> Iterator[Iterator[Named]]:
    """What targets mistake in arguments, in events of which each log that holds the record has what the rule
    asks, and in those of other systems, which split a line otherwise.

    An exclusion, another condition, and patterns that stop inside come in turn: they differ in other
    directions. What is found in one word is not mistaken.
    """
    worlds = {world.shape.system: world for world, _ in sorted(kinds, key=_logs)}
    ways: dict[tuple[bool, bool, bool], list[tuple[int, World, Atom, bool]]] = {}
    for each in forms:
        for number, world, atom, _ in each[:_OTHERS]:
            if is_in_one_word(atom.leaf):
                continue
            for other in (world, *(one for one in worlds.values() if one is not world)):
                way = is_excluded(atom), stops_inside(atom.leaf), other.shape.system == "windows"
                ways.setdefault(way, []).append((number, other, atom, other is world))
    for number, world, atom, is_own in in_turn(list(map(iter, ways.values()))):
        events: list[Event] = list(held(world, atom, predicate))
        if not events and not is_own and (made := decisive_event(world, atom, turned=False)):
            events = [made]
        for event in events:
            yield _mistaken(number, world, atom, event)


def _logs(kind: tuple[World, Event]) -> int:
    """How many profiles hold such events."""
    record = kind[0].shape.record
    return len(record.shapes) if record is not None else 0


def _mistaken(number: int, world: World, atom: Atom, event: Event) -> Iterator[Named]:
    """What targets mistake in the arguments of an event in which the atom decides."""
    system = world.shape.system
    sources = (
        of_arguments(event, atom, world.tests, system),
        of_number(event, atom, system),
        of_name(world, atom),
    )
    for how, made in chain.from_iterable(sources):
        yield f"{number}: {how}", made


def more_values(event: Event, shape: Shape, taxonomy: Taxonomy) -> Iterator[Named]:
    """The event with a second value where a field may have several: another one, or where they are Elastic's
    own words, several of those that a log tells."""
    lists = shape.record.lists if shape.record is not None else frozenset[str]()
    several = (ARRAYS | lists) - ONE_ELEMENT - shape.derived.keys() - shape.looked_up.keys()
    for name in sorted(shape.asked & several & event.keys()):
        value = event[name]
        if isinstance(value, list) and value and not shape.is_single(name):
            yield f"with another {name} too", {**event, name: [*value, "other"]}
        elif name in lists and not isinstance(value, list):
            yield f"with another {name} too", {**event, name: [value, other_value(name, value)]}
    if shape.record is None:
        return
    for name in sorted(shape.asked & shape.derived.keys() & event.keys()):
        for words in shape.derived[name]:
            made = {**event, name: words}
            if isinstance(words, list) and len(words) > 1 and _is_held_as(event, made, shape, taxonomy):
                yield f"with {' and '.join(words)} as {name}", made


def _is_held_as(event: Event, made: Event, shape: Shape, taxonomy: Taxonomy) -> bool:
    """Whether each log that holds the event holds the other one, too."""
    assert shape.record is not None
    before, after = (recorded(one, shape.record, shape.asked, taxonomy) for one in (event, made))
    return shape.is_told(made) and before == after


def headed(world: World, atom: Atom, event: Event) -> Iterator[Named]:
    """Without the message's words, which the name of the host has: where a log holds the message as a part of
    its line, the host stands in the line's header."""
    leaf, record = atom.leaf, world.shape.record
    if not isinstance(leaf, Phrase) or record is None or not all(isinstance(one, str) for one in leaf.tokens):
        return
    row = record.cells.get(leaf.field, {})
    if any(cell is not None and cell.conversion == "line" for cell in row.values()):
        made = decisive_event(world, atom, turned=True) or {**event, leaf.field: "x"}
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
