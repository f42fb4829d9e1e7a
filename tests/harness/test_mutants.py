"""The harness can fail: one thing changed in an emitted file makes `validate` exit 1 and say where."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from converter.cli import main

ROOT = Path(__file__).parents[2]
RULES = ROOT / "fixtures" / "rules"
MUTANTS: list[dict[str, str]] = yaml.safe_load((Path(__file__).parent / "mutants.yaml").read_text("utf-8"))


@pytest.fixture(scope="session")
def emitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mission rules, converted once."""
    out = tmp_path_factory.mktemp("emitted")
    result = CliRunner().invoke(main, ["convert", str(RULES), "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out


def validate(folder: Path, rule: str) -> Any:
    path = RULES / f"{rule}.toml"
    return CliRunner().invoke(main, ["validate", str(folder), "--rules", str(path)])


def test_there_are_enough_mutants() -> None:
    assert len(MUTANTS) >= 40


@pytest.mark.parametrize("rule", sorted({mutant["rule"] for mutant in MUTANTS}))
def test_unchanged_files_are_at_parity(emitted: Path, rule: str) -> None:
    assert validate(emitted, rule).exit_code == 0


@pytest.mark.parametrize("mutant", MUTANTS, ids=[f"{m['file']}: {m['why']}" for m in MUTANTS])
def test_mutant_dies(emitted: Path, tmp_path: Path, mutant: dict[str, str]) -> None:
    folder = tmp_path / "out"
    shutil.copytree(emitted, folder)
    path = folder / mutant["file"]
    text = path.read_text("utf-8")
    assert mutant["find"] in text, "the mutant does not fit the emitted text"
    path.write_text(text.replace(mutant["find"], mutant["replace"], 1), "utf-8")
    result = validate(folder, mutant["rule"])
    assert result.exit_code == 1, "the mutant survived"
    target, *rest = mutant["file"].split("/")
    profile = rest[0] if len(rest) > 1 else "sigma"
    line = rf"FAILED .*: {target}/{profile}: case '.*': expected (no_)?match, got "
    assert re.search(line, result.output), result.output
