"""The EQL suite: each query that Elasticsearch's EQL still has returns the listed events, in order.

Its events have a number `serial_event_id`, a category `event_type` and a time `timestamp` in units of 100 ns
since 1601. They are evaluated in the order of the file, as the suite's first engine did it: two events
stand there a few milliseconds out of order, so the time that is used is never less than the one before.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import tomli
from eql_dialect import DROPPED, dropped, translate

from converter.evaluate.elastic import compile_eql

_CORPUS = os.environ.get("RULE_CORPUS")
_SUITE = Path(_CORPUS, "eql-conformance") if _CORPUS else None
_TYPES = {"source_address": "ip", "destination_address": "ip"}

pytestmark = pytest.mark.skipif(_SUITE is None, reason="RULE_CORPUS is not set")


def _cases() -> list[dict[str, Any]]:
    return [] if _SUITE is None else tomli.loads((_SUITE / "test_queries.toml").read_text("utf-8"))["queries"]


def _events() -> list[dict[str, Any]]:
    assert _SUITE is not None
    events = json.loads((_SUITE / "test_data.json").read_text("utf-8"))
    latest = 0
    for event in events:
        latest = max(latest, event["timestamp"] // 10_000 - 11_644_473_600_000)
        event["@timestamp"] = latest
    return events


@pytest.mark.parametrize("case", [case for case in _cases() if dropped(case) is None], ids=str)
def test_query_returns_listed_events(case: dict[str, Any]) -> None:
    text = translate(case)
    events = _events()
    found = compile_eql(text, category_field="event_type", field_types=_TYPES).run(events)
    numbers = [events[number]["serial_event_id"] for alert in found.alerts for number in alert]
    assert numbers == case["expected_event_ids"], text


def test_what_is_left_out() -> None:
    """Every query is run or left out for what Elasticsearch does not have; most are run."""
    counts = Counter(reason for case in _cases() if (reason := dropped(case)))
    print(f"left out of {len(_cases())} queries: {dict(counts)}")
    assert set(counts) <= set(DROPPED)
    assert sum(counts.values()) < len(_cases()) / 2
