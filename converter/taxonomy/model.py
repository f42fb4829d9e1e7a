"""The taxonomy's data: records, their shape in each profile, and what a field is called there.

A *record* is one kind of thing that happens and is logged (a process starts on Windows; a connection
comes in). Its `when` says by which ECS values such an event is known; its *shapes* say how each profile's
SIEM holds it; its `fields` give each ECS field's *cell* in each profile.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import field, replace
from functools import cached_property
from typing import Literal

from converter.frozen import dataclass
from converter.ir.predicate import Scalar
from converter.taxonomy.open_names import OPEN, filled, filled_from_last, word_pattern

Target = Literal["sigma", "splunk", "kql"]
_AS_TEXT = re.compile(r"tostring\(([\w.*]+)\)")
_LISTED = ("items", "one_or_items", "first")
"""Conversions of fields that a log holds as an array."""


@dataclass(frozen=True, slots=True, eq=False)
class IndicatorList:
    """Where a target keeps threat indicators: a Kusto `table` or a Splunk `lookup`.

    `columns`: ECS field of the indicator -> its column, with what else the entry's row says then
    (`FileHashValue`, {FileHashType: MD5}). A lookup's columns have the ECS names.
    """

    table: str | None = None
    lookup: str | None = None
    columns: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)

    def column(self, ecs: str) -> tuple[str, Mapping[str, str]] | None:
        """The column and its conditions; None where the list does not hold the field."""
        return (ecs, {}) if self.lookup is not None else self.columns.get(ecs)


@dataclass(frozen=True, slots=True)
class Profile:
    """One way in which a target SIEM holds data; `schema`: the product whose tables check KQL columns;
    `longest`: so many characters a rule there takes, where that is known."""

    name: str
    target: Target
    title: str
    schema: str | None = None
    indicators: IndicatorList | None = None
    longest: int | None = None


UNASKED = "unasked"
"""The conversion of what only rows have: a log holds it in a form that no query asks."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A field in one profile: its name there, and by which conversion it is reached from ECS.

    Written `Name`, `Name|conversion` or `Name|conversion(argument)`.
    """

    field: str
    conversion: str = "same"
    argument: str = ""

    def __str__(self) -> str:
        if self.conversion == "same":
            return self.field
        return f"{self.field}|{self.conversion}" + (f"({self.argument})" if self.argument else "")


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where a log says which system a host has: rows of `table` with the host's `key`, and one of `values`
    in `column` for the hosts of the record's system; `known` systems have one. `where`: what each such row
    says, in a log without tables."""

    table: str
    key: str
    column: str
    values: tuple[str, ...]
    known: int
    where: tuple[tuple[str, str], ...] = ()

    @property
    def all(self) -> bool:
        """Whether each system is among them that is told so."""
        return len(self.values) == self.known


@dataclass(frozen=True, slots=True)
class Shape:
    """How one profile holds a record.

    `where`: what every such event there says (a list: one of these; a projection writes the first).
    `logsource` is Sigma's; `table` Kusto's; `datamodel` Splunk's ("Endpoint.Processes").
    `time` is the field of when it happened, `time_format` its strptime format where it is text;
    `extend`: columns that the query computes first, in the target's language.
    `like` and `unlike` tell the record from others in the same table by a pattern (`FolderPath: "/*"`);
    `shared` names those that even so cannot be told apart ("macOS"): events of these match as well.
    `address`: "full" where IPv6 addresses are written in full (Sysmon), else they are compressed.
    `order` breaks ties in time as the log was written, where there is such a field. `always`: a field that
    every such event has, where one is known. `lower`: the fields that the log writes in lower case.
    `hosts` tells records of one table by the system of their host.
    """

    profile: str
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    logsource: Mapping[str, str] = field(default_factory=dict)
    table: str | None = None
    datamodel: str | None = None
    time: str | None = None
    time_format: str | None = None
    order: str | None = None
    extend: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    like: Mapping[str, str] = field(default_factory=dict)
    unlike: Mapping[str, str] = field(default_factory=dict)
    shared: tuple[str, ...] = ()
    always: str = ""
    lower: frozenset[str] = frozenset()
    hosts: Hosts | None = None


