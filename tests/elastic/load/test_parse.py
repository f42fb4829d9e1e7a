"""A rule's detection: what its type and its filters make of the query, with places of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from notation import show
from ruamel.yaml import YAML

from converter.elastic.load import load_paths
from converter.elastic.parse import parse_rule
from converter.ir import Detection, EventQuery, IndicatorMatch, NewTerms, Pipeline, Sequence, Threshold
from converter.source import NotSupportedError, SourceError

_CASES = YAML(typ="safe").load(Path(__file__).parent / "detections.yaml")


def _shown(detection: Detection) -> str:
    match detection:
        case EventQuery(predicate):
            return show(predicate)
        case Threshold(predicate, fields, value, cardinality):
            return f"{value} of {show(predicate)} by {', '.join(fields)} {cardinality}"
        case NewTerms(predicate, fields, window, since):
            return f"new {', '.join(fields)} of {show(predicate)} in {window} ms, the last {since}"
        case IndicatorMatch(predicate, indicators, mapping):
            return f"{show(predicate)} with {show(indicators)} on {mapping}"
        case Sequence(steps, maxspan, until):
            text = " ".join(f"[{show(step.predicate)}]" for step in steps)
            return f"{text} until [{show(until.predicate)}]" if until else f"{text} in {maxspan} ms"
        case Pipeline(sources):
            return f"pipeline from {', '.join(sources)}"
        case _:
            raise TypeError(detection)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in _CASES])
def test_case(case: dict[str, Any], tmp_path: Path) -> None:
    name = "r.ndjson" if case["rule"].startswith("{") else "r.toml"
    text = case["rule"] if name == "r.ndjson" else f"[rule]\nrule_id = 'r'\nname = 'n'\n{case['rule']}"
    (tmp_path / name).write_text(text, encoding="utf-8")
    loaded = load_paths([tmp_path / name])
    assert loaded.errors == []
    if "error" in case:
        with pytest.raises(SourceError) as caught:
            parse_rule(loaded.rules[0])
        assert str(caught.value) == case["error"]
        assert getattr(caught.value, "code", None) == case.get("code")
    else:
        detection = parse_rule(loaded.rules[0])
        assert _shown(detection) == case["is"]
        if "at" in case:
            assert str(detection.pos) == case["at"]


def test_every_rule_of_the_corpus_has_a_detection_or_a_refusal(rule_folder: Path) -> None:
    for rule in load_paths([rule_folder]).rules:
        try:
            detection = parse_rule(rule)
        except NotSupportedError as refusal:
            assert refusal.code != "not-supported", rule.source
            assert refusal.position is not None
            assert refusal.path == rule.source
        else:
            assert detection.pos is not None, rule.source
