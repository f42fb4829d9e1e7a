"""What the checks of Sigma files find, and that they do it without a network and the user's own cache."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.sigma.conventions import filename_prefix
from converter.sigma.validation import NEED_DATA, SCHEMAS, Checker, validate_sigma

CASES = yaml.safe_load((Path(__file__).parent / "validation.yaml").read_text(encoding="utf-8"))
FILE = "proc_creation_win_suspicious_shell.yml"
CORPUS = os.environ.get("RULE_CORPUS")


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No network, and a home that shows whether something was written there."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a check used the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    return home


def rule(change: dict[str, Any]) -> str:
    document = {**CASES["good"], **change}
    kept = {key: value for key, value in document.items() if value is not None}
    return yaml.safe_dump(kept, sort_keys=False)


def names(text: str, filename: str = FILE, schemas: Path | None = None) -> set[str]:
    return {issue.rule for issue in validate_sigma(text, filename, schemas)}


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["why"])
def test_rule(case: dict[str, Any]) -> None:
    assert names(rule(case["change"]), case.get("filename", FILE)) == set(case["found"])


@pytest.mark.parametrize("case", CASES["texts"], ids=lambda case: case["why"])
def test_text(case: dict[str, Any]) -> None:
    issues = validate_sigma(case["text"])
    assert [issue.rule for issue in issues] == case["found"]
    assert all(issue.severity == "error" for issue in issues)


def test_messages_are_short() -> None:
    [issue] = validate_sigma(rule({}), "file_event_win_shell_start.yml")
    assert issue.message == (
        "'Suspicious Shell Start': The rule filename prefix doesn't match the SigmaHQ convention; "
        "filename: file_event_win_shell_start.yml; logsource: windows/process_creation/-; "
        "prefix: proc_creation_win_"
    )
    wild = rule({"detection": {"selection": {"Image": "*a"}, "condition": "selection"}})
    [issue] = validate_sigma(wild, FILE)
    assert issue.message.endswith("detection_item: Image: *a")


def test_messages_name_no_path() -> None:
    broken = rule({"detection": {"selection": {"Image": "a"}, "condition": "nothing"}})
    messages = [issue.message for issue in validate_sigma(broken, FILE)]
    assert messages
    assert not [message for message in messages if str(Path.cwd()) in message]


@pytest.mark.skipif(CORPUS is None, reason="RULE_CORPUS is not set: the JSON Schemas are not in the project")
@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["why"])
def test_json_schemas(case: dict[str, Any]) -> None:
    schemas = Path(str(CORPUS)) / "schemas"
    expected = {*case["found"], *case.get("schema", ())}
    assert names(rule(case["change"]), case.get("filename", FILE), schemas) == expected


@pytest.mark.skipif(CORPUS is None, reason="RULE_CORPUS is not set")
def test_published_rules_are_right() -> None:
    """SigmaHQ's own rules pass its own validators, but for one that is known to differ."""
    checker = Checker(Path(str(CORPUS)) / "schemas")
    found = [
        issue.rule
        for path in sorted(Path(str(CORPUS)).glob("sigmahq-regression/*/rule.yml"))
        for issue in checker.check(path.read_text(encoding="utf-8"))
    ]
    assert set(found) <= {"specific_instead_of_generic_logsource"}
    assert len(found) <= 1


def test_a_schema_is_read_from_the_folder(tmp_path: Path) -> None:
    (tmp_path / SCHEMAS["detection"]).write_text(json.dumps({"required": ["license"]}), encoding="utf-8")
    issues = validate_sigma(rule({}), FILE, tmp_path)
    assert [(issue.rule, issue.severity) for issue in issues] == [("schema", "error")]
    assert "license" in issues[0].message


