"""Events of another record of which the rule asks the same, with what is asked in the column where a log has
it of this record: for the other record that column is of another field.

url.original : "*/latest/*"     IIS: cs-uri-stem       web server: c-uri
    web server, its translation next to IIS's     ->     cs-uri-stem "/latest/x" of the URL "/%6C%61..."
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from converter.evaluate.result import Event
from converter.events.generate.record_shapes import of_record
from converter.events.generate.world import World
from converter.ir import Predicate
from converter.lowering.recognise import spoken
from converter.taxonomy.model import Record, Taxonomy

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
        if other.name not in shared or not (moved := _moved(event, record, other)):
            continue
        shape = of_record(other, taxonomy, world.shape.index, world.shape.asked, [record])
        usual = replace(world.of(shape, strict=False), present=()).solve([])
        if usual is None:
            continue
        made = _as_written({**usual, **moved}, other)
        if not world.tests.holds(predicate, made):
            yield f"as {other.title}, with {', '.join(moved)} as {record.title} has what is asked", made


def _moved(event: Event, record: Record, other: Record) -> Event:
    """The event's values in the other record's fields that a log has in the columns of this record's."""
    made: dict[str, Any] = {}
    for profile in (name for name in record.shapes if name in other.shapes):
        for ecs, cell in record.with_fields(event).cells_of(profile):
            if ecs in event and ecs in other.cells and other.cell(ecs, profile) != cell:
                names = other.called(cell, profile)
                made |= {name: event[ecs] for name in names if name not in {**other.when, **made}}
    return made


def _as_written(event: Event, record: Record) -> Event:
    """The event with the URL that its path is of: Elastic decodes the path, and keeps the URL as it was sent.
    Source: "URI parts processor", Elasticsearch reference."""
    path = event.get(_PATH)
    if not isinstance(path, str) or _WHOLE in event or _WHOLE not in record.cells:
        return event
    encoded = "".join(one if one == "/" else f"%{byte:02X}" for one in path for byte in one.encode())
    return {**event, _WHOLE: encoded}
