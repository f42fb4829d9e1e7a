"""Timelines that are run ahead of their cases: the same verdicts, without a second run."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.elastic.load import load_paths
from converter.elastic.parse import parse_rule
from converter.evaluate.elastic import compile_detection
from converter.events.generate import generate_cases
from converter.harness.parity import Translated
from converter.harness.queries import Queries
from converter.harness.runs import Answers
from converter.harness.verification import Verification, verification_of
from converter.lowering.fidelity import directions
from converter.taxonomy import load_taxonomy
from converter.translate import translate

TAXONOMY = load_taxonomy()
RULE = load_paths([Path(__file__).parents[2] / "fixtures" / "rules" / "suspicious_cmd_wmi.toml"]).rules[0]
DETECTION = parse_rule(RULE)
CASES = generate_cases(RULE, DETECTION, TAXONOMY, 20).cases


def _verification(name: str, text: str = "") -> Verification:
    profile = TAXONOMY.profiles[name]
    made = translate(RULE, DETECTION, profile, TAXONOMY)
    emitted = Translated(profile, text or made.text or "", directions(made.reasons))
    original = compile_detection(DETECTION, index=RULE.index)
    return verification_of(original, DETECTION, Queries([emitted]), TAXONOMY)


@pytest.mark.parametrize("name", ["sigma", "sysmon", "defender_xdr"])
@pytest.mark.parametrize("text", ["", "| | |"], ids=["as translated", "no query"])
def test_the_verdicts_are_the_same(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead, plain = _verification(name, text), _verification(name, text)
    for case in CASES:
        ahead.ahead(case.timeline)
    expected = plain.parity(CASES)
    monkeypatch.delattr(Answers, "of")
    assert ahead.parity(CASES) == expected
    assert len(expected.verdicts) == len(CASES) > 20
