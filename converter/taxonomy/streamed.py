"""A profile that holds another one's records in another form: its shapes and cells follow from the other's.

Defender XDR streams the rows of its tables as JSON (Microsoft, "Raw Data Streaming API"): the table is the
row's `category`, its columns lie under `properties`. What is declared once for the tables,

    DeviceProcessEvents, where ActionType is ProcessCreated;  process.name: FileName

is there  category="AdvancedHunting-DeviceProcessEvents" properties.ActionType="ProcessCreated";
properties.FileName.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from converter.frozen import dataclass
from converter.late import late
from converter.taxonomy.model import Cell, Hosts, Record, Shape

_OF_FIELDS = frozenset({"joined", "either"})
"""Conversions whose argument is a field of the target."""
_JOINED = late(r'^strcat\((?P<head>\w+), @?"\\", (?P<tail>\w+)\)$')
_INSIDE = late(r"^tostring\(parse_json\((?P<column>\w+)\)\.(?P<path>[\w.]+)\)$")


@dataclass(frozen=True, slots=True)
class Stream:
    """`profile` holds the rows of the tables of profile `of` whose names begin with `tables`. `field` is what
    a column is called ("properties.{}"), `where` what each row says ("{}" is the table), `time` the column of
    its time and `time_format` how that is written."""

    profile: str
    of: str
    tables: str
    field: str
    where: Mapping[str, str]
    time: str
    time_format: str

    def over(self, record: Record) -> Record:
        """The record, held by this profile too where the other one holds it in such a table."""
        shape = record.shapes.get(self.of)
        if shape is None or self.profile in record.shapes or not (shape.table or "").startswith(self.tables):
            return record
        shapes = {**record.shapes, self.profile: self._shape(shape)}
        cells = {
            ecs: {**row, self.profile: self._cell(row.get(self.of))} for ecs, row in record.cells.items()
        }
        return replace(record, shapes=shapes, cells=cells)

    def _shape(self, shape: Shape) -> Shape:
        told = {name: (text.format(shape.table),) for name, text in self.where.items()}
        return Shape(
            profile=self.profile,
            where={**told, **{self._name(name): values for name, values in shape.where.items()}},
            time=self._name(self.time),
            time_format=self.time_format,
            extend={self._name(name): self._computed(text) for name, text in shape.extend.items()},
            like={self._name(name): pattern for name, pattern in shape.like.items()},
            unlike={self._name(name): pattern for name, pattern in shape.unlike.items()},
            shared=shape.shared,
            address=shape.address,
            lower=frozenset(map(self._name, shape.lower)),
            hosts=shape.hosts and self._hosts(shape.hosts),
        )

    def _hosts(self, hosts: Hosts) -> Hosts:
        """The rows that say which system a host has, as they are streamed."""
        told = tuple((name, text.format(hosts.table)) for name, text in self.where.items())
        return replace(hosts, key=self._name(hosts.key), column=self._name(hosts.column), where=told)

    def _cell(self, cell: Cell | None) -> Cell | None:
        if cell is None or not cell.field:
            return cell
        argument = self._name(cell.argument) if cell.conversion in _OF_FIELDS else cell.argument
        return Cell(self._name(cell.field), cell.conversion, argument)

    def _name(self, column: str) -> str:
        return self.field.format(column)

    def _computed(self, expression: str) -> str:
        """A column that a query computes from others, in Splunk's language. Raises ValueError."""
        if (joined := _JOINED.match(expression)) is not None:
            head, tail = self._name(joined["head"]), self._name(joined["tail"])
            return f"'{head}'.\"\\\\\".coalesce('{tail}', \"\")"
        if (inside := _INSIDE.match(expression)) is not None:
            return f"json_extract('{self._name(inside['column'])}', \"{inside['path']}\")"
        raise ValueError(f"no form in Splunk of the computed column {expression}")
