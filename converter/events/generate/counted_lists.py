"""Lists whose items a log counts, to tell what Elastic derives from the one item that there is.

success: status:0 or not status:* and authorizations:1 and granted:true
    ->  success and unknown with 2 and 11 authorizations; failure by its status, with one that is granted
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from converter.events.computed import counted_field
from converter.events.generate.drafts import Named
from converter.events.generate.shape import Shape
from converter.events.telling_words import told_alone
from converter.lowering.recognise import Itself
from converter.taxonomy.model import Record

_NUMBERS = (1, 2, 11)
"""How many items: none of the others is like 1, and one has it at both of its ends."""


class Counted(NamedTuple):
    """A derived field with its table's name, the column with the number, the list in the log and in ECS."""

    derived: str
    table: str
    column: str
    field: str
    ecs: str


def of_several(events: Iterable[Named], shape: Shape, name: str) -> Iterator[Named]:
    """The events with so many items in the list that tells the field, as far as a log tells what they say."""
    record = shape.record
    found = () if record is None else counted(Itself(record))
    own = next((one for one in found if one.derived == name and one.ecs not in shape.asked), None)
    if own is None:
        return
    for how, event in events:
        for number in _NUMBERS:
            told = {own.column: str(number), own.field: [True] * number}
            derived = [(event[one.derived], shape.maps[one.table]) for one in found if one.derived in event]
            if told_alone(derived, told):
                yield f"{how} of {number} {own.ecs}".lstrip(), {**event, own.ecs: [True] * number}


@lru_cache(maxsize=256)
def counted(record: Itself[Record]) -> tuple[Counted, ...]:
    """The record's derived fields that some log tells by the number of a list's items."""
    found: list[Counted] = []
    for profile, shape in record.value.shapes.items():
        told = record.value.cells_of(profile, "told")
        for column, expression in shape.extend.items() if told else ():
            field = counted_field(expression)
            names = [ecs for ecs, cell in record.value.cells_of(profile, "same") if cell.field == field]
            found += [
                Counted(ecs, cell.argument, column, str(field), names[0]) for ecs, cell in told if names
            ]
    return tuple(found)