@dataclass(frozen=True, eq=False)
class Record:
    """One kind of log record. `when`: ECS field -> values, all synonyms of one another in this record.

    `cells`: ECS field -> profile -> cell, None where the profile has no such field.
    `within` names a record of which these events are some, as another collector has them (AKS's of
    Kubernetes): who asks for that one means these too, whichever collector the index patterns name.
    `part_of` names a record whose log holds these events too, where the profile has no shape for this one.
    `named_by`: fields (or patterns of them) of which a rule must ask one that the record has to speak of it:
    special events that a rule for plain ones does not mean.
    `all_of`: fields of `when` that have all of their values in every event, where others have one of them.
    `begins`: fields whose values all begin with a text there.
    `unless`: ECS field -> values of events that other records describe, and that are not of this one.
    `os` is "windows", "linux", "macos" or "" and decides separators and command-line quoting.
    """

    name: str
    family: str
    title: str
    when: Mapping[str, tuple[Scalar, ...]]
    indices: tuple[str, ...]
    shapes: Mapping[str, Shape]
    cells: Mapping[str, Mapping[str, Cell | None]]
    os: str = ""
    origin: str = ""
    named_by: tuple[str, ...] = ()
    part_of: str = ""
    within: str = ""
    begins: Mapping[str, str] = field(default_factory=dict)
    all_of: tuple[str, ...] = ()
    unless: Mapping[str, tuple[Scalar, ...]] = field(default_factory=dict)

    @property
    def fields(self) -> Collection[str]:
        """The ECS fields of its table."""
        return self.cells.keys()

    def cell(self, ecs: str, profile: str) -> Cell | None:
        """The field's cell in the profile; None where the profile, or the table, has none, or none to ask."""
        row = self.cells.get(ecs)
        found = row.get(profile) if row is not None else self._open_cell(ecs, profile)
        return None if found is not None and found.conversion == UNASKED else found

    @cached_property
    def lists(self) -> frozenset[str]:
        """The fields that some log holds as an array."""
        return frozenset(
            ecs
            for ecs, row in self.cells.items()
            if any(cell is not None and cell.conversion in _LISTED for cell in row.values())
        )

    def cells_of(self, profile: str, *conversions: str) -> tuple[tuple[str, Cell], ...]:
        """The fields that the profile holds, with their cells, as the table has them: all, or those of one of
        the conversions."""
        found = self._selected.get((profile, conversions))
        if found is None:
            if conversions:
                cells = (item for item in self.cells_of(profile) if item[1].conversion in conversions)
            else:
                rows = ((ecs, row.get(profile)) for ecs, row in self.cells.items())
                cells = ((ecs, cell) for ecs, cell in rows if cell is not None)
            found = self._selected[profile, conversions] = tuple(cells)
        return found

    def called(self, cell: Cell, profile: str) -> tuple[str, ...]:
        """The ECS fields that the profile holds in just this cell, also by a row with open names."""
        found: list[str] = []
        for ecs, own in self.cells_of(profile):
            if (own.conversion, own.argument) != (cell.conversion, cell.argument):
                continue
            if own.field == cell.field and OPEN not in own.field:
                found.append(ecs)
            elif OPEN in own.field and (match := word_pattern(own.field).fullmatch(cell.field)) is not None:
                found.append(filled(ecs, match.groups()))
        return tuple(found)

    def can_have(self, shape: Shape) -> bool:
        """Whether its events can have the constants of another record's shape in the same profile: as their
        own, or in a field."""
        own = self.shapes[shape.profile]
        return all(
            not set(values).isdisjoint(own.where[name])
            if name in own.where
            else bool(self.called(Cell(name), shape.profile))
            for name, values in shape.where.items()
        )

    def source(self, field: str, profile: str) -> str:
        """Where the profile's log holds one of its fields: a text that a query takes out of a column is that
        column's part."""
        shape = self.shapes.get(profile)
        computed = _AS_TEXT.fullmatch(shape.extend.get(field, "")) if shape is not None else None
        return computed[1] if computed else field

    @cached_property
    def _selected(self) -> dict[tuple[str, tuple[str, ...]], tuple[tuple[str, Cell], ...]]:
        return {}

    def _open_cell(self, ecs: str, profile: str) -> Cell | None:
        """The cell by a row whose name has `**` for one word, which its cells take over."""
        for pattern, row in self._open:
            match, cell = pattern.fullmatch(ecs), row.get(profile)
            if match is not None:
                words = match.groups()
                return cell and Cell(
                    filled(cell.field, words), cell.conversion, filled_from_last(cell.argument, words)
                )
        return None

    @cached_property
    def _open(self) -> tuple[tuple[re.Pattern[str], Mapping[str, Cell | None]], ...]:
        return tuple((word_pattern(name), row) for name, row in self.cells.items() if OPEN in name)

    def with_fields(self, names: Iterable[str]) -> Record:
        """The record with a row for each of these fields that one with `**` stands for, instead of that."""
        if not self._open:
            return self
        open_names = tuple(name for name in names if name not in self.cells and self._is_open(name))
        if open_names not in self._opened:
            self._opened[open_names] = self._with(open_names)
        return self._opened[open_names]

    @cached_property
    def _opened(self) -> dict[tuple[str, ...], Record]:
        return {}

    def _with(self, open_names: Iterable[str]) -> Record:
        profiles = {profile for row in self.cells.values() for profile in row}
        cells = {name: row for name, row in self.cells.items() if OPEN not in name}
        rows = {name: {one: self._open_cell(name, one) for one in profiles} for name in open_names}
        shapes = {profile: self._shape(profile, open_names) for profile in self.shapes}
        return replace(self, cells={**cells, **rows}, shapes=shapes)

    def _shape(self, profile: str, names: Iterable[str]) -> Shape:
        """The profile's shape, with the columns that these fields have by a row with an open name."""
        shape = self.shapes[profile]
        opened = [(name, text) for name, text in shape.extend.items() if OPEN in name]
        if not opened:
            return shape
        extend = {name: text for name, text in shape.extend.items() if OPEN not in name}
        for cell in (self._open_cell(name, profile) for name in names if name not in self.cells):
            for name, text in opened:
                match = word_pattern(name).fullmatch(cell.field) if cell is not None else None
                if match is not None:
                    extend.setdefault(filled(name, match.groups()), filled(text, match.groups()))
        return replace(shape, extend=extend)

    def _is_open(self, ecs: str) -> bool:
        if ecs not in self._found_open:
            self._found_open[ecs] = any(pattern.fullmatch(ecs) for pattern, _ in self._open)
        return self._found_open[ecs]

    @cached_property
    def _found_open(self) -> dict[str, bool]:
        return {}

    @cached_property
    def barred(self) -> Mapping[str, frozenset[str]]:
        """`unless`, as texts in lower case."""
        return {name: frozenset(map(str.lower, map(str, values))) for name, values in self.unless.items()}

    @cached_property
    def separator(self) -> str:
        """What separates folders in a path."""
        return "\\" if self.os == "windows" else "/"


