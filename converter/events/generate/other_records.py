"""Events of other records in the same table: a target that does not tell them apart takes them too.

web server's access log (`url.original`) and HTTP seen on the wire (`url.full`), both `category=web_service`
    url.original : "*/latest/meta-data*"    ->   an HTTP request with that `url.full`
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import Any

from converter.evaluate.elastic.indices import INDEX, reads
from converter.evaluate.result import Event
from converter.events.foreign import ALONE
from converter.events.generate.held import left
from converter.events.generate.record_shapes import of_record, of_stream, spoken_of
from converter.events.generate.unheld import left_in_all
from converter.events.generate.world import World
from converter.ir import Predicate
from converter.ir.rewrite import fields_of
from converter.lowering.lacking import elsewhere, held
from converter.lowering.recognise import Itself, covers, spoken
from converter.lowering.records import unnamed
from converter.lowering.streams import stream_of
from converter.lowering.unrecorded import lost_streams
from converter.taxonomy.model import Cell, Record, Shape, Taxonomy

_NEIGHBOURS = 8
"""Records beside a record in its table that are tried."""
_NEAREST = 3
"""The same, where some target does not tell as many others from it."""
_UNNAMED = 3
"""Records that the rule does not name, of which an event is shown."""


def beside(
    world: World, predicate: Predicate, index: Sequence[str], taxonomy: Taxonomy
) -> Iterator[tuple[Record, Predicate]]:
    """Records beside the world's, and what the rule asks of the world's own events: in its table those of
    which the rule does not speak, first those that some target does not tell from it and those that most
    targets hold with it; then those of which it asks something else."""
    record = world.shape.record
    if record is None:
        return
    all_spoken = list(spoken(predicate, tuple(index), taxonomy))
    found = {one.name: rest for one, rest in all_spoken}
    shared = {other.name for profile in record.shapes for other in taxonomy.sharing(record, profile)}
    known = found.keys() | shared
    unasked = shared - found.keys()
    others = [other for other in taxonomy.records if other.name in unasked] if unasked else []
    differing = [other for other, rest in all_spoken if rest != found[record.name]]
    near = (other for other in _neighbours(record, Itself(taxonomy)) if other.name not in known)
    beside_it = islice(near, max(_NEIGHBOURS - len(others), _NEAREST))
    tried = dict.fromkeys((*others, *beside_it, *differing[:_NEIGHBOURS]))
    yield from ((other, found[record.name]) for other in tried)
    records = tuple(one for one, _ in all_spoken)
    own = left(found[record.name], elsewhere(record, records))
    for other, rest in all_spoken:
        if other.name in shared and other not in tried and left(rest, elsewhere(other, records)) != own:
            yield other, own


@lru_cache(maxsize=512)
def _neighbours(record: Record, taxonomy: Itself[Taxonomy]) -> tuple[Record, ...]:
    """The records that some profile holds in the record's table, the nearest first."""
    near = [
        (other.family != record.family, -number, other)
        for other in taxonomy.value.records
        if other.within != record.name and (number := together(record, other))
    ]
    return tuple(other for *_, other in sorted(near, key=lambda one: one[:2]))


def together(record: Record, other: Record) -> int:
    """How many profiles hold both in one table."""
    return sum(
        (mine := _place(shape)) is not None and mine == _place(theirs)
        for profile, shape in record.shapes.items()
        if (theirs := other.shapes.get(profile)) is not None
    )


def _place(shape: Shape) -> object:
    return shape.table or shape.datamodel or shape.where.get("sourcetype") or shape.where.get("source")


def as_of(record: Record, world: World, taxonomy: Taxonomy) -> World:
    """The world of the record's events, as one looks at them beside those of this world."""
    own, shape = world.shape.record, world.shape
    beside = None if own is None else spoken_of([own])
    return world.of_another(record, lambda: of_record(record, taxonomy, shape.index, shape.asked, beside))


def as_other(
    world: World, event: Event, rest: Predicate, record: Record, taxonomy: Taxonomy, whole: Predicate
) -> Iterator[tuple[str, Event]]:
    """An event of the record, else as asked: by what each log has of it, or else in any way; and one with the
    event's values in the fields that a log calls alike. Where only the rule's indices keep it from such
    events, one that says in which index it is."""
    own = [one for one in (world.shape.record,) if one is not None]
    other = as_of(record, world, taxonomy)
    how = f"as {record.title}, not as {own[0].title}"
    carried = None
    if shared := _said_shared(own[0], record, taxonomy):
        carried = _carried(_by_all(world, event, rest), own[0], record)
        bare = replace(other, present=())
        usual = bare.solve([])
        carried = None if usual is None else {**usual, **carried}
    if carried is not None and not world.tests.holds(whole, carried) and _lacks(record, rest):
        yield f"{how}, by its own fields", carried
    plain = left_in_all(left(rest, other.shape.absent), own[0])
    found = other.solve([(plain, True), (rest, True)]) or other.solve([(rest, True)])
    if found is None and carried is not None:  # what is counted has another name there
        found = bare.solve([(rest, True)])
    if found is None:
        return
    if not world.tests.holds(whole, found):
        yield how, found
        return
    if shared:
        within = other.of(other.shape, strict=True)
        refused = within.solve([(plain, True), (rest, True), (whole, False)])
        yield from [(how, refused)] if refused is not None else []
    if said_alone(own[0], record, taxonomy) and (name := _unread(record, world.shape.index)) is not None:
        yield f"{how}, in {name}", {**(carried or {}), **found, INDEX: name, ALONE: True}


