"""Thresholds and first-seen terms end to end: each target counts what the original counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.elastic.load import load_paths
from converter.harness.outcome import Outcome
from converter.pipeline import Settings, convert_rule

PROFILES = ("sysmon", "cim", "defender_xdr", "sentinel_asim")
QUERY = "event.category:process and host.os.type:windows and event.type:start and process.name:ping.exe"
HEAD = f'''
[metadata]
creation_date = "2024/01/01"
[rule]
author = ["Somebody"]
description = "Counts."
from = "now-9m"
index = ["logs-endpoint.events.process-*"]
language = "kuery"
name = "Something Is Counted"
query = "{QUERY}"
risk_score = 47
rule_id = "0d1ba1e2-8d8b-4b0f-9d3b-1f0e6a7c5b02"
severity = "medium"
'''
KINDS = {
    "threshold": 'type = "threshold"\n[rule.threshold]\nfield = ["user.name"]\nvalue = 3\n',
    "new_terms": (
        'type = "new_terms"\n[rule.new_terms]\nfield = "new_terms_fields"\nvalue = ["user.name"]\n'
        '[[rule.new_terms.history_window_start]]\nfield = "history_window_start"\nvalue = "now-14d"\n'
    ),
}


@pytest.fixture(scope="module", params=KINDS)
def outcome(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    path: Path = tmp_path_factory.mktemp("rules") / "counted.toml"
    path.write_text(HEAD + KINDS[request.param], "utf-8")
    [rule] = load_paths([path]).rules
    return convert_rule(rule, Settings(PROFILES, max_cases=60))


@pytest.mark.parametrize("profile", PROFILES)
def test_as_the_original(outcome: Outcome, profile: str) -> None:
    [translation] = [item for item in outcome.translations if item.profile.name == profile]
    assert translation.text is not None, translation.reasons
    assert outcome.parity is not None
    verdicts = [verdict for verdict in outcome.parity.verdicts if verdict.profile == profile]
    assert {verdict.got for verdict in verdicts} == {True, False}
    assert [verdict for verdict in verdicts if verdict.failed] == []


def test_all_events_of_a_data_model_counted(tmp_path: Path) -> None:
    """Nothing is asked of the rows and nothing groups them: `by` without a field is no search."""
    path = tmp_path / "counted.toml"
    query = 'query = "event.category:process and host.os.type:windows and event.type:start"'
    lines = [query if line.startswith("query =") else line for line in HEAD.splitlines()]
    path.write_text(
        "\n".join(lines) + '\ntype = "threshold"\n[rule.threshold]\nfield = []\nvalue = 3\n', "utf-8"
    )
    [rule] = load_paths([path]).rules
    outcome = convert_rule(rule, Settings(("cim",), max_cases=60))
    assert outcome.translations[0].text is not None
    assert outcome.parity is not None and outcome.parity.holds
    assert {verdict.got for verdict in outcome.parity.verdicts} == {True, False}


@pytest.mark.parametrize("kind", KINDS)
def test_records_that_call_a_key_differently(tmp_path: Path, kind: str) -> None:
    """Who logs on is the subject of one event and the target of another: both are one key, as in Elastic."""
    path = tmp_path / "counted.toml"
    query = (
        'index = ["logs-system.security*"]\n'
        'query = "event.category:authentication and host.os.type:windows and event.outcome:failure"'
    )
    lines = [
        query if line.startswith("query =") else line
        for line in HEAD.splitlines()
        if not line.startswith("index =")
    ]
    path.write_text("\n".join(lines) + "\n" + KINDS[kind], "utf-8")
    [rule] = load_paths([path]).rules
    outcome = convert_rule(rule, Settings(("windows", "sentinel"), max_cases=120))
    for translation in outcome.translations:
        text = str(translation.text)
        assert all(name in text for name in ("SubjectUserName", "TargetUserName", "by user_name"))
    assert outcome.parity is not None and outcome.parity.holds
    assert {verdict.got for verdict in outcome.parity.verdicts} == {True, False}


def test_names_out_of_the_paths_of_two_systems(tmp_path: Path) -> None:
    """Each system parts its paths otherwise: a program of Linux was counted by its whole path."""
    path = tmp_path / "counted.toml"
    query = (
        'query = "event.category:process and event.type:start and host.os.type:(windows or linux)'
        ' and process.args:x"'
    )
    lines = [query if line.startswith("query =") else line for line in HEAD.splitlines()]
    counted = 'type = "threshold"\n[rule.threshold]\nfield = ["process.name"]\nvalue = 3\n'
    path.write_text("\n".join(lines) + "\n" + counted, "utf-8")
    [rule] = load_paths([path]).rules
    outcome = convert_rule(rule, Settings(("sysmon", "sentinel_asim"), max_cases=120))
    assert any(case.name.startswith("the last of another kind") for case in outcome.cases)
    assert outcome.parity is not None and outcome.parity.holds
