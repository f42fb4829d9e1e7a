"""Fields that begin with a text in every event of a record: what asks for another beginning is not of it."""

from __future__ import annotations

import pytest

from converter.elastic.rule import Rule
from converter.ir import Equals, Like, Not, Regex, Wild
from converter.ir.predicate import FALSE, TRUE, Predicate
from converter.lowering.recognise import in_record
from converter.pipeline import Settings, convert_rule
from converter.taxonomy import load_taxonomy

SHARE = next(record for record in load_taxonomy().records if record.name == "windows_share_5145")
ANY, ONE = Wild.ANY, Wild.ONE


@pytest.mark.parametrize(
    ("leaf", "can"),
    [
        (Equals("file.path", r"C:\x", ignore_case=True), False),
        (Equals("file.path", r"\??\C:\x", ignore_case=True), True),
        (Equals("file.path", "\\", ignore_case=True), False),  # it begins so, and ends before the rest
        (Like("file.path", (ONE, ":\\Users\\", ANY), True), False),
        (Like("file.path", (ANY, r"\x"), True), True),
        (Like("file.path", ("\\", ONE, "?\\C", ANY), True), True),
        (Like("file.name", (ONE, ":", ANY), True), True),
        (Regex("file.path", "C:.*", "lucene", True), True),  # not looked into
    ],
)
def test_what_can_be_asked_of_a_shares_path(leaf: Predicate, can: bool) -> None:
    assert in_record(leaf, SHARE) == (leaf if can else FALSE)
    assert in_record(Not(leaf), SHARE) == (Not(leaf) if can else TRUE)


@pytest.mark.parametrize(
    ("path", "narrower"),
    # No log but Windows' own holds the use of a share, which a path of any beginning means too.
    [(r"?:\\Users\\*", False), (r"*\\Users\\*", True)],
)
def test_a_rule_for_files_of_a_drive_does_not_speak_of_shares(path: str, narrower: bool) -> None:
    rule = Rule(
        rule_id="00000000-0000-0000-0000-000000000001",
        name="Files",
        type="eql",
        source="files.toml",
        language="eql",
        query=f'file where host.os.type == "windows" and file.path : "{path}"',
        description="Files.",
        severity="low",
        created="2026-01-01",
        index=("logs-endpoint.events.file-*", "winlogbeat-*"),
    )
    outcome = convert_rule(rule, Settings(("defender_xdr", "windows", "sentinel"), max_cases=400))
    found = {item.profile.name: {reason.code for reason in item.reasons} for item in outcome.translations}
    assert ("log-source-not-held" in found["defender_xdr"]) == narrower
    assert outcome.parity is not None and not any(verdict.failed for verdict in outcome.parity.verdicts)
