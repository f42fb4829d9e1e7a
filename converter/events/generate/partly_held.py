"""Events of which a log holds a field in other records than the one in which a translation looks for it.

rule.name from `Name|partly(RecordType:40)`, event.code told by `RecordType`
    {rule.name: "Volume"}   ->   {rule.name: "Volume", event.code: "ExchangeAdmin"}, which is RecordType 1
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from converter.evaluate.result import Event
from converter.events.generate.drafts import Named
from converter.events.generate.world import World
from converter.events.telling_words import is_said
from converter.lowering.conversions.told import alternatives
from converter.taxonomy.model import Cell


def partly_held(world: World, event: Event) -> Iterator[Named]:
    """For each such field of the event, the event with what says that it is of another record: a field that
    the rule does not ask."""
    record = world.shape.record
    if record is None:
        return
    for profile in record.shapes:
        told = [one for one in record.cells_of(profile, "told") if one[0] not in world.shape.asked]
        for name, cell in record.cells_of(profile, "partly"):
            if name not in world.shape.asked or name not in event:
                continue
            for teller, words in told:
                word = _otherwise(cell, world.shape.maps[words.argument])
                if word is not None:
                    yield f"{name} of another record", {**event, teller: word}


def _otherwise(cell: Cell, table: Mapping[str, str]) -> str | None:
    """The first word of the table that says of the cell's own condition that it is not so."""
    asked = {atom.field for branch in alternatives(cell.argument) for atom in branch}
    for word, text in table.items():
        for branch in alternatives(text) if text not in ("?", "always") else ():
            row = {atom.field: atom.example for atom in branch if not atom.negated}
            if asked <= row.keys() and not is_said(cell.argument, row):
                return word
    return None
