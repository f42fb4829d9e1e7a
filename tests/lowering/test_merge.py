"""Parts that say the same of records that differ by a value: one part, and never one that takes more."""

from __future__ import annotations

import re

import pytest

from converter.elastic.rule import Rule
from converter.harness.outcome import Outcome
from converter.pipeline import Settings, convert_rule

FILES = 'file where host.os.type == "windows" and event.type {types} and file.name : "a.dll"'
REGISTRY = (
    'registry where event.type {types} and registry.path : "HKLM\\\\a\\\\b" and not process.name : "c.exe"'
)


def _converted(profile: str, query: str) -> Outcome:
    rule = Rule(
        rule_id="00000000-0000-0000-0000-000000000001",
        name="Merged",
        type="eql",
        source="merged.toml",
        language="eql",
        query=query,
        description="Merged.",
        severity="low",
        created="2026-01-01",
        index=("logs-endpoint.events.*", "logs-windows.sysmon_operational-*"),
    )
    return convert_rule(rule, Settings((profile,), max_cases=400))


def _told(text: str, name: str) -> list[str]:
    """What the query asks of the field that tells the records, in the order of the text."""
    return re.findall(rf"\b{name}(?: == |=| in | IN )(\([^)]*\)|[\w\"]+)", text)


REMOVED = 'in ("creation", "deletion")'
CHANGED = 'in ("change", "deletion")'


@pytest.mark.parametrize(
    ("profile", "query", "field", "said"),
    [
        # One value differs: either of the two.
        ("defender_xdr", FILES.format(types=REMOVED), "ActionType", ['("FileCreated", "FileDeleted")']),
        ("cim", FILES.format(types=REMOVED), "Filesystem.action", ["(created, deleted)"]),
        # EventCode and EventType differ: two events, so that no deletion is taken for a value that is set.
        ("sysmon", REGISTRY.format(types=CHANGED), "EventCode", ["13", "12"]),
        # EventType alone differs: one event with either.
        ("sysmon", REGISTRY.format(types=REMOVED), "EventCode", ["12"]),
    ],
)
def test_values_that_differ(profile: str, query: str, field: str, said: list[str]) -> None:
    outcome = _converted(profile, query)
    assert _told(outcome.translations[0].text or "", field) == said
    assert outcome.parity is not None
    assert not any(verdict.failed for verdict in outcome.parity.verdicts)


def test_a_merged_part_shares_its_records_with_other_steps() -> None:
    # The first step takes created and deleted files, the second deleted ones: one event may be of both, and
    # must not be its own successor.
    steps = " ".join(f"[{FILES.format(types=types)}]" for types in (REMOVED, '== "deletion"'))
    outcome = _converted("sysmon", f"sequence by host.id {steps}")
    assert outcome.parity is not None
    assert not any(verdict.failed for verdict in outcome.parity.verdicts)
