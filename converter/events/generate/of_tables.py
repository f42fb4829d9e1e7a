"""What the tables alone say of a record's events, whatever a rule asks: found once for all rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from converter.events.generate.groups import Group
from converter.events.generate.named_values import names_beside
from converter.events.generate.parted import twins_of
from converter.events.generate.usual import COMMON, FAMILIES, HOSTS
from converter.events.telling_words import tellings
from converter.frozen import dataclass
from converter.lowering.recognise import Itself
from converter.taxonomy.model import Record, Taxonomy


@dataclass(frozen=True, slots=True)
class OfTables:
    """What the tables alone say of a record's events, whatever a rule asks (see `Shape`). `family`: the
    records of its family; `foreign`: the fields by which others are known and that it lacks."""

    family: tuple[Record, ...]
    foreign: frozenset[str]
    usual: Mapping[str, Any]
    derived: dict[str, tuple[Any, ...]]
    twins: tuple[tuple[Group, Group], ...]
    tellings: Mapping[str, int]
    split: frozenset[str]


@lru_cache(maxsize=512)
def of_tables(record: Record, taxonomy: Itself[Taxonomy]) -> OfTables:
    """What they say of this record: every rule that speaks of it, or of one beside it, asks for this."""
    maps, told = taxonomy.value.maps, _told(record)
    return OfTables(
        tuple(other for other in taxonomy.value.records if other.family == record.family),
        taxonomy.value.selectors - set(record.when) - set(record.cells),
        {**COMMON, **HOSTS.get(record.os, {}), **FAMILIES.get(record.family, {}), **_always(record)},
        _derived(record, told, maps),
        twins_of(record),
        _tellings(record, told, maps),
        frozenset(name for profile in record.shapes for name, _ in record.cells_of(profile, "words")),
    )


def _told(record: Record) -> dict[str, list[str]]:
    """The fields that a log tells by others of its fields, with the tables that say how."""
    found = {
        name: [cell.argument for cell in row.values() if cell is not None and cell.conversion == "told"]
        for name, row in record.cells.items()
    }
    return {name: tables for name, tables in found.items() if tables}


def _tellings(
    record: Record, told: Mapping[str, Sequence[str]], maps: Mapping[str, Mapping[str, str]]
) -> dict[str, int]:
    """How many further ways there are to tell a derived field's value, one that is in either of two, one
    behind others of its kind, or one of several names."""
    two = {
        name: 1
        for name, row in record.cells.items()
        if any(cell is not None and cell.conversion in ("fallback", "hash") for cell in row.values())
    }
    return (
        two
        | names_beside(record)
        | {name: max(tellings(maps[one]) for one in tables) for name, tables in told.items()}
    )


def _derived(
    record: Record, told: Mapping[str, Sequence[str]], maps: Mapping[str, Mapping[str, str]]
) -> dict[str, tuple[Any, ...]]:
    """The values of the fields that Elastic computes, which have no others."""
    named = {
        name: tuple(maps[cell.argument])
        for profile in record.shapes
        for name, cell in record.cells_of(profile, "flags", "codes")
    }
    return {name: _together(maps[tables[-1]]) for name, tables in told.items()} | _constants(record) | named


def _always(record: Record) -> dict[str, str]:
    """What every event of the record has, whatever the log says of it: a value of its own where the table has
    none."""
    return {
        name: cell.argument or "x7"
        for name, row in record.cells.items()
        for cell in row.values()
        if cell is not None and cell.conversion == "always"
    }


def _constants(record: Record) -> dict[str, tuple[Any, ...]]:
    """The fields that have one and the same value in every event of the record."""
    return {
        name: (cell.argument,)
        for name, row in record.cells.items()
        for cell in row.values()
        if cell is not None and cell.conversion == "always" and cell.argument
    }


def _together(table: Mapping[str, str]) -> tuple[Any, ...]:
    """The values of a derived field, each with those that are always there, or are told in the same way."""
    found = (
        [one for one, other in table.items() if one == value or other == "always" or other == text != "?"]
        for value, text in table.items()
    )
    return tuple(values if len(values) > 1 else values[0] for values in found)
