"""The tables of cloud and SaaS logs: against the schemas, against raw events, and in translations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from entries import (
    TAXONOMY,
    assert_recorded,
    assert_takes_the_same,
    entries,
    expected,
    translated,
    translation_of,
)

from converter.lowering.conversions.items import with_items
from converter.lowering.conversions.java_map import as_json
from converter.lowering.conversions.pair import with_pair
from converter.lowering.conversions.told import alternatives
from converter.lowering.fidelity import directions
from converter.taxonomy.columns import schemas_of
from converter.taxonomy.model import Record, Shape
from converter.taxonomy.open_names import OPEN, stands_for

EVENTS, RULES = entries("cloud_events"), entries("cloud_rules")
FAMILIES = (
    "aws",
    "azure",
    "cyberark",
    "entra",
    "gcp",
    "github",
    "google_workspace",
    "kubernetes",
    "microsoft365",
    "okta",
)
RECORDS = [record for record in TAXONOMY.records if record.family in FAMILIES]
SIGMA_SERVICES = {
    ("aws", "cloudtrail"),
    ("azure", "activitylogs"),
    ("azure", "auditlogs"),
    ("azure", "riskdetection"),
    ("azure", "signinlogs"),
    ("gcp", "gcp.audit"),
    ("gcp", "google_workspace.admin"),
    ("gcp", "google_workspace.login"),
    ("github", "audit"),
    ("kubernetes", "audit"),
    ("m365", "audit"),
    ("okta", "okta"),
}
"""As SigmaHQ's taxonomy and rules have them."""
EXTENSIONS = {
    ("azure", "aadgraphactivitylogs"),
    ("azure", "microsoftgraphactivitylogs"),
    ("azure", "platformlogs"),
    ("azure", "riskyusers"),
    ("cyberark", "audit"),
    ("gcp", "google_workspace.alert"),
    ("gcp", "google_workspace.device"),
    ("gcp", "google_workspace.drive"),
    ("gcp", "google_workspace.groups"),
    ("gcp", "google_workspace.saml"),
    ("gcp", "google_workspace.token"),
    ("gcp", "google_workspace.user_accounts"),
}
"""Services that follow their pattern and that SigmaHQ does not list."""


def _kusto() -> Iterator[tuple[Record, Shape]]:
    for record in RECORDS:
        for name, shape in record.shapes.items():
            if TAXONOMY.profiles[name].target == "kql":
                yield record, shape


def test_every_family_has_records() -> None:
    assert {record.family for record in RECORDS} == set(FAMILIES)


@pytest.mark.parametrize(("record", "shape"), list(_kusto()), ids=lambda value: getattr(value, "name", ""))
def test_kusto_columns_exist(record: Record, shape: Shape) -> None:
    types = schemas_of(TAXONOMY.profiles[shape.profile])[shape.table or ""]
    for expression in shape.extend.values():
        column = re.findall(r"\(([A-Z]\w*)", expression)[-1]
        assert column in types, expression
        if (
            "parse_json" not in expression
            and "extract" not in expression
            and "parse_url" not in expression
            and "." in expression
        ):
            assert types[column] == "dynamic", expression
    assert (shape.time or "TimeGenerated") in types
    for ecs in record.cells:
        cell = record.cell(ecs, shape.profile)
        if cell is None:
            continue
        column = cell.field.partition(".")[0]
        opened = OPEN in ecs and any(stands_for(name, column) for name in shape.extend)
        assert column in types or column in shape.extend or opened, f"{ecs}: {cell}"
        if "." in cell.field:
            document = shape.extend.get(column, "").startswith("parse_json(")
            assert document or types[column] == "dynamic", f"{ecs}: {cell}"


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_conditions_ask_columns_that_there_are(record: Record) -> None:
    for row in record.cells.values():
        for profile, cell in row.items():
            if cell is None or cell.conversion != "told":
                continue
            names = _told_fields(TAXONOMY.maps[cell.argument])
            if TAXONOMY.profiles[profile].target == "kql":
                shape = record.shapes[profile]
                types = schemas_of(TAXONOMY.profiles[profile])[shape.table or ""]
                assert all(name in types or name in shape.extend for name in names), str(cell)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_sigma_log_sources_are_sigmahqs(record: Record) -> None:
    source = record.shapes["sigma"].logsource
    assert (source["product"], source["service"]) in SIGMA_SERVICES | EXTENSIONS


