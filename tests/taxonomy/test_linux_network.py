"""Tables of Linux, containers, network devices and web servers: against schemas, raw events and rules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from entries import TAXONOMY, assert_recorded, assert_takes_the_same, entries, expected, translation_of

from converter.taxonomy.columns import schemas_of
from converter.taxonomy.model import Record, Shape

FAMILIES = (
    "container",
    "fortigate",
    "linux_system",
    "network_traffic",
    "panw",
    "pfsense",
    "suricata",
    "zeek",
)


EVENTS = entries("linux_network_events", "network_events")
RULES = entries("linux_network_rules", "network_rules")
RECORDS = [record for record in TAXONOMY.records if record.family in FAMILIES]


def _kusto() -> Iterator[tuple[Record, Shape]]:
    for record in RECORDS:
        for name, shape in record.shapes.items():
            if TAXONOMY.profiles[name].target == "kql":
                yield record, shape


@pytest.mark.parametrize(("record", "shape"), list(_kusto()), ids=lambda value: getattr(value, "name", ""))
def test_kusto_columns_exist(record: Record, shape: Shape) -> None:
    types = schemas_of(TAXONOMY.profiles[shape.profile])[shape.table or ""]
    assert {shape.time or "TimeGenerated", *shape.where} <= set(types)
    columns = {*types, *shape.extend}
    for ecs in record.cells:
        cell = record.cell(ecs, shape.profile)
        assert cell is None or cell.conversion == "always" or cell.field in columns, f"{ecs}: {cell}"


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_shared_records_are_known(record: Record) -> None:
    names = {other.name for other in TAXONOMY.records}
    assert {name for shape in record.shapes.values() for name in shape.shared} <= names
    assert record.part_of in {"", *names}


@pytest.mark.parametrize(("name", "profile"), expected(EVENTS))
def test_raw_event(name: str, profile: str) -> None:
    assert_recorded(EVENTS[name], profile)


@pytest.mark.parametrize("profile", sorted(TAXONOMY.profiles))
@pytest.mark.parametrize("name", RULES)
def test_translation_takes_the_same_events(name: str, profile: str) -> None:
    translation = translation_of(RULES[name], "eql", profile)
    if profile in RULES[name]["profiles"]:
        assert_takes_the_same(RULES[name], "eql", translation)
    else:
        assert translation.text is None