@dataclass(frozen=True, eq=False)
class Taxonomy:
    """All tables: profiles, records and value maps (map name -> ECS value -> the target's value)."""

    profiles: Mapping[str, Profile]
    records: tuple[Record, ...]
    maps: Mapping[str, Mapping[str, str]]

    def sharing(self, record: Record, profile: str) -> tuple[Record, ...]:
        """The records whose events stand in the record's log unseparated: one of the two says so, or they are
        a part of it that the profile has no shape for. The system of the host may tell them."""
        if (record.name, profile) not in self._sharing:
            shape = record.shapes[profile]
            self._sharing[record.name, profile] = tuple(
                other
                for other in self.records
                if other.name != record.name
                and (shape.hosts is None or other.os == record.os)
                and _share(record, other, profile)
            )
        return self._sharing[record.name, profile]

    def is_guest(self, record: Record, profile: str) -> bool:
        """Whether the record's events stand in the log of another that does not name them: a host's own log
        has what goes on in its containers as well."""
        names = record.shapes[profile].shared
        return any(
            record.name not in other.shapes[profile].shared
            for other in self.records
            if other.name in names and profile in other.shapes
        )

    @cached_property
    def _sharing(self) -> dict[tuple[str, str], tuple[Record, ...]]:
        return {}

    @cached_property
    def selectors(self) -> frozenset[str]:
        """Every ECS field by which some record is known."""
        return frozenset(name for record in self.records for name in record.when)

    @cached_property
    def logsources(self) -> tuple[Mapping[str, str], ...]:
        """Sigma's log sources of all records."""
        shapes = (shape for record in self.records for shape in record.shapes.values())
        return tuple(shape.logsource for shape in shapes if shape.logsource)

    @cached_property
    def known_fields(self) -> frozenset[str]:
        """Every ECS field that some record names."""
        none: frozenset[str] = frozenset()
        names = none.union(*(record.fields for record in self.records), self.selectors)
        return frozenset(name for name in names if OPEN not in name)


def _share(record: Record, other: Record, profile: str) -> bool:
    """Whether they stand in one log unseparated. Of a data model, whose fields any log's add-on may fill, a
    constant tells nothing for sure."""
    theirs = other.shapes.get(profile)
    guest = other.part_of == record.name if theirs is None else record.name in theirs.shared
    shape = record.shapes[profile]
    if other.within == record.name or not (guest or other.name in shape.shared):
        return False
    return theirs is None or shape.datamodel is not None or other.can_have(shape)
