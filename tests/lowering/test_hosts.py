"""Records of one table that are told by the system of their host, as another table says it."""

from __future__ import annotations

import pytest

from converter.elastic.rule import Rule
from converter.pipeline import Settings, convert_rule

LINUX = '| where DeviceId in (DeviceInfo | where OSPlatform == "Linux" | project DeviceId)'
BOTH = '| where DeviceId in (DeviceInfo | where OSPlatform in ("Linux", "macOS") | project DeviceId)'


@pytest.mark.parametrize(
    ("systems", "said"),
    [
        ('host.os.type == "linux"', LINUX),
        ('host.os.type in ("linux", "macos")', BOTH),
        # All systems: their marks and hosts say nothing together.
        ('host.os.type in ("linux", "macos", "windows")', None),
    ],
)
def test_processes_of_systems(systems: str, said: str | None) -> None:
    rule = Rule(
        rule_id="00000000-0000-0000-0000-000000000001",
        name="Hosts",
        type="eql",
        source="hosts.toml",
        language="eql",
        query=f'process where {systems} and event.type == "start" and process.command_line : "*abc*"',
        description="Hosts.",
        severity="low",
        created="2026-01-01",
        index=("logs-endpoint.events.process-*",),
    )
    outcome = convert_rule(rule, Settings(("defender_xdr",), generate=True))
    (translation,) = outcome.translations
    lines = (translation.text or "").splitlines()
    assert [line for line in lines if "DeviceInfo" in line] == ([] if said is None else [said])
    assert "log-source-shared" not in {reason.code for reason in translation.reasons}
    assert outcome.parity is not None and not any(verdict.failed for verdict in outcome.parity.verdicts)
