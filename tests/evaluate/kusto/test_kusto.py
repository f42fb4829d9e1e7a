"""Cases in YAML: a query, events if it reads some, and the rows, alerts or error that it gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.evaluate.kusto import compile_kusto
from converter.evaluate.result import Matches, Table
from converter.source import SourceError

NOW = 1_735_732_800.0
_CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted(Path(__file__).parent.glob("*.yaml"))
    if path.stem not in ("outside", "laws")
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def _run(case: dict[str, Any]) -> Matches | Table:
    query = compile_kusto(case["query"], schemas=case.get("schemas"), now=NOW)
    return query.run(case.get("events", []))


@pytest.mark.parametrize("case", _CASES)
def test_case(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(SourceError) as caught:
            _run(case)
        assert str(caught.value) == case["error"]
        return
    found = _run(case)
    if "matches" in case:
        assert isinstance(found, Matches), found
        assert [list(alert) for alert in found.alerts] == case["matches"]
        return
    assert isinstance(found, Table), found
    if "columns" in case:
        assert list(found.columns) == case["columns"]
    assert [list(row) for row in found.rows] == case["rows"]
    for row, wanted in zip(found.rows, case["rows"], strict=True):
        assert [type(value) for value in row] == [type(value) for value in wanted]


def test_events_stay_as_they_were() -> None:
    event = {"A": "x", "B": {"c": [1, 2]}}
    compile_kusto("T | extend C = B.c | mv-expand C | extend A = 'y'").run([event])
    assert event == {"A": "x", "B": {"c": [1, 2]}}


def test_a_query_runs_again_on_other_events() -> None:
    query = compile_kusto("T | where Port > 100")
    assert query.run([{"Port": 443}, {"Port": 80}]) == Matches(((0,),))
    assert query.run([{"Name": "x"}]) == Matches(())
    assert query.run([{"Port": 1.5}, {"Port": 100.5}]) == Matches(((1,),))


def test_long_queries() -> None:
    """A long `or` must not exhaust the stack, nor brackets inside a string count as nesting."""
    alternatives = " or ".join(f'Name == "{number}"' for number in range(3000))
    assert compile_kusto(f"T | where {alternatives}").run([{"Name": "2999"}]) == Matches(((0,),))
    assert compile_kusto(f'T | where Name != "{"(" * 3000}"').run([{"Name": "x"}]) == Matches(((0,),))


def test_deep_queries_are_refused() -> None:
    for query in (
        "print " + "(" * 2000 + "1" + ")" * 2000,
        "print " + "-" * 5000 + "1",
        "T" + "| count" * 5000,
    ):
        with pytest.raises(SourceError, match="nested this deep"):
            compile_kusto(query).run([])
