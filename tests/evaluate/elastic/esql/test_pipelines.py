"""ES|QL queries over events, and the alerts or rows that they give.

What the real engine does is taken from its own test resources (the facts, in other words
and with other data): multi-values compare to null, `in` has three values, case treats them as false, ...
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from converter.elastic.esql.parse import parse_esql
from converter.elastic.load import load_paths
from converter.evaluate.elastic.esql_deciding import NO_COLUMNS, deciding
from converter.evaluate.elastic.languages import compile_esql
from converter.evaluate.elastic.pipeline import compile_pipeline
from converter.evaluate.result import Matches, Table
from converter.ir import Pipeline
from converter.ir.detection import Stage, Stats
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


@pytest.mark.parametrize(("document", "case"), [one for one in _cases() if "error" not in one.values[1]])
def test_what_decides_gives_as_many_rows(document: dict[str, Any], case: dict[str, Any]) -> None:
    types = {**document.get("types", {}), **case.get("types", {})}
    events = tuple(case.get("events", document.get("events", [])))
    pipeline = parse_esql(case["query"])
    assert isinstance(pipeline, Pipeline)
    whole = compile_pipeline(pipeline, types)
    given = whole.run(events)
    assert whole.remembering().run(events) == given
    left = compile_pipeline(deciding(pipeline), types).run(events)
    if isinstance(given, Matches):
        assert left == given
    else:
        assert isinstance(left, Table) and len(left.rows) == len(given.rows)


@pytest.mark.parametrize(
    ("query", "left"),
    [
        (
            "stats n = count(*), v = values(u) by h | where n > 1 | keep h, v",
            "stats n = count(*) by h | where n > 1",
        ),
        (
            "stats a = max(x), b = min(x) by h | eval c = a - b, d = a | where c > 1",
            "stats a = max(x), b = min(x) by h | eval c = a - b | where c > 1",
        ),
        ("eval a = 1, b = x | eval a = b | where a > 1", "eval b = x | eval a = b | where a > 1"),
        ("rename x as y, u as w | where w == 1", "rename u as w | where w == 1"),
        (
            'grok u "%{INT:k}" | dissect u "%{j}" | where k == "1" | drop k',
            'grok u "%{INT:k}" | where k == "1"',
        ),
        (
            "stats n = count(*), m = max(x) by h | sort m | limit 2",
            "stats m = max(x) by h | sort m | limit 2",
        ),
        ("eval t = x | mv_expand t | stats n = sum(x)", "eval t = x | mv_expand t | stats"),
        (
            "stats n = count(*), k = count(*) by h | stats v = values(n), m = max(k) | where m > 1",
            "stats k = count(*) by h | stats m = max(k) | where m > 1",
        ),
    ],
)
def test_what_decides(query: str, left: str) -> None:
    pipeline = parse_esql(f"from x | {query}")
    assert isinstance(pipeline, Pipeline)
    expected = parse_esql(f"from x | {left.removesuffix(' | stats')}")
    assert isinstance(expected, Pipeline)
    more: list[Stage] = [Stats((), ())] if left.endswith("| stats") else []
    if "stats" in left:
        more.append(NO_COLUMNS)
    assert deciding(pipeline).stages == (*expected.stages, *more)


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
