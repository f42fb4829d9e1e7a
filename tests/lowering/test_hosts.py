"""Records of one table that are told by the system of their host, as another table says it."""

from __future__ import annotations

import re

import pytest

from converter.elastic.rule import Rule
from converter.harness.outcome import Outcome
from converter.pipeline import Settings, convert_rule

LINUX = '| where DeviceId in (DeviceInfo | where OSPlatform == "Linux" | project DeviceId)'
BOTH = '| where DeviceId in (DeviceInfo | where OSPlatform in ("Linux", "macOS") | project DeviceId)'
DEVICES = (
    '[search sourcetype="mscs:azure:eventhub:defender:advancedhunting" category="AdvancedHunting-DeviceInfo" '
    "properties.OSPlatform{} earliest=-30d | dedup properties.DeviceId | fields properties.DeviceId]"
)
SYSTEMS = (
    ('host.os.type == "linux"', LINUX, "=Linux"),
    ('host.os.type in ("linux", "macos")', BOTH, " IN (Linux, macOS)"),
    # All systems: their marks and hosts say nothing together.
    ('host.os.type in ("linux", "macos", "windows")', None, None),
)


def _converted(profile: str, condition: str) -> Outcome:
    rule = Rule(
        rule_id="00000000-0000-0000-0000-000000000001",
        name="Hosts",
        type="eql",
        source="hosts.toml",
        language="eql",
        query=f'process where event.type == "start" and {condition}',
        description="Hosts.",
        severity="low",
        created="2026-01-01",
        index=("logs-endpoint.events.process-*",),
    )
    return convert_rule(rule, Settings((profile,), max_cases=400))


def _holds(outcome: Outcome) -> bool:
    codes = {reason.code for item in outcome.translations for reason in item.reasons}
    return (
        "log-source-shared" not in codes
        and outcome.parity is not None
        and not any(verdict.failed for verdict in outcome.parity.verdicts)
    )


@pytest.mark.parametrize(("systems", "said"), [(systems, said) for systems, said, _ in SYSTEMS])
def test_processes_of_systems(systems: str, said: str | None) -> None:
    outcome = _converted("defender_xdr", f'{systems} and process.command_line : "*abc*"')
    lines = (outcome.translations[0].text or "").splitlines()
    assert [line for line in lines if "DeviceInfo" in line] == ([] if said is None else [said])
    assert _holds(outcome)


@pytest.mark.parametrize(("systems", "said"), [(systems, said) for systems, _, said in SYSTEMS])
def test_streamed_processes_of_systems(systems: str, said: str | None) -> None:
    """Splunk asks the rows of the same table, streamed, in a subsearch."""
    outcome = _converted("defender", f'{systems} and process.command_line : "*abc*"')
    text = outcome.translations[0].text or ""
    assert re.findall(r"\[search .*?\]", text) == ([] if said is None else [DEVICES.format(said)])
    assert _holds(outcome)


def test_a_where_behind_two_systems() -> None:
    """A `where` can't tell Linux from macOS: where it is needed, each has a search of its own."""
    outcome = _converted(
        "defender",
        '(host.os.type == "linux" and process.command_line regex "a[bc]+") or '
        '(host.os.type == "macos" and process.command_line regex "d[ef]+")',
    )
    assert (outcome.translations[0].text or "").startswith("| multisearch\n    [ search sourcetype=")
    assert _holds(outcome)
