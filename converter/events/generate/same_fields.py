"""Fields that every log writes from one and the same field of its own have one value.

    user.id, winlog.event_data.TargetUserSid   (both `TargetUserSid`)   ->   solved as one, written as both

Without this, events would be made in which the two differ: no log could hold them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial

from converter.evaluate.remembered import PerEvent
from converter.evaluate.result import Event
from converter.events.belonging import Membership
from converter.events.generate.groups import fields_of_group
from converter.events.generate.parted import twins_of
from converter.frozen import dataclass
from converter.ir import Predicate, Script
from converter.ir.rewrite import map_leaves
from converter.ir.value import FieldValue
from converter.lowering.recognise import spoken
from converter.lowering.scripts import map_fields
from converter.taxonomy.model import Record, Taxonomy


@dataclass(frozen=True)
class Same:
    """For events of `records`: each field that another one stands for."""

    records: tuple[Record, ...]
    stands_for: Mapping[str, str]

    def predicate(self, predicate: Predicate) -> Predicate:
        """The predicate over the fields that stand for others."""
        return map_leaves(predicate, self._leaf) if self.stands_for else predicate

    def fields(self, names: Sequence[str]) -> tuple[str, ...]:
        """The names of fields likewise."""
        return tuple(dict.fromkeys(self.stands_for.get(name, name) for name in names))

    def written(self, event: Event) -> Event:
        """The event with all of them, if it is of one of the records."""
        return self._wholes.of(event) if self.stands_for else event

    @cached_property
    def _wholes(self) -> PerEvent[Event]:
        return PerEvent(partial(_whole, self.stands_for, Membership(self.records, {})))

    def _leaf(self, leaf: Predicate) -> Predicate:
        if isinstance(leaf, Script):
            return dataclasses.replace(leaf, expression=map_fields(leaf.expression, self._value))
        name = getattr(leaf, "field", None)
        if isinstance(name, str) and name in self.stands_for:
            return dataclasses.replace(leaf, field=self.stands_for[name])  # type: ignore[arg-type]
        return leaf

    def _value(self, value: FieldValue) -> FieldValue:
        return dataclasses.replace(value, name=self.stands_for.get(value.name, value.name))


def _whole(stands_for: Mapping[str, str], records: Membership, event: Event) -> Event:
    if not records.takes(event):
        return event
    whole = {name: value for name, value in event.items() if name not in stands_for}
    whole.update((name, whole[other]) for name, other in stands_for.items() if other in whole)
    return whole


def same_fields(predicate: Predicate, names: Iterable[str], index: Sequence[str], taxonomy: Taxonomy) -> Same:
    """Which of the fields, that are asked, are one in every record that the predicate speaks of."""
    records = tuple(record for record, _ in spoken(predicate, index, taxonomy))
    asked = dict.fromkeys(names)
    stands_for = dict(_of_one_path(asked, records))
    first: dict[tuple[tuple[tuple[str, str], ...], ...], str] = {}
    for name in (name for name in asked if name not in stands_for):
        rows = tuple(_row(record, name) for record in records)
        if rows and all(rows) and (other := first.setdefault(rows, name)) != name:
            stands_for[name] = other
    return Same(records, stands_for)


def _of_one_path(asked: Collection[str], records: Sequence[Record]) -> Iterator[tuple[str, str]]:
    """The parts of a path that every log holds as another one's, where the rule asks both, each with the
    other's part: of the two that which has all parts that are asked.

    dll.name, dll.path, file.extension   ->   file.name, file.path, file.extension
    """
    twins = [twins_of(record) for record in records]
    for pair in twins[0] if twins else ():
        groups = [{name for name in fields_of_group(group) if name in asked} for group in pair]
        if not all(groups) or not all(pair in others for others in twins):
            continue
        for own, others in ((pair[0], groups[1]), (pair[1], groups[0])):
            moved = {name: f"{own.name}.{name.rpartition('.')[2]}" for name in others}
            if all(_alike(record, moved) for record in records):
                yield from sorted(moved.items())
                break


def _alike(record: Record, moved: Mapping[str, str]) -> bool:
    """Whether the record has the same cells for each of the fields and the other one."""
    return all(
        record.cells.get(name) and record.cells[name] == record.cells.get(other)
        for name, other in moved.items()
    )


def _row(record: Record, name: str) -> tuple[tuple[str, str], ...]:
    """The field's cells, where each is the log's own field."""
    cells = record.cells.get(name, {})
    if any(cell is None or cell.conversion != "same" for cell in cells.values()):
        return ()
    return tuple(sorted((profile, str(cell)) for profile, cell in cells.items()))
