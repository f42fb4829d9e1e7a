"""Evaluates the cases of the YAML files: events and queries in, event numbers out.

A file is a list of cases. A case has `events` (or `series`, a short form for sequences), `query` (EQL) or
`queries`, and what they give: `alerts`. `types` are field types. See the files for the forms.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from converter.evaluate.elastic import compile_eql
from converter.evaluate.result import Matches

_HERE = Path(__file__).parent


def _cases() -> list[Any]:
    found = []
    for path in sorted(_HERE.glob("*.yaml")):
        for number, case in enumerate(YAML(typ="safe").load(path), 1):
            queries = case.pop("queries", None) or {case["query"]: case["alerts"]}
            for at, (query, alerts) in enumerate(queries.items(), 1):
                found.append(pytest.param(case, query, alerts, id=f"{path.stem}-{number}-{at}"))
    return found


def _series(text: str) -> list[dict[str, Any]]:
    """`a@0 b@1500/k2`: events with `is: a` at a time in milliseconds, with key `k` (k1 if none is given).

    `a+b` is an event that is both; `/-` has no key; `/k1,k2` has two.
    """
    events = []
    for word in text.split():
        what, _, rest = word.partition("@")
        time, _, key = rest.partition("/")
        event: dict[str, Any] = {"@timestamp": int(time), "is": what.split("+")}
        if key != "-":
            event["k"] = (key or "k1").split(",")
        events.append(event)
    return events


@pytest.mark.parametrize(("case", "query", "alerts"), _cases())
def test_case(case: dict[str, Any], query: str, alerts: list[Any]) -> None:
    events = _series(case["series"]) if "series" in case else case["events"]
    found = compile_eql(query, field_types=case.get("types")).run(events)
    assert isinstance(found, Matches)
    expected = [tuple(alert) if isinstance(alert, list) else (alert,) for alert in alerts]
    assert list(found.alerts) == expected
