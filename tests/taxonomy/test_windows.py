"""The tables of Windows' logs: against raw events, and in translations."""

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
from converter.lowering.conversions.hexadecimal import hexadecimal_text
from converter.lowering.fidelity import directions
from converter.pipeline import translate
from converter.taxonomy import load_taxonomy
from converter.taxonomy.columns import schemas_of

TAXONOMY = load_taxonomy()
HERE = Path(__file__).parent
EVENTS: dict[str, Any] = yaml.safe_load((HERE / "windows_events.yaml").read_text("utf-8"))
RULES: dict[str, Any] = yaml.safe_load((HERE / "windows_rules.yaml").read_text("utf-8"))
PROFILES = ("sigma", "windows", "sysmon", "sentinel")
MOMENT = {"@timestamp": "2026-01-01T00:00:00.000Z"}


def _expected() -> Iterator[tuple[str, str]]:
    for name, entry in EVENTS.items():
        yield from ((name, profile) for profile in PROFILES if profile in entry)


def _translations() -> Iterator[tuple[str, str]]:
    for name, entry in RULES.items():
        yield from ((name, profile) for profile in entry["profiles"])


@pytest.mark.parametrize(("name", "profile"), list(_expected()))
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
    assert {field: found[0].get(field) for field in entry[profile]} == entry[profile]


@pytest.mark.parametrize(("name", "profile"), list(_translations()))
def test_translation_takes_the_same_events(name: str, profile: str) -> None:
    entry = RULES[name]
    rule = Rule(
        rule_id="00000000-0000-0000-0000-000000000001",
        name="Windows",
        type="query",
        source="windows.toml",
        language="kuery",
        query=entry["query"],
        description="Windows.",
        severity="low",
        created="2026-01-01",
    )
    detection = parse_rule(rule)
    translation = translate(rule, detection, TAXONOMY.profiles[profile], TAXONOMY)
    assert translation.text is not None, translation.reasons
    assert translation.reasons == ()
    cases = [
        Case(rule.rule_id, f"{expect} {number}", expect, ({**MOMENT, **entry["base"], **change},), name)
        for expect in ("match", "no_match")
        for number, change in enumerate(entry[expect])
    ]
    emitted = Translated(translation.profile, translation.text, directions(translation.reasons))
    schemas = {profile: schemas_of(TAXONOMY.profiles[profile])}
    parity = check(compile_detection(detection), cases, [emitted], TAXONOMY, schemas, asked_fields(detection))
    assert parity.mislabelled == ()
    assert [(one.case.name, one.got, one.error) for one in parity.verdicts if one.failed] == []


@pytest.mark.parametrize(("number", "text"), [("0", "0x0"), (4660, "0x1234"), ("-1", None), ("x", None)])
def test_hexadecimal(number: object, text: str | None) -> None:
    assert hexadecimal_text(number) == text
