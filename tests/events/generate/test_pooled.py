"""Near misses together in one timeline: each of them by itself decides it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from converter.elastic.parse import parse_rule
from converter.elastic.rule import Rule, ThresholdSpec
from converter.evaluate.elastic import compile_detection
from converter.evaluate.result import CompiledQuery, Event
from converter.events.case import Case
from converter.events.generate import generate_cases
from converter.events.generate.one_system import of_one_system
from converter.taxonomy import load_taxonomy

_ESQL = """from logs-endpoint.events.process-* | where event.category == "process"
and host.os.type == "windows" and process.name == "net.exe" and user.domain in ("a", "b", "c")
and not process.args like "*x*"
| stats n = count(*) by host.id | where n >= 20"""
_KUERY = "event.category:process and process.name:net.exe and user.domain:(a or b) and not process.args:*x*"


def _rule(language: str, query: str, number: int | None = None) -> Rule:
    return Rule(
        rule_id="00000000-0000-4000-8000-000000000003",
        name="Many",
        type="esql" if number is None else "threshold",
        source="rule.toml",
        language=language,
        query=query,
        index=("logs-endpoint.events.process-*",),
        threshold=None if number is None else ThresholdSpec(("host.id",), number),
    )


RULES = {"esql": _rule("esql", _ESQL), "threshold": _rule("kuery", _KUERY, 20)}


@pytest.fixture(scope="module", params=RULES)
def made(request: pytest.FixtureRequest) -> tuple[CompiledQuery, list[Case]]:
    rule = RULES[request.param]
    detection = parse_rule(rule)
    cases = generate_cases(rule, detection, load_taxonomy(), 400).cases
    return compile_detection(detection, index=rule.index), list(cases)


def _pools(cases: list[Case], name: str) -> list[Case]:
    found = [case for case in cases if case.name.startswith(name)]
    assert found
    return found


def _unlike(case: Case) -> Iterator[Event]:
    """The events that are not like most in the timeline."""
    alike = [repr({name: value for name, value in one.items() if name[0] != "@"}) for one in case.timeline]
    most = max(set(alike), key=alike.count)
    return (event for event, shown in zip(case.timeline, alike, strict=True) if shown != most)


def test_without_any_of_those_taken_there_is_no_alert(made: tuple[CompiledQuery, list[Case]]) -> None:
    query, cases = made
    for case in _pools(cases, "some that are each taken"):
        assert case.expect == "match" and len(case.timeline) == 20
        others = list(_unlike(case))
        assert others
        for one in others:
            assert not query.run([event for event in case.timeline if event is not one])


def test_with_one_more_that_is_taken_there_is_an_alert(made: tuple[CompiledQuery, list[Case]]) -> None:
    query, cases = made
    for case in _pools(cases, "one fewer, and some"):
        assert case.expect == "no_match" and len(case.timeline) > 19
        assert len(list(_unlike(case))) == len(case.timeline) - 19
        assert query.run([*case.timeline, {**case.timeline[0]}])


def test_a_host_has_one_system(made: tuple[CompiledQuery, list[Case]]) -> None:
    """Of a host with two, a target that keeps its system elsewhere takes all events for those of either."""
    _, cases = made
    assert all(map(of_one_system, (case.timeline for case in _pools(cases, "one fewer, and some"))))
