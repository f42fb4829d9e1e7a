"""What the values of fields are in every event of a record, whatever the rule asks of them.

auditd.result : "*success"   with `success` and `fail` as the log's only words    ->  no `x7success`
subtype : "*50*"             with `event:system` and `event:vpn` as the log's constants there
event.code : "46*"           in a column of whole numbers                         ->  no `46x7`
public_repo : "t*"           in a column of true and false                        ->  no `tx7`
entry_meta.type : "c*"       which is `container` in each event of a part of the record   ->  no `CONTAINER`
platformlogs.category        which is `kube-audit` in another record's events alone
file.path                    that begins with `\\??\\` in each event of the record
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from converter.elastic.types import field_type
from converter.events.derived import PARTS, part_of
from converter.ir.predicate import Equals, Exists, Like, Not, Or, Predicate, Regex, Wild
from converter.lowering.recognise import Itself
from converter.taxonomy.columns import schemas_of
from converter.taxonomy.model import Cell, Record, Taxonomy

_CLOSED = frozenset({"enum", "flags"})
"""Conversions whose map has all words that Elastic writes."""
_TEXTS = frozenset({"keyword", "wildcard"})
_DIGITS = Regex("", "0|[1-9][0-9]{0,8}")
_BOOLEAN = tuple(Equals("", word) for word in ("true", "false"))
_BY_TYPE: Mapping[str, tuple[Equals | Regex, ...]] = {
    **dict.fromkeys(("int", "long", "real"), (_DIGITS,)),
    "bool": _BOOLEAN,
}
"""What is true of a column's values as texts, by the column's type."""


def confined(
    record: Record, taxonomy: Taxonomy, asked: frozenset[str], cased: frozenset[str] = frozenset()
) -> tuple[Predicate, ...]:
    """What holds of the asked fields, where an event has them. `cased`: those asked with their case: of
    these a log's words have the case in which Elastic writes them."""
    known = record.with_fields(asked)
    found = tuple(Or((Not(Exists(name)), *found)) for name, found in _found(known, taxonomy, asked, cased))
    return (*found, *_as_parts_have(record, Itself(taxonomy), asked), *_as_no_other(record, asked))


def _as_no_other(record: Record, asked: frozenset[str]) -> Iterator[Predicate]:
    """That the event has none of the values by which it would be another record's."""
    for name in sorted(asked.intersection(record.barred)):
        yield from (Not(Equals(name, text, ignore_case=True)) for text in sorted(record.barred[name]))


def _as_parts_have(record: Record, taxonomy: Itself[Taxonomy], asked: frozenset[str]) -> Iterator[Predicate]:
    """That what is always so in a part of the record's events is spelled as it is there."""
    for name, value in _of_parts(record, taxonomy):
        if name in asked:
            yield Or((Not(Equals(name, value, ignore_case=True)), Equals(name, value)))


@lru_cache(maxsize=512)
def _of_parts(record: Record, taxonomy: Itself[Taxonomy]) -> tuple[tuple[str, str], ...]:
    """The fields that have one value in each event of a part of the record, with that value."""
    found = (
        (name, cell.argument)
        for part in taxonomy.value.records
        if part.part_of == record.name
        for profile in part.shapes
        for name, cell in part.cells_of(profile, "always")
        if cell.argument
    )
    return tuple(dict.fromkeys(found))


def _found(
    record: Record, taxonomy: Taxonomy, asked: frozenset[str], cased: frozenset[str]
) -> Iterator[tuple[str, tuple[Predicate, ...]]]:
    for name in sorted(asked):
        if (start := record.begins.get(name)) is not None:
            yield name, (Like(name, (start, Wild.ANY)),)
        row = record.cells.get(name, {})
        if name in record.when or field_type(name) not in _TEXTS:
            continue
        if words := [*_words(row, taxonomy), *_of_constants(row, record)]:
            yield name, tuple(Equals(name, word, ignore_case=name not in cased) for word in words)
            continue
        types = (_column_type(profile, cell, record, taxonomy) for profile, cell in row.items())
        if (found := next((_BY_TYPE[one] for one in types if one in _BY_TYPE), None)) is not None:
            yield name, tuple(replace(one, field=name) for one in found)


def _words(row: Mapping[str, Cell | None], taxonomy: Taxonomy) -> list[str]:
    """All values, where a log has words for them all."""
    tables = (cell.argument for cell in row.values() if cell is not None and cell.conversion in _CLOSED)
    return list(dict.fromkeys(word for table in tables for word in taxonomy.maps[table]))


def _of_constants(row: Mapping[str, Cell | None], record: Record) -> list[str]:
    """The field's values in a log that knows the record by a field of which it is a part."""
    found = (
        part_of(value, cell)
        for profile, cell in row.items()
        if cell is not None and cell.conversion in PARTS and profile in record.shapes
        for value in record.shapes[profile].where.get(cell.field, ())
    )
    return list(dict.fromkeys(part for part in found if part is not None))


def _column_type(profile: str, cell: Cell | None, record: Record, taxonomy: Taxonomy) -> str:
    """The type of the profile's column, where that holds the field as it is; "" where there is none."""
    shape = record.shapes.get(profile)
    if cell is None or cell.conversion != "same" or shape is None or shape.table is None:
        return ""
    columns = schemas_of(taxonomy.profiles[profile]).get(shape.table, {})
    return columns.get(cell.field, "")
