"""A profile whose shapes and cells follow from those of another log's Windows events."""

from __future__ import annotations

import pytest

from converter.elastic.rule import Rule
from converter.evaluate.elastic.timeline import FOREIGN
from converter.events.foreign import foreign
from converter.lowering.fidelity import Fidelity
from converter.pipeline import Settings, convert_rule
from converter.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy()
RECORDS = {record.name: record for record in TAXONOMY.records}


def test_sysmons_events_are_those_of_its_channel() -> None:
    record = RECORDS["windows_network_inbound"]
    shape = record.shapes["sentinel"]
    assert shape.table == "WindowsEvent"
    assert shape.where == {
        "Channel": ("Microsoft-Windows-Sysmon/Operational",),
        "EventID": ("3",),
        "EventData.Initiated": ("false",),
    }
    assert (shape.time, shape.order) == ("EventData.UtcTime", "EventRecordId")
    assert str(record.cell("process.name", "sentinel")) == "EventData.Image|file_name"
    assert str(record.cell("host.name", "sentinel")) == "Computer"


def test_sysmon_for_linux_is_not_a_windows_event() -> None:
    assert "sentinel" not in RECORDS["linux_process_creation"].shapes


def test_a_foreign_row_differs_inside_of_an_object() -> None:
    """As a column of its own the other value would change nothing that a query asks."""
    shape = RECORDS["registry_add"].shapes["sentinel"]
    rows = [
        foreign({"EventData": {"EventType": "CreateKey", "Image": "x"}}, shape, {FOREIGN: number})
        for number in range(1, 7)
    ]
    inside = [row["EventData"]["EventType"] for row in rows if row is not None]
    assert inside == ["CreateKey"] * 4 + ["CreateKey-other", "other-CreateKey"]


def test_a_flag_has_no_third_value() -> None:
    """A query that takes both of its values need not ask for it."""
    shape = RECORDS["windows_network_inbound"].shapes["sentinel"]
    row = {"EventData": {"Initiated": "false"}}
    rows = [foreign(row, shape, {FOREIGN: number}) for number in range(1, 9)]
    assert all(made["EventData"]["Initiated"] == "false" for made in rows if made is not None)


@pytest.mark.parametrize(
    ("second", "fidelity"),
    [
        ('[network where host.os.type == "windows" and process.name : "x.exe"]', Fidelity.NARROWER),
        ('[file where host.os.type == "windows" and event.type == "creation"]', Fidelity.EXACT),
        # PowerShell's channel numbers its own records: no number tells which of the two was first.
        ('[any where event.code == "4104" and powershell.file.script_block_id : "x"]', Fidelity.WIDER),
    ],
)
def test_records_of_one_channel_are_ordered_by_number(second: str, fidelity: Fidelity) -> None:
    rule = Rule(
        rule_id="00000000-0000-0000-0000-000000000001",
        name="Numbered",
        type="eql",
        source="numbered.toml",
        language="eql",
        query=f'sequence by host.id with maxspan=5s [process where host.os.type == "windows" '
        f'and event.type == "start" and process.name : "a.exe"] {second}',
        description="Numbered.",
        severity="low",
        created="2026-01-01",
    )
    outcome = convert_rule(rule, Settings(("sentinel",), max_cases=400))
    (translation,) = outcome.translations
    assert translation.fidelity is fidelity, translation.reasons
    text = translation.text or ""
    assert ("place asc, step desc" in text) == ("equal-timestamps" not in _codes(translation.reasons))
    assert outcome.parity is not None and not any(verdict.failed for verdict in outcome.parity.verdicts)


def _codes(reasons: tuple[object, ...]) -> set[str]:
    return {str(getattr(reason, "code", "")) for reason in reasons}
