"""How an entry stands in the report: each event of a witness on a line, all else as JSON is indented."""

from __future__ import annotations

import json
from typing import Any

import pytest

from converter.report.rule_entry import as_written

EVENT: dict[str, Any] = {"process": {"name": 'a "events": [] b', "args": ["é", 1]}, "empty": []}
WITNESSES: dict[str, Any] = {
    "none": {},
    "not shown": {"wider": None},
    "by hand": {"wider": {"case": "one", "origin": "rule.yml"}},
    "in both directions": {
        "wider": {"case": '"events": []', "events": [EVENT, EVENT]},
        "narrower": {"case": "two", "events": [EVENT]},
    },
    "of no event": {"wider": {"case": "three", "events": []}},
}


@pytest.mark.parametrize("witnesses", WITNESSES.values(), ids=WITNESSES)
def test_an_entry_is_the_same_json(witnesses: dict[str, Any]) -> None:
    plain = {"profile": "sigma", "reasons": []}
    entry = {"translations": [{**plain, "witnesses": witnesses}, plain], "name": 'x "events": [] y\n'}
    written = as_written(entry).decode()
    assert json.loads(written) == entry
    shown = sum(len((one or {}).get("events", ())) for one in witnesses.values())
    lines = [line.strip().rstrip(",") for line in written.splitlines()]
    assert lines.count(json.dumps(EVENT, ensure_ascii=False)) == shown


def test_all_else_is_indented() -> None:
    entry = {"translations": [{"profile": "sigma"}], "cases": {"positive": 1}}
    assert as_written(entry).decode() == json.dumps(entry, indent=2).replace("\n", "\n    ")