def test_a_correlation_and_its_rules() -> None:
    base = rule({"name": "shell"})
    second = rule(
        {"name": "other", "id": "8a6c3f7e-2b1d-4f0a-9c5e-1d2b3a4c5e70", "title": "Other Shell Start"}
    )
    correlation = {
        **{key: CASES["good"][key] for key in ("status", "description", "author", "date", "level")},
        "title": "Shells in Order",
        "id": "8a6c3f7e-2b1d-4f0a-9c5e-1d2b3a4c5e71",
        "tags": ["attack.execution"],
        "falsepositives": ["Administrators"],
        "correlation": {
            "type": "temporal_ordered",
            "rules": ["shell", "other"],
            "group-by": ["User"],
            "timespan": "2s",
        },
    }
    text = "---\n".join((base, second, yaml.safe_dump(correlation, sort_keys=False)))
    assert names(text, "correlation_shells_in_order.yml") == set()
    assert names(text, FILE) == {"sigmahq_correlation_filename_prefix"}
    assert names(text.replace("- shell\n", "- missing\n"), "correlation_shells_in_order.yml") == {"parsing"}


def test_files_must_differ() -> None:
    checker = Checker()
    assert checker.check(rule({}), FILE) == []
    assert checker.finish() == []
    assert checker.check(rule({}), "proc_creation_win_again.yml") == []
    assert {issue.rule for issue in checker.finish()} == {"identifier_uniqueness", "duplicate_title"}


def test_without_data_its_validators_are_left_out(offline: Path) -> None:
    assert Checker().skipped == NEED_DATA
    assert names(rule({"tags": ["attack.t9999"]})) == set()
    assert not offline.exists()


def test_every_validator_without_data_is_known() -> None:
    """A validator that starts to need data would use the network: the fixture above makes that fail."""
    fields = {"EventID": 1, "Hashes|contains": "MD5=0", "Provider_Name": "x", "nope nope": 1}
    text = rule({"detection": {"selection": fields, "condition": "selection"}})
    assert "sigmahq_space_field_name" in names(text)


@pytest.mark.parametrize("case", CASES["filenames"], ids=lambda case: str(case["logsource"]))
def test_filename_prefix(case: dict[str, Any]) -> None:
    logsource = case["logsource"]
    prefix = filename_prefix(*(logsource.get(key) for key in ("product", "category", "service")))
    assert prefix == case["prefix"]
    text = rule({"logsource": logsource})
    assert "sigmahq_filename_prefix" not in names(text, f"{prefix or 'any'}_shell_start.yml")
    assert ("sigmahq_filename_prefix" in names(text, "other_shell_start.yml")) is (prefix is not None)


def test_a_category_implies_event_ids_and_providers() -> None:
    fields = {"EventID": 1, "Provider_Name": "Microsoft-Windows-Sysmon"}
    found = names(rule({"detection": {"selection": fields, "condition": "selection"}}))
    assert found == {"sigmahq_category_event_id", "sigmahq_category_windows_provider_name"}


def test_with_data_they_run(tmp_path: Path, offline: Path) -> None:
    """The files are small ones of the publishers' shapes."""
    logsource = {"category": "process_creation", "product": "windows", "service": None}
    taxonomy = {"taxonomy": {"x": {"logsource": logsource, "field": {"native": ["Image"], "custom": []}}}}
    prefixes = {"pattern": {"x": {"logsource": logsource, "prefix": "proc_special_"}}}
    (tmp_path / "sigmahq_taxonomy.json").write_text(json.dumps(taxonomy), encoding="utf-8")
    (tmp_path / "sigmahq_filename.json").write_text(json.dumps(prefixes), encoding="utf-8")
    checker = Checker(data=tmp_path)
    assert "attacktag" in checker.skipped
    assert "sigmahq_filename_prefix" not in checker.skipped
    assert checker.check(rule({}), "proc_special_shell.yml") == []
    wrong = rule({"detection": {"selection": {"image": "a", "Nope": "b"}, "condition": "selection"}})
    found = {issue.rule for issue in checker.check(wrong, "file_event_win_shell.yml")}
    assert found == {"sigmahq_fieldname_cast", "sigmahq_invalid_fieldname", "sigmahq_filename_prefix"}
    assert not offline.exists()
