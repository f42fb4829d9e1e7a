"""How an event of another group differs from one where a log lacks the field that tells their groups apart.

by user.id, source.as.number    in a log without the network's number:    another source.as.number
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from converter.evaluate.result import Event
from converter.events.generate.changed import other_value
from converter.events.generate.groups import ARRAYS, base_field
from converter.events.generate.world import World


def groups_apart(kinds: Sequence[tuple[World, Event]], grouped: Sequence[str]) -> Iterator[Event]:
    """For each profile that holds the first event's record, and lacks some of the fields in one of the kinds,
    other values of these."""
    world, event = kinds[0]
    records = [one.shape.record for one, _ in kinds if one.shape.record is not None]
    seen: set[frozenset[str]] = set()
    for profile in records[0].shapes if records else ():
        lacking = frozenset(
            name
            for name in grouped
            for record in records
            if profile in record.shapes and record.cell(base_field(name), profile) is None
        )
        if lacking and lacking not in seen:
            seen.add(lacking)
            values = {name: _other(name, event, world) for name in sorted(lacking)}
            yield {name: value for name, value in values.items() if value is not None}


def _other(name: str, event: Event, world: World) -> Any:
    """Another value: of a field by which the record is known, or that is derived, another of its own; None
    where it has none."""
    value, record = event.get(name), world.shape.record
    known = world.shape.derived.get(name) or (record.when.get(name) if record is not None else None)
    if not known:
        return other_value(name, value)
    items = value if isinstance(value, list) else [value]
    other = next((one for one in known if one not in items and not isinstance(one, list)), None)
    return [other] if other is not None and name in ARRAYS else other
