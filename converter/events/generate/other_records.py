"""Events of other records in the same table: a target that does not tell them apart takes them too.

web server's access log (`url.original`) and HTTP seen on the wire (`url.full`), both `category=web_service`
    url.original : "*/latest/meta-data*"    ->   an HTTP request with that `url.full`
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from converter.events.generate.held import left
from converter.events.generate.shape import of_record, of_stream
from converter.events.generate.truth import World
from converter.events.generate.unheld import left_in_all
from converter.ir import Predicate
from converter.lowering.recognise import spoken
from converter.lowering.streams import stream_of
from converter.lowering.unrecorded import lost_streams
from converter.taxonomy.model import Record, Shape, Taxonomy

Event = Mapping[str, Any]
_NEIGHBOURS = 8
"""Records beside a record in its table that are tried."""


def beside(
    world: World, predicate: Predicate, index: Sequence[str], taxonomy: Taxonomy
) -> Iterator[tuple[Record, Predicate]]:
    """Records beside the world's, and what the rule asks of the world's own events: in its table those of
    which the rule does not speak, first those that some target does not tell from it; then those of which it
    asks something else."""
    record = world.shape.record
    if record is None:
        return
    all_spoken = list(spoken(predicate, tuple(index), taxonomy))
    found = {one.name: rest for one, rest in all_spoken}
    shared = {other.name for profile in record.shapes for other in taxonomy.sharing(record, profile)}
    near = [other for other in taxonomy.records if other.name not in found and _together(record, other)]
    near.sort(key=lambda other: (other.name not in shared, other.family != record.family))
    others = [other for other in taxonomy.records if other.name in shared - found.keys()]
    differing = [other for other, rest in all_spoken if rest != found[record.name]]
    tried = dict.fromkeys((*others, *near[:_NEIGHBOURS], *differing[:_NEIGHBOURS]))
    yield from ((other, found[record.name]) for other in tried)


def _together(record: Record, other: Record) -> bool:
    """Whether some profile holds both in one table."""
    return any(
        (mine := _place(shape)) is not None and mine == _place(theirs)
        for profile, shape in record.shapes.items()
        if (theirs := other.shapes.get(profile)) is not None
    )


def _place(shape: Shape) -> object:
    return shape.table or shape.datamodel or shape.where.get("sourcetype") or shape.where.get("source")


def as_other(
    world: World, event: Event, rest: Predicate, record: Record, taxonomy: Taxonomy, whole: Predicate
) -> Iterator[tuple[str, Event]]:
    """An event of the record, else as asked: by what each log has of it, or else in any way; and one with the
    event's values in the fields that a log calls alike. None where only the rule's indices keep it from such
    events."""
    own = [one for one in (world.shape.record,) if one is not None]
    shape = of_record(record, taxonomy, world.shape.index, world.shape.asked, own)
    other = replace(world, shape=shape, strict=False, _known={})
    plain = left_in_all(left(rest, shape.absent), own[0])
    found = other.solve([(plain, True), (rest, True)])
    found = found or other.solve([(rest, True)])
    if found is None and _said_shared(own[0], record) and (usual := other.solve([])) is not None:
        found = {**usual, **_carried(event, own[0], record)}
    if found is not None and not world.tests.holds(whole, found):
        yield f"as {record.title}, not as {own[0].title}", found


def of_unknown_streams(
    world: World, predicate: Predicate, index: Sequence[str], taxonomy: Taxonomy
) -> Iterator[tuple[str, Event]]:
    """Events of the data streams that the rule names beside its records and no table has."""
    records = [record for record, _ in spoken(predicate, tuple(index), taxonomy)]
    lost = lost_streams(predicate, records, taxonomy.selectors, index)
    for name in dict.fromkeys(str(leaf.value) for leaf in lost):
        shape = of_stream(stream_of(name), world.shape.system, index, world.shape.asked)
        event = replace(world, shape=shape, strict=False, _known={}).solve([(predicate, True)])
        if event is not None:
            yield f"of the data stream {name}", event


def _said_shared(record: Record, other: Record) -> bool:
    """Whether each profile that holds both in one place, with the same constants, says that it does not tell
    them apart."""
    places = [
        (shape, theirs)
        for name, shape in record.shapes.items()
        if (theirs := other.shapes.get(name)) is not None
    ]
    together = [
        shape
        for shape, theirs in places
        if (shape.logsource, _place(shape), shape.where) == (theirs.logsource, _place(theirs), theirs.where)
    ]
    return bool(together) and all(other.name in shape.shared for shape in together)


def _carried(event: Event, record: Record, other: Record) -> Event:
    """The event's values in the other record's fields of the same name, or that a log calls alike."""
    made: dict[str, Any] = {}
    for profile in (name for name in record.shapes if name in other.shapes):
        names = {cell.field: ecs for ecs, cell in other.cells_of(profile)}
        for ecs, cell in record.cells_of(profile):
            name = ecs if ecs in other.cells else names.get(cell.field)
            if ecs in event and name is not None and name not in other.when:
                made.setdefault(name, event[ecs])
    return made
