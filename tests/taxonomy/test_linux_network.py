"""Tables of Linux, containers, network devices and web servers: against schemas, raw events and rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.elastic.parse import parse_rule
from converter.elastic.rule import Rule
from converter.evaluate.elastic import compile_detection
from converter.events.case import Case
from converter.events.projection import project
from converter.harness.asked import asked_fields
from converter.harness.parity import Translated, check
from converter.lowering.conversions.registry import CONVERSIONS
from converter.lowering.fidelity import directions
from converter.pipeline import translate
from converter.taxonomy import load_taxonomy
from converter.taxonomy.columns import schemas_of
from converter.taxonomy.model import Record, Shape

TAXONOMY = load_taxonomy()
HERE = Path(__file__).parent
TABLES = ("linux_network", "network")
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


def _read(kind: str) -> dict[str, Any]:
    texts = [(HERE / f"{name}_{kind}.yaml").read_text("utf-8") for name in TABLES]
    return {name: entry for text in texts for name, entry in yaml.safe_load(text).items()}


EVENTS, RULES = _read("events"), _read("rules")
RECORDS = [record for record in TAXONOMY.records if record.family in FAMILIES]
MOMENT = {"@timestamp": "2026-01-01T00:00:00.000Z"}


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
def test_conversions_and_shared_records_are_known(record: Record) -> None:
    names = {other.name for other in TAXONOMY.records}
    cells = [cell for row in record.cells.values() for cell in row.values() if cell is not None]
    assert {cell.conversion for cell in cells} <= set(CONVERSIONS)
    assert {name for shape in record.shapes.values() for name in shape.shared} <= names
    assert record.part_of in {"", *names}


def _raw() -> Iterator[tuple[str, str]]:
    for name, entry in EVENTS.items():
        for profile in entry.keys() - {"event", "asked"}:
            yield name, profile


@pytest.mark.parametrize(("name", "profile"), sorted(_raw()))
def test_raw_event(name: str, profile: str) -> None:
    entry = EVENTS[name]
    asked = dict.fromkeys(entry.get("asked", ()), True)
    found = project([{**MOMENT, **entry["event"]}], TAXONOMY.profiles[profile], TAXONOMY, asked)
    if profile == "sigma":  # beside the log source that the table describes: that of the whole data stream
        found = [row for row in found if row["$logsource"] in TAXONOMY.logsources]
    if entry[profile] == "none":
        assert found == []
        return
    assert len(found) == 1
    for field, value in entry[profile].items():
        assert found[0].get(field) == value, field


@pytest.mark.parametrize("profile", sorted(TAXONOMY.profiles))
@pytest.mark.parametrize("name", RULES)
def test_translation_takes_the_same_events(name: str, profile: str) -> None:
    entry = RULES[name]
    rule = Rule(
        rule_id="00000000-0000-0000-0000-000000000001",
        name="Linux",
        type="eql",
        source="linux.toml",
        language="eql",
        query=entry["query"],
        description="Linux.",
        severity="low",
        created="2026-01-01",
        index=tuple(entry.get("index", ())),
    )
    detection = parse_rule(rule)
    translation = translate(rule, detection, TAXONOMY.profiles[profile], TAXONOMY)
    if profile not in entry["profiles"]:
        assert translation.text is None
        return
    assert translation.text is not None, translation.reasons
    cases = [
        Case(rule.rule_id, f"{expect} {number}", expect, ({**MOMENT, **entry["base"], **change},), name)
        for expect in ("match", "no_match")
        for number, change in enumerate(entry[expect])
    ]
    emitted = Translated(translation.profile, translation.text, directions(()))
    schemas = {profile: schemas_of(TAXONOMY.profiles[profile])}
    parity = check(compile_detection(detection), cases, [emitted], TAXONOMY, schemas, asked_fields(detection))
    assert parity.mislabelled == ()
    failed = [
        (verdict.case.name, verdict.got, verdict.error) for verdict in parity.verdicts if verdict.failed
    ]
    assert failed == [], translation.text
