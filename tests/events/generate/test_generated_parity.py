"""Rules whose every translation agrees with the original on the generated cases, but for what it declares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.elastic.rule import NewTermsSpec, Rule, ThreatMatchSpec, ThresholdSpec
from converter.lowering.fidelity import Fidelity
from converter.pipeline import Settings, convert_rule
from converter.taxonomy import load_taxonomy

RULES = yaml.safe_load(Path(__file__).with_name("parity.yaml").read_text(encoding="utf-8"))


def _threat_match(query: str, mapping: list[tuple[str, str]]) -> ThreatMatchSpec:
    """A list of indicators, of which an event shares one of these fields."""
    return ThreatMatchSpec(("ti-*",), query, "kuery", tuple((tuple(pair),) for pair in mapping))


@pytest.mark.parametrize("entry", RULES, ids=lambda entry: entry["name"])
def test_generated_cases(entry: dict[str, Any]) -> None:
    terms, counted = entry.get("new_terms"), entry.get("threshold")
    values = tuple((name, least) for name, least in entry.get("cardinality", ()))
    plain = entry["language"] if entry["language"] in ("eql", "esql") else "query"
    threats = entry.get("threats")
    rule = Rule(
        rule_id="00000000-0000-4000-8000-000000000002",
        name=entry["name"],
        type="new_terms" if terms else "threshold" if counted else "threat_match" if threats else plain,
        source="rule.toml",
        language=entry["language"],
        query=entry["query"],
        index=tuple(entry.get("index", ())),
        threshold=ThresholdSpec(tuple(counted), 3, values) if counted else None,
        new_terms=NewTermsSpec(tuple(terms), 7 * 86_400_000) if terms else None,
        threat_match=_threat_match(**threats) if threats else None,
    )
    profiles = tuple(entry.get("profiles", load_taxonomy().profiles))
    outcome = convert_rule(rule, Settings(profiles, max_cases=120))
    assert outcome.error is None
    assert any(case.expect == "match" for case in outcome.cases)
    assert outcome.parity is not None and not outcome.parity.mislabelled
    translated = [made for made in outcome.translations if made.text is not None]
    assert translated or entry.get("refused")
    failed = [(one.profile, one.case.name, one.error) for one in outcome.parity.verdicts if one.failed]
    assert not failed
    for made in translated:
        codes = {reason.code for reason in made.reasons}
        assert not codes if made.profile.name in entry.get("exact", ()) else True
        assert codes.isdisjoint(entry.get("unsaid", ()))
        declared = {(made.profile.name, reason.direction.value) for reason in made.reasons}
        assert declared.isdisjoint(map(tuple, entry.get("undeclared", ())))
        assert declared.issuperset(map(tuple, entry.get("declared", ())))
    for profile, direction in entry.get("witnessed", ()):
        witness = outcome.parity.witness(profile, Fidelity(direction))
        assert witness is not None, (profile, direction)
