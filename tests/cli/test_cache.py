"""What became of a rule is kept: only what changed is converted again, and the bytes are the same."""

from __future__ import annotations

import marshal
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from converter import cache
from converter.cli import main
from converter.elastic.load import load_paths
from converter.pipeline import Settings, convert_rule
from converter.report.account import account, account_of, plain

RULES = Path(__file__).parents[2] / "fixtures" / "rules"
EVENTS = Path(__file__).parents[2] / "fixtures" / "events"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the bundled rules and their cases, to be edited."""
    shutil.copytree(RULES, tmp_path / "rules")
    shutil.copytree(EVENTS, tmp_path / "events")
    return tmp_path


def convert(place: Path, out: str = "out", *options: str) -> Any:
    arguments = [
        "convert",
        str(place / "rules"),
        "--out",
        str(place / out),
        "--max-cases",
        "20",
        "--profile",
        "sysmon",
    ]
    result = CliRunner().invoke(main, [*arguments, "--cache", str(place / "kept"), *options])
    assert result.exit_code == 0, result.output
    return result.output


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_second_run_converts_nothing_and_writes_the_same_bytes(place: Path) -> None:
    first = convert(place, "a")
    assert "3 rules: 3 converted\n" in first
    second = convert(place, "b")
    assert "3 rules: 0 converted, 3 as they were before\n" in second
    assert files(place / "a") == files(place / "b")
    assert first.rpartition("3 rules")[0] == second.rpartition("3 rules")[0]


def test_an_edited_rule_is_converted_alone(place: Path) -> None:
    convert(place)
    rule = place / "rules" / "suspicious_cmd_wmi.toml"
    rule.write_text(rule.read_text("utf-8").replace("cmd.exe", "cmdx.exe"), "utf-8")
    fixtures = place / "events" / "suspicious_cmd_wmi"
    shutil.rmtree(fixtures)
    assert "3 rules: 1 converted, 2 as they were before" in convert(place)
    assert b"cmdx.exe" in (place / "out" / "splunk" / "sysmon" / "suspicious_cmd_wmi.spl").read_bytes()


def test_a_run_with_kept_rules_writes_what_one_without_writes(place: Path) -> None:
    """Also where two rules want one file name, and where a former run's translations stay in the folder."""
    rule = place / "rules" / "suspicious_cmd_wmi.toml"
    convert(place, "warm", "--profile", "cim")
    convert(place, "cold", "--profile", "cim", "--no-cache")
    convert(place, "warm")
    twin = place / "rules" / "below" / rule.name
    twin.parent.mkdir()
    text = rule.read_text("utf-8")
    twin.write_text(text.replace('rule_id = "', 'rule_id = "a'), "utf-8")
    rule.write_text(text.replace("cmd.exe", "cmdx.exe"), "utf-8")
    shutil.rmtree(place / "events" / "suspicious_cmd_wmi")
    assert "4 rules: 2 converted, 2 as they were before" in convert(place, "warm")
    convert(place, "cold", "--no-cache")
    assert files(place / "warm") == files(place / "cold")
    assert len(list((place / "warm" / "splunk").rglob("suspicious_cmd_wmi_*.spl"))) == 1
    assert "4 rules: 0 converted" in convert(place, "warm")
    assert files(place / "warm") == files(place / "cold")


def test_what_is_kept_is_the_whole_account(place: Path) -> None:
    profiles = ("sigma", "sysmon", "cim")
    settings = Settings(profiles, max_cases=20)
    for rule in load_paths([place / "rules"]).rules:
        told = account(convert_rule(rule, settings), profiles)
        assert account_of(marshal.loads(marshal.dumps(plain(told)))) == told


def test_a_missing_entry_is_converted_again(place: Path) -> None:
    convert(place, "a")
    entry = next(path for path in (place / "kept").rglob("*") if path.is_file())
    entry.unlink()
    assert "3 rules: 1 converted, 2 as they were before" in convert(place, "b")
    assert files(place / "a") == files(place / "b")
    assert entry.is_file()


def test_a_place_in_the_file_is_part_of_the_rule(place: Path) -> None:
    """A line more above the query moves the places of reasons, and nothing else."""
    convert(place)
    rule = place / "rules" / "wmi_incoming_lateral_movement.toml"
    rule.write_text("\n" + rule.read_text("utf-8"), "utf-8")
    assert "3 rules: 1 converted" in convert(place)


def test_an_edited_case_converts_its_rule(place: Path) -> None:
    convert(place)
    case = next((place / "events" / "suspicious_cmd_wmi").rglob("*.yaml"))
    case.write_text(case.read_text("utf-8").replace("name: ", "name: other ", 1), "utf-8")
    assert "3 rules: 1 converted" in convert(place)


def test_other_settings_convert_everything(place: Path) -> None:
    convert(place)
    assert "3 rules: 3 converted" in convert(place, "out", "--profile", "cim")


@pytest.mark.parametrize("damage", [b"", b"{}", b"\x00\xff", None])
def test_a_damaged_entry_is_converted_again(place: Path, damage: bytes | None) -> None:
    convert(place, "a")
    entry = max(
        (path for path in (place / "kept").rglob("*") if path.is_file()), key=lambda path: path.stat().st_size
    )
    sound = entry.read_bytes()
    entry.write_bytes(sound.replace(b"Image", b"Imagf", 1) if damage is None else damage)
    assert "3 rules: 1 converted, 2 as they were before" in convert(place, "b")
    assert files(place / "a") == files(place / "b")
    assert entry.read_bytes() == sound


def test_an_upgrade_finds_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    convert(place)
    monkeypatch.setattr(cache, "_package", lambda: "another version")
    assert "3 rules: 3 converted" in convert(place)


def test_no_cache_keeps_nothing(place: Path) -> None:
    arguments = ["convert", str(place / "rules"), "--out", str(place / "out"), "--no-generate", "--no-cache"]
    result = CliRunner().invoke(main, [*arguments, "--cache", str(place / "kept")])
    assert result.exit_code == 0
    assert "as they were before" not in result.output
    assert not (place / "kept").exists()


def test_a_folder_that_cannot_be_written_is_no_error(place: Path) -> None:
    (place / "kept").write_text("a file")
    assert "3 rules: 3 converted" in convert(place)
