"""What became of a rule is kept: only what changed is converted again, and the bytes are the same."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from converter import cache
from converter.cli import main

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
