"""ES|QL queries over events, and the alerts or rows that they give.

What the real engine does is taken from its own test resources (the facts, in other words
and with other data): multi-values compare to null, `in` has three values, case treats them as false, ...
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from converter.elastic.load import load_paths
from converter.evaluate.elastic.languages import compile_esql
from converter.evaluate.result import Matches, Table
from converter.source import NotSupportedError, SourceError

_HERE = Path(__file__).parent


def _cases() -> list[Any]:
    found = []
    for path in sorted(_HERE.glob("*.yaml")):
        document = YAML(typ="safe").load(path)
        for number, case in enumerate(document["cases"], 1):
            found.append(pytest.param(document, case, id=f"{path.stem}-{number}"))
    return found


@pytest.mark.parametrize(("document", "case"), _cases())
def test_case(document: dict[str, Any], case: dict[str, Any]) -> None:
    events = case.get("events", document.get("events", []))
    types = {**document.get("types", {}), **case.get("types", {})}

    def run() -> Matches | Table:
        return compile_esql(case["query"], field_types=types).run(events)

    if "error" in case:
        with pytest.raises(SourceError) as caught:
            run()
        assert str(caught.value) == case["error"]
        assert getattr(caught.value, "code", None) == case.get("code")
        return
    result = run()
    if "matches" in case:
        assert isinstance(result, Matches)
        assert [list(alert) for alert in result.alerts] == [[number] for number in case["matches"]]
    else:
        assert isinstance(result, Table)
        if "columns" in case:
            assert list(result.columns) == case["columns"]
        assert _typed([list(row) for row in result.rows]) == _typed(case["rows"])


def _typed(value: Any) -> Any:
    """The values with their types, since 1, 1.0 and true are equal in Python."""
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return (type(value).__name__, value)


def test_events_are_not_changed() -> None:
    events: list[dict[str, Any]] = [{"a": {"b": ["x", "y"]}, "c": 1}]
    compile_esql("from x | eval a.b = 5, c = 7 | mv_expand d | rename c as e").run(events)
    assert events == [{"a": {"b": ["x", "y"]}, "c": 1}]


def test_a_query_runs_again_over_other_events() -> None:
    query = compile_esql("from x | stats n = count(*) | eval t = now()")
    first = query.run([{"@timestamp": "2024-01-01T00:00:00Z"}])
    second = query.run([{"@timestamp": "2025-01-01T00:00:00Z"}, {"a": 1}])
    assert isinstance(first, Table) and isinstance(second, Table)
    assert first.rows == ((1, "2024-01-01T00:00:00.000Z"),)
    assert second.rows == ((2, "2025-01-01T00:00:00.000Z"),)


def test_a_pattern_s_error_is_placed_in_the_query() -> None:
    with pytest.raises(SourceError) as caught:
        compile_esql('row a = "x" | where a rlike "[b"')
    assert str(caught.value.position) == "1:29"


def test_the_corpus_is_evaluated_or_refused_by_name(rule_folder: Path) -> None:
    events = [
        {"@timestamp": "2024-01-01T00:00:00Z", "event": {"category": ["process"]}, "host": {"name": "h"}}
    ]
    evaluated = 0
    queries = [rule.query for rule in load_paths([rule_folder]).rules if rule.language == "esql"]
    for query in queries:
        try:
            compile_esql(query or "").run(events)
        except SourceError as refusal:
            assert refusal.position is not None
            assert not isinstance(refusal, NotSupportedError) or refusal.code.startswith("esql-")
        else:
            evaluated += 1
    assert evaluated >= 0.9 * len(queries)