def is_counterpart(record: Record, other: Record) -> bool:
    """Whether it is the same kind of record of another system: some profile has both in one table, with the
    same constants."""
    return record.family == other.family and any(
        _place(shape) == _place(other.shapes[profile]) and other.can_have(shape)
        for profile, shape in record.shapes.items()
        if profile in other.shapes
    )


def _lacks(record: Record, predicate: Predicate) -> bool:
    """Whether the predicate asks what no event of the record has under that name, or nothing at all."""
    asked = set(fields_of(predicate))
    return not asked or not asked <= record.cells.keys()


def _by_all(world: World, event: Event, rest: Predicate) -> Event:
    """An event of the world's record by what each log has of what is asked; else that one."""
    plain = rest if world.shape.record is None else left_in_all(rest, world.shape.record)
    return event if plain == rest else world.solve([(plain, True), (rest, True)]) or event


def said_alone(record: Record, other: Record, taxonomy: Taxonomy) -> bool:
    """Whether some profile whose log holds the other's events as it does the record's names them there, and
    each in which they are no guests: one that has them as guests does not count them as others where the rule
    asks the same of them."""
    return _said_alone(record, other, Itself(taxonomy))


@lru_cache(maxsize=4096)
def _said_alone(record: Record, other: Record, itself: Itself[Taxonomy]) -> bool:
    taxonomy = itself.value
    homes = [one for one in taxonomy.records if one.name in (record.name, record.part_of)]
    sharing = [
        one.shapes[profile]
        for profile in other.shapes
        if not taxonomy.is_guest(other, profile)
        for one in homes
        if profile in one.shapes and other.can_have(one.shapes[profile])
        if other in taxonomy.sharing(one, profile)
    ]
    return bool(sharing) and all(other.name in shape.shared for shape in sharing)


def _unread(record: Record, index: Sequence[str]) -> str | None:
    """A data stream with the record's events, where the rule's index patterns leave out all of them."""
    if covers(record, index):
        return None
    names = (pattern.removesuffix("*").removesuffix("-") + "-default" for pattern in record.indices)
    return next((name for name in names if not reads(index, name)), None)


def of_unknown_streams(
    world: World, predicate: Predicate, index: Sequence[str], taxonomy: Taxonomy
) -> Iterator[tuple[str, Event]]:
    """Events of the data streams that the rule names beside its records and no table has: no record of whose
    events can have what is asked."""
    asked = fields_of(predicate)
    found = [(record.with_fields(asked), rest) for record, rest in spoken(predicate, tuple(index), taxonomy)]
    records = [record for record, _ in held(found)]
    lost = lost_streams(predicate, records, taxonomy.selectors, index)
    for name in dict.fromkeys(str(leaf.value) for leaf in lost):
        shape = of_stream(stream_of(name), world.shape.system, index, world.shape.asked)
        event = world.of(shape, strict=False).solve([(predicate, True)])
        if event is not None:
            yield f"of the data stream {name}", event


def of_unnamed_kinds(
    world: World, predicate: Predicate, index: Sequence[str], taxonomy: Taxonomy
) -> Iterator[tuple[str, Event]]:
    """Events of records that the rule takes and does not name, where a translation is taken to speak of those
    that it names."""
    for record in unnamed(predicate, list(spoken(predicate, tuple(index), taxonomy)))[:_UNNAMED]:
        event = as_of(record, world, taxonomy).solve([(predicate, True)])
        if event is not None:
            yield f"as {record.title}, which the rule does not name", event


def _said_shared(record: Record, other: Record, taxonomy: Taxonomy) -> bool:
    """Whether each profile that holds both in one place, where the other's events can have the record's
    constants, says that it does not tell them apart."""
    together = [
        shape
        for name, shape in record.shapes.items()
        if (theirs := other.shapes.get(name)) is not None
        and (shape.logsource, _place(shape)) == (theirs.logsource, _place(theirs))
        and other.can_have(shape)
    ]
    return bool(together) and all(other in taxonomy.sharing(record, shape.profile) for shape in together)


def _carried(event: Event, record: Record, other: Record) -> Event:
    """The event's values in the other record's fields of the same name, or else in those that a log calls
    alike."""
    made: dict[str, Any] = {}
    for profile in (name for name in record.shapes if name in other.shapes):
        for ecs, cell in record.with_fields(event).cells_of(profile):
            if ecs in event:
                names = (ecs,) if ecs in other.cells else other.called(cell, profile)
                made |= {name: event[ecs] for name in names if name not in {**other.when, **made}}
        for field, values in record.shapes[profile].where.items():
            names = other.called(Cell(field), profile)
            made |= {name: values[0] for name in names if name not in {**other.when, **made}}
    return made
