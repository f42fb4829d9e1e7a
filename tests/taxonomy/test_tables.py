"""Every table of the taxonomy: conversions and maps that exist, columns that Microsoft's tables have."""

from __future__ import annotations

import marshal
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from converter.lowering.conversions.check import check
from converter.lowering.conversions.registry import CONVERSIONS
from converter.taxonomy import load_taxonomy
from converter.taxonomy.columns import schemas_of
from converter.taxonomy.model import Record, Shape
from converter.taxonomy.plain import from_plain, to_plain
from converter.taxonomy.record_tables import RECORD_KEYS, SHAPE_KEYS, TABLE_KEYS

TAXONOMY = load_taxonomy()
WINDOWS = (
    "process",
    "library",
    "registry",
    "powershell",
    "sysmon",
    "windows_channels",
    "windows_security",
    "windows_system",
)
XML = re.compile(r"extract\('Name=\"(?P<name>\w+)\">\(\[\^<\]\*\)<', 1, (?P<column>\w+)\)")


def _kusto() -> Iterator[tuple[Record, Shape]]:
    for record in TAXONOMY.records:
        for name, shape in record.shapes.items():
            if TAXONOMY.profiles[name].target == "kql" and record.family in WINDOWS:
                yield record, shape


def test_each_cell_has_a_conversion_that_can_follow_it() -> None:
    check(TAXONOMY)


@pytest.mark.parametrize("names", [CONVERSIONS, TABLE_KEYS, RECORD_KEYS, SHAPE_KEYS], ids=len)
def test_the_document_has_each_word_of_the_tables(names: Iterable[str]) -> None:
    """Who lays tables of their own over these has nothing else to go by."""
    text = (Path(__file__).parents[2] / "docs" / "taxonomy.md").read_text("utf-8")
    said = set(re.findall(r"\w+", text))
    assert set(names) - said - {"same"} == set()


@pytest.mark.parametrize(
    ("record", "shape"),
    list(_kusto()),
    ids=lambda value: getattr(value, "name", getattr(value, "profile", "")),
)
def test_kusto_columns_exist(record: Record, shape: Shape) -> None:
    types = schemas_of(TAXONOMY.profiles[shape.profile])[shape.table or ""]
    assert all(name.partition(".")[0] in types for name in shape.where)
    assert (shape.time or "TimeGenerated").partition(".")[0] in types
    assert shape.order is None or shape.order in types
    for name, expression in shape.extend.items():
        data = XML.fullmatch(expression)
        if data is not None:
            assert data["column"] in types and name in (data["name"], f"EventData_{data['name']}")
    for ecs in record.cells:
        cell = record.cell(ecs, shape.profile)
        if cell is not None:
            column, dot, _ = cell.field.partition(".")
            assert column in types or column in shape.extend, f"{ecs}: {cell}"
            assert not dot or types[column] == "dynamic", f"{ecs}: {cell}"


@pytest.mark.parametrize("record", TAXONOMY.records, ids=lambda record: record.name)
def test_a_record_that_must_be_named_can_be(record: Record) -> None:
    known = {*record.when, *record.cells}
    assert not record.named_by or known & set(record.named_by)


def _place(shape: Shape) -> object:
    """Where the shape's rows are and by what they are known there."""
    constants = [tuple(sorted(one.items())) for one in (shape.where, shape.like, shape.unlike)]
    return shape.table, shape.datamodel, tuple(sorted(shape.logsource.items())), *constants


@pytest.mark.parametrize("profile", TAXONOMY.profiles)
def test_records_in_one_place_say_that_they_share_it(profile: str) -> None:
    """Else a rule for one of them takes the other's rows, and its translation says exact."""
    records = [record for record in TAXONOMY.records if profile in record.shapes]
    silent = [
        (one.name, other.name)
        for one, other in combinations(records, 2)
        if _place(one.shapes[profile]) == _place(other.shapes[profile])
        and (one.shapes[profile].hosts is None or one.os == other.os)
        and one.name != other.within
        and other not in TAXONOMY.sharing(one, profile)
    ]
    assert not silent


def test_records_that_were_kept_are_those_of_the_tables() -> None:
    """What is read back in the next run has each field's value, in the order of the tables."""
    records = load_taxonomy().records
    read = from_plain(marshal.loads(marshal.dumps(to_plain(records))))
    assert [tuple(one.fields) for one in read] == [tuple(one.cells) for one in records]
    assert repr(read) == repr(records)


def test_a_record_that_was_kept_can_be_changed() -> None:
    """Its cells are made when they are asked; of another's it has none."""
    record = next(one for one in load_taxonomy().records if one.cells)
    (kept,) = from_plain(to_plain([record]))
    assert kept.fields == tuple(record.cells)
    changed = replace(kept, cells={"a.b": {}})
    assert (changed.cells, tuple(changed.fields), kept.cells) == ({"a.b": {}}, ("a.b",), record.cells)
    with pytest.raises(AttributeError):
        _ = kept.cell_of  # type: ignore[attr-defined]
