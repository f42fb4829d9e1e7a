"""A profile that holds another one's Windows events in a table: its shapes and cells follow from the other's.

Splunk's add-on and the Windows Events connector of Sentinel both keep an event's own fields under the names
that the event has ("Azure Monitor Logs reference - WindowsEvent"): what is declared once for Splunk,

    source="XmlWinEventLog:Microsoft-Windows-Sysmon/Operational" EventCode=1;  process.executable: Image

is there  WindowsEvent where Channel == "Microsoft-Windows-Sysmon/Operational" and EventID == 1;
EventData.Image.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from converter.frozen import dataclass
from converter.taxonomy.model import Cell, Record, Shape


@dataclass(frozen=True, slots=True)
class Forward:
    """`profile` holds in `table` the events that profile `of` has with one of `sources` (its `source`), as
    events of a channel (`Channel`). `names` are the fields that are columns of the table, and what these are
    called; all others are called by `field` ("EventData.{}"). `order`: the column of the record's number."""

    profile: str
    of: str
    table: str
    sources: Mapping[str, str]
    names: Mapping[str, str]
    field: str
    order: str

    def over(self, record: Record) -> Record:
        """The record, held by this profile too where the other one has it from one of the sources."""
        shape = record.shapes.get(self.of)
        if shape is None or self.profile in record.shapes:
            return record
        channel = next(
            (self.sources[one] for one in shape.where.get("source", ()) if one in self.sources), ""
        )
        if not channel:
            return record
        shapes = {**record.shapes, self.profile: self._shape(shape, channel)}
        cells = {
            ecs: {self.profile: self._cell(row.get(self.of)), **row} for ecs, row in record.cells.items()
        }
        return replace(record, shapes=shapes, cells=cells)

    def _shape(self, shape: Shape, channel: str) -> Shape:
        told = {self._name(name): values for name, values in shape.where.items() if name != "source"}
        return replace(
            shape,
            profile=self.profile,
            where={"Channel": (channel,), **told},
            table=self.table,
            time=shape.time and self._name(shape.time),
            order=shape.order and self.order,
        )

    def _cell(self, cell: Cell | None) -> Cell | None:
        return cell and replace(cell, field=self._name(cell.field))

    def _name(self, field: str) -> str:
        return self.names.get(field) or self.field.format(field)
