"""Events of another record of which the rule asks the same, with what is asked in the column where a log has
it of this record: for the other record that column is of another field.

url.original : "*/latest/*"     IIS: cs-uri-stem       web server: c-uri
    web server, its translation next to IIS's     ->     cs-uri-stem "/latest/x" of the URL "/%6C%61..."
    ASIM has IIS's query in the same column, too  ->     the query "/latest/x"
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from converter.evaluate.result import Event
from converter.events.generate.other_records import as_of
from converter.events.generate.world import World
from converter.ir import Predicate
from converter.lowering.recognise import spoken
from converter.taxonomy.model import UNASKED, Record, Taxonomy

_PATH, _WHOLE = "url.path", "url.original"


def in_other_columns(
    world: World, event: Event, predicate: Predicate, index: Sequence[str], taxonomy: Taxonomy
) -> Iterator[tuple[str, Event]]:
    """For each such record an event that the predicate does not take."""
    record = world.shape.record
    if record is None:
        return
    shared = {other.name for profile in record.shapes for other in taxonomy.sharing(record, profile)}
    for other, _ in spoken(predicate, tuple(index), taxonomy):
        if other.name not in shared:
            continue
        usual = replace(as_of(other, world, taxonomy), present=()).solve([])
        if usual is None:
            continue
        moved = _moved(event, record, other)
        for name, values in ((", ".join(moved), moved), *_within(event, record, other)):
            made = _as_written({**usual, **values}, other)
            if values and not world.tests.holds(predicate, made):
                yield f"as {other.title}, with {name} as {record.title} has what is asked", made


def _moved(event: Event, record: Record, other: Record) -> Event:
    """The event's values in the other record's fields that a log has in the columns of this record's."""
    made: dict[str, Any] = {}
    for profile in (name for name in record.shapes if name in other.shapes):
        for ecs, cell in record.with_fields(event).cells_of(profile):
            if ecs in event and ecs in other.cells and other.cell(ecs, profile) != cell:
                names = other.called(cell, profile)
                made |= {name: event[ecs] for name in names if name not in {**other.when, **made}}
    return made


def _within(event: Event, record: Record, other: Record) -> Iterator[tuple[str, Event]]:
    """Fields of the other record that some log has as a part of a column of this record's, where nothing asks
    for them: with the event's value there, beside what that log has alike of both."""
    for profile in (name for name in record.shapes if name in other.shapes):
        cells = [(ecs, cell) for ecs, cell in record.with_fields(event).cells_of(profile) if ecs in event]
        alike = {
            ecs: event[ecs]
            for ecs, cell in cells
            if ecs not in other.when and other.cell(ecs, profile) == cell
        }
        for name, own in other.cells_of(profile, UNASKED):
            columns = (ecs for ecs, cell in cells if (cell.field, cell.conversion) == (own.field, "same"))
            yield from ((name, {**alike, name: event[ecs]}) for ecs in columns)


def _as_written(event: Event, record: Record) -> Event:
    """The event with the URL that its path is of: Elastic decodes the path, and keeps the URL as it was sent.
    Source: "URI parts processor", Elasticsearch reference."""
    path = event.get(_PATH)
    if not isinstance(path, str) or _WHOLE in event or _WHOLE not in record.cells:
        return event
    encoded = "".join(one if one == "/" else f"%{byte:02X}" for one in path for byte in one.encode())
    return {**event, _WHOLE: encoded}
