"""What stands behind `tstats`, which puts a text for a missing field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.backends.splunk import write_filled
from converter.elastic.eql.parse import parse_eql
from converter.evaluate.spl import compile_spl
from converter.ir import EventQuery

CASES = yaml.safe_load(Path(__file__).with_name("tstats.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["eql"]))
def test_what_was_filled_is_missing(case: dict[str, Any]) -> None:
    detection = parse_eql(f"any where {case['eql']}")
    assert isinstance(detection, EventQuery)
    written = write_filled(detection.predicate)
    assert written == case["splunk"]
    query = compile_spl(f'* | fillnull value="null" a | where {written}')
    for expected in (True, False):
        for event in case["takes" if expected else "leaves"]:
            assert bool(query.run([event])) is expected, event