@pytest.mark.parametrize(("name", "profile"), expected(EVENTS))
def test_raw_event(name: str, profile: str) -> None:
    assert_recorded(EVENTS[name], profile)


@pytest.mark.parametrize(("name", "profile"), translated(RULES))
def test_translation_takes_the_same_events(name: str, profile: str) -> None:
    entry = RULES[name]
    translation = translation_of(entry, "kuery", profile)
    found = {f"{reason.direction.value} {reason.code}" for reason in translation.reasons}
    assert sorted(found) == sorted(entry.get("reasons", []))
    assert_takes_the_same(entry, "kuery", translation, directions(translation.reasons))


@pytest.mark.parametrize(
    ("text", "json_text"),
    [
        ("{a=b, c={d=[e, f]}}", '{"a":"b","c":{"d":["e","f"]}}'),
        ("{a=b, c, d=e}", '{"a":"b, c","d":"e"}'),
        ("{items=[{x=1}, {x=2}]}", '{"items":[{"x":"1"},{"x":"2"}]}'),
        ("no map a=b", '"no map a=b"'),
        ("{a=b", '"{a=b"'),
    ],
)
def test_java_map_as_json(text: str, json_text: str) -> None:
    assert as_json(text) == json_text


def test_items_of_one_array_share_their_objects() -> None:
    text = with_items(None, "name", ["a", "b"])
    assert with_items(text, "image", ["x"]) == '[{"name":"a","image":"x"},{"name":"b"}]'
    assert with_items(None, "verbs[]", ["get", "list"]) == '[{"verbs":["get","list"]}]'


def test_both_values_of_a_named_property_share_its_object() -> None:
    text = with_pair(None, "Name:P:NewValue", ["1"])
    assert with_pair(text, "Name:P:OldValue", ["0"]) == '[{"Name":"P","NewValue":"1","OldValue":"0"}]'


def test_a_condition_must_be_one() -> None:
    with pytest.raises(ValueError, match="not a condition"):
        alternatives("errorCode")


def _told_fields(table: dict[str, str] | Any) -> set[str]:
    texts = [text for text in table.values() if text != "?"]
    return {atom.field for text in texts for branch in alternatives(text) for atom in branch}


ADDRESSES = {
    "192.0.2.7": "192.0.2.7",
    "192.0.2.7:4021": "192.0.2.7",
    "[192.0.2.7]:4021": "192.0.2.7",
    "::ffff:192.0.2.7": "192.0.2.7",
    "[::ffff:192.0.2.7]:4021": "192.0.2.7",
    "2001:db8::7": "2001:db8::7",
    "[2001:db8::7]": "2001:db8::7",
    "[2001:db8::7]:4021": "2001:db8::7",
    "mail.example.com": None,
}


@pytest.mark.parametrize("profile", ["addons", "sentinel", "defender_xdr"])
@pytest.mark.parametrize("text", ADDRESSES)
def test_address_of_a_microsoft_365_record(text: str, profile: str) -> None:
    """Each query takes out of the log's text what Elastic's pipeline takes."""
    record = next(one for one in TAXONOMY.records if one.name == "microsoft365_audit")
    pattern = re.search(r'"(\^[^"]+\$)"', record.shapes[profile].extend["client_address"])
    assert pattern is not None
    found = re.match(pattern[1], text)
    assert (found and found[1]) == ADDRESSES[text]
