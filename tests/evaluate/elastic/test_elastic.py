"""Evaluates the cases of the YAML files: events and queries in, event numbers out.

A file is a list of cases. A case has `events` (or `series`, a short form for sequences), `query` or
`queries`, and what they give: `alerts`. Queries are EQL, in kuery.yaml Kuery; in history.yaml `detection`
stands for one. `types` are field types. See the files for the forms.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from converter.elastic.kuery import parse_kuery
from converter.elastic.load import load_paths
from converter.elastic.parse import parse_rule
from converter.elastic.types import field_type
from converter.evaluate.elastic import compile_detection, compile_eql, sequences
from converter.evaluate.elastic.context import Context
from converter.evaluate.elastic.predicates import Holds
from converter.evaluate.result import CompiledQuery, Matches
from converter.ir import Detection, EventQuery, IndicatorMatch, NewTerms, Predicate, Threshold
from converter.source import NotSupportedError, SourceError

_HERE = Path(__file__).parent


def _cases() -> list[Any]:
    found = []
    for path in sorted(_HERE.glob("*.yaml")):
        for number, case in enumerate(YAML(typ="safe").load(path), 1):
            case["language"] = path.stem
            queries = case.pop("queries", None) or {case.get("query"): case["alerts"]}
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


def _detection(spec: dict[str, Any], kuery: Callable[[str], Predicate]) -> Detection:
    predicate = kuery(spec["predicate"])
    match spec["kind"]:
        case "threshold":
            cardinality = tuple((field, least) for field, least in spec.get("cardinality", ()))
            return Threshold(predicate, tuple(spec["fields"]), spec["value"], cardinality)
        case "new_terms":
            return NewTerms(
                predicate, tuple(spec["fields"]), spec["window"], spec.get("since", spec["window"])
            )
        case _:
            mapping = tuple(tuple((ours, theirs) for ours, theirs in group) for group in spec["mapping"])
            return IndicatorMatch(predicate, kuery(spec["indicators"]), mapping)


def _compile(case: dict[str, Any], query: str) -> CompiledQuery:
    types = case.get("types", {})
    if case["language"] not in ("kuery", "history"):
        return compile_eql(query, field_types=types)

    def kuery(text: str) -> Predicate:
        return parse_kuery(text, field_type=lambda name: types.get(name) or field_type(name))

    detection = _detection(case["detection"], kuery) if "detection" in case else EventQuery(kuery(query))
    return compile_detection(detection, field_types=types)


@pytest.mark.parametrize(("case", "query", "alerts"), _cases())
def test_case(case: dict[str, Any], query: str, alerts: list[Any]) -> None:
    events = _series(case["series"]) if "series" in case else case["events"]
    found = _compile(case, query).run(events)
    assert isinstance(found, Matches)
    expected = [tuple(alert) if isinstance(alert, list) else (alert,) for alert in alerts]
    assert list(found.alerts) == expected


def test_a_time_span_needs_times() -> None:
    query = compile_eql('sequence with maxspan=1s [any where is == "a"] [any where is == "b"]')
    with pytest.raises(NotSupportedError, match="@timestamp") as caught:
        query.run([{"is": "a"}, {"is": "b"}])
    assert caught.value.code == "no-timestamp"


def test_without_times_input_order_counts() -> None:
    query = compile_eql('sequence [any where is == "a"] [any where is == "b"]')
    found = query.run([{"is": "b"}, {"is": "a"}, {"is": "b"}])
    assert found == Matches(((1, 2),))


def test_events_without_a_time_come_first_or_take_no_part() -> None:
    """`head` once dropped them; Elasticsearch sorts them first. A sequence has no place for them."""
    events: list[dict[str, Any]] = [{"is": "a", "@timestamp": 5}, {"is": "a"}, {"is": "b", "@timestamp": 6}]
    assert compile_eql('any where is == "a" | head 1').run(events) == Matches(((1,),))
    sequence = compile_eql('sequence [any where is == "a"] [any where is == "b"]')
    assert sequence.run(events) == Matches(((0, 2),))


def test_date_math_needs_times() -> None:
    query = compile_eql('any where seen > "now-1d"', field_types={"seen": "date"})
    with pytest.raises(NotSupportedError, match="@timestamp") as caught:
        query.run([{"seen": "2024-01-01"}])
    assert caught.value.code == "no-timestamp"


def test_evaluation_does_not_change_events() -> None:
    event = {"a": {"b": [1, {"c": "x"}]}, "a.b": "y"}
    before = repr(event)
    compile_eql('any where a.b.c == "x" and length(a.b) > 0').run([event])
    assert repr(event) == before


def test_a_pattern_with_many_stars_does_not_hang() -> None:
    query = compile_eql('any where a like "' + "*a" * 40 + 'b*?c"')
    assert not query.run([{"a": "a" * 20_000}])


@pytest.mark.parametrize("pattern", ["<1-999999999>", "~(a+)+b&(a*)*c"])
def test_an_expression_that_is_not_evaluated_has_its_place(pattern: str) -> None:
    """Whether that is known beforehand, or in the run, by the steps it takes."""
    with pytest.raises(SourceError) as caught:
        compile_eql(f'any where a regex "{pattern}"').run([{"a": "a" * 5_000}])
    assert str(caught.value.position) == "1:11"


def test_a_step_with_many_runs_is_asked_once_of_each_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty runs asked it of each event sixty times: seconds for a rule that counts sign-ins."""
    asked: list[int] = []
    compiled = sequences.compile_predicate

    def counting(predicate: Predicate, context: Context) -> Holds:
        holds = compiled(predicate, context)
        return lambda event: asked.append(1) or holds(event)

    monkeypatch.setattr(sequences, "compile_predicate", counting)
    query = compile_eql('sequence by k with maxspan=1m [any where is == "a"] with runs=4')
    assert query.run(_series("a@0 a@1 a@2 a@3")) == Matches(((0, 1, 2, 3),))
    assert len(asked) == 4


def test_every_detection_of_the_corpus_runs() -> None:
    """What is read can be evaluated; ES|QL has tests of its own."""
    corpus = os.environ.get("RULE_CORPUS")
    if not corpus:
        pytest.skip("RULE_CORPUS is not set: no corpus to read")
    loaded = load_paths([Path(corpus) / "elastic-rules"])
    event = {
        "@timestamp": "2024-01-01T00:00:00Z",
        "event": {"category": ["process"]},
        "process": {"args": ["a"]},
    }
    run = 0
    for rule in loaded.rules:
        if rule.language == "esql" or rule.type == "machine_learning":
            continue
        compile_detection(parse_rule(rule)).run([event])
        run += 1
    assert run > 1000
