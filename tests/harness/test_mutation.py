"""The mutants of small texts, and the command that counts those that the cases catch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from converter.cli import main
from converter.harness.mutation.edit import Mutant
from converter.harness.mutation.known import METADATA, Known
from converter.harness.mutation.score import MUTANTS

RULES = Path(__file__).parents[2] / "fixtures" / "rules"
TEXTS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "mutation.yaml").read_text("utf-8"))
METADATA_WORDS: dict[str, list[str]] = {name: [] for name in METADATA}


def _mutants(item: dict[str, Any]) -> Iterator[Mutant]:
    words = {name: frozenset(words) for name, words in (METADATA_WORDS | item.get("words", {})).items()}
    tells = {name: frozenset(told) for name, told in item.get("tells", {}).items()}
    known = Known(words, there=frozenset(item.get("there", ())), tells=tells)
    return MUTANTS[item["target"]](item["text"], None, known)


@pytest.mark.parametrize("item", TEXTS, ids=[item["text"][:40] for item in TEXTS])
def test_mutants_of_a_text(item: dict[str, Any]) -> None:
    found = [(mutant.kind, mutant.text) for mutant in _mutants(item)]
    texts = [text for _, text in found]
    assert len(texts) == len(set(texts))
    assert item["text"] not in texts
    assert [made for made in item["made"] if tuple(made) not in found] == []
    assert [absent for absent in item.get("absent", ()) if absent in texts] == []


def test_command_prints_the_same_share_again(tmp_path: Path) -> None:
    rule, out = str(RULES / "suspicious_cmd_wmi.toml"), str(tmp_path / "out")
    quick = ["--no-generate", "--jobs", "1"]
    assert CliRunner().invoke(main, ["convert", rule, "--out", out, *quick]).exit_code == 0
    runs = [
        CliRunner().invoke(main, ["mutate", out, "--rules", rule, "--per-kind", "1", *quick])
        for _ in range(2)
    ]
    assert runs[0].exit_code == 0, runs[0].output
    assert runs[0].output == runs[1].output
    total = re.search(r"all +│ .*│ +(?P<share>[\d.]+) % of (?P<count>\d+) │", runs[0].output)
    assert total is not None, runs[0].output
    assert int(total["count"]) > 50
    assert float(total["share"]) > 60
    assert "survived: splunk/" in runs[0].output


def test_survivors_are_drawn_by_a_seed_and_shown_in_full(tmp_path: Path) -> None:
    rule, out = str(RULES / "suspicious_cmd_wmi.toml"), str(tmp_path / "out")
    quick = ["--no-generate", "--jobs", "1"]
    assert CliRunner().invoke(main, ["convert", rule, "--out", out, *quick]).exit_code == 0
    command = ["mutate", out, "--rules", rule, "--per-kind", "1", "--survivors", "3", *quick]
    drawn, again, other = (
        CliRunner().invoke(main, [*command, "--draw", seed]).output for seed in ("2", "2", "3")
    )
    assert drawn == again != other
    shown = drawn[drawn.index("survived: ") :].splitlines()
    assert len(shown) == 6  # each with the line around the change
    assert all(" -> " in line for line in shown[1::2])
