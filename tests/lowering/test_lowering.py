"""Lowering and writing as data: a query, a record, and what each profile says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.backends.emit import emit
from converter.elastic.eql.parse import parse_eql
from converter.elastic.kuery import parse_kuery
from converter.elastic.types import field_type
from converter.ir import Detection, EventQuery, Threshold
from converter.lowering.fidelity import Refused
from converter.lowering.given import Given
from converter.lowering.lower import lower
from converter.sigma.detection import detection
from converter.sigma.plan import draft
from converter.taxonomy import load_taxonomy
from converter.taxonomy.columns import schemas_of

CASES: list[dict[str, Any]] = [
    case
    for path in sorted(Path(__file__).parent.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text("utf-8"))
]


def _parsed(case: dict[str, Any]) -> Detection:
    """The case's query, in EQL or Kuery; counted by a field, where it says of what."""
    if "eql" in case:
        return parse_eql(case["eql"])
    predicate = parse_kuery(case["kuery"])
    if "counted" not in case:
        return EventQuery(predicate)
    return Threshold(predicate, (case["by"],), 1, ((case["counted"], 2),))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    taxonomy = load_taxonomy()
    profile = taxonomy.profiles[case["profile"]]
    given = Given(profile, taxonomy, field_type, case.get("index", ()), 540_000)
    try:
        lowered = lower(_parsed(case), given)
        if profile.target == "sigma":
            sigma, lost = draft(lowered.plan)
            text = yaml.safe_dump([detection(item.predicate) for item in sigma.detections], sort_keys=False)
            reasons = (*lowered.reasons, *lost)
        else:
            text, reasons = emit(lowered.plan, profile, schemas_of(profile)), lowered.reasons
    except Refused as refusal:
        text, reasons = "", refusal.reasons
    for part in case.get("has", ()):
        assert part in text, text
    for part in case.get("lacks", ()):
        assert part not in text, text
    expected = {tuple(reason.split()) for reason in case.get("reasons", ())}
    found = {
        tuple(filter(None, (reason.direction.value, reason.code, reason.field or ""))) for reason in reasons
    }
    assert found == expected
