"""The hand-written cases are right by the original rule, and sharp.

Each rule is changed in one place at a time (a value, a wildcard, an operator, the span, the key), and some
case must then disagree with its label: so every value and every condition decides some case by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from converter.elastic.eql.parse import parse_eql
from converter.elastic.load import load_paths
from converter.elastic.rule import Rule
from converter.evaluate.elastic import compile_detection
from converter.evaluate.result import CompiledQuery
from converter.events.case import Case
from converter.events.fixtures import load_fixtures
from converter.source import SourceError

ROOT = Path(__file__).parents[2] / "fixtures"
CASES = load_fixtures(ROOT / "events")
RULES = [pytest.param(rule, id=rule.rule_id) for rule in load_paths([ROOT / "rules"]).rules]
EQUIVALENT = yaml.safe_load(Path(__file__).with_name("equivalent_mutants.yaml").read_text("utf-8"))

TEXT = re.compile(r'"[^"]*"')
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
NEVER = "§"
OPERATORS = [
    (r"\band\b", "or"),
    (r"\bor\b", "and"),
    (r"\bnot\b", ""),
    (r"!=", "=="),
    (r"(?<![!<>=])==", "!="),
    (r"\s*:\s*(?=\")", " == "),
    (r">=", ">"),
    (r"49152", "49151"),
    (r"\b2s\b", "1999ms"),
    (r"\b2s\b", "2001ms"),
    (r"by host\.id", ""),
    (r"by host\.id", "by ?host.id"),
    (r"by host\.id", "by host.name"),
]


def rewritten(name: str, text: str) -> Iterator[tuple[str, str]]:
    """The ways in which a quoted value is changed: (what was done, the new value)."""
    inner = text[1:-1]
    yield f"{name} that never holds", NEVER + inner
    yield f"{name} with anything before it", "*" + inner
    yield f"{name} with anything after it", inner + "*"
    if "*" in inner:
        yield f"{name} without its wildcard", inner.replace("*", NEVER)
    if "?" in inner:
        yield f"{name} on drive C only", inner.replace("?", "C", 1)
        yield f"{name} on anything as a drive", inner.replace("?", "*", 1)


def mutants(query: str) -> Iterator[tuple[str, str]]:
    seen: dict[str, int] = {}
    for match in TEXT.finditer(query):
        for name, value in rewritten(match[0], match[0]):
            seen[name] = seen.get(name, 0) + 1
            times = f" (the {seen[name]}nd)" if seen[name] > 1 else ""
            yield name + times, f'{query[: match.start()]}"{value}"{query[match.end() :]}'
    blank = COMMENT.sub(lambda match: " " * len(match[0]), query)
    blank = TEXT.sub(lambda match: '"' + "x" * (len(match[0]) - 2) + '"', blank)
    for pattern, new in OPERATORS:
        for match in re.finditer(pattern, blank):
            name = f"`{match[0].strip()}` made `{new.strip()}`"
            seen[name] = seen.get(name, 0) + 1
            times = f" (the {seen[name]}nd)" if seen[name] > 1 else ""
            yield name + times, query[: match.start()] + new + query[match.end() :]


def wrong(query: CompiledQuery, cases: list[Case]) -> list[str]:
    """The cases on which the query disagrees with the label."""
    return [
        f"{case.origin}: {case.name}"
        for case in cases
        if bool(query.run(case.timeline)) != (case.expect == "match")
    ]


@pytest.mark.parametrize("rule", RULES)
def test_labels_are_what_the_rule_says(rule: Rule) -> None:
    assert wrong(compile_detection(parse_eql(rule.query or "")), CASES[rule.rule_id]) == []


@pytest.mark.parametrize("rule", RULES)
def test_there_are_cases_enough(rule: Rule) -> None:
    labels = [case.expect for case in CASES[rule.rule_id]]
    assert labels.count("match") >= 12
    assert labels.count("no_match") >= 25


@pytest.mark.parametrize("rule", RULES)
def test_every_source_is_among_the_positives_and_the_negatives(rule: Rule) -> None:
    for expect in ("match", "no_match"):
        datasets = {
            event.get("data_stream", {}).get("dataset", event["agent"]["type"])
            for case in CASES[rule.rule_id]
            if case.expect == expect
            for event in case.timeline
        }
        assert {"windows.sysmon_operational", "winlogbeat", "system.security"} < datasets
        assert any(dataset.startswith("endpoint.events.") for dataset in datasets)


@pytest.mark.parametrize("rule", RULES)
def test_each_change_of_the_rule_is_seen(rule: Rule) -> None:
    survivors = []
    applied = 0
    assert rule.query is not None
    for name, query in mutants(rule.query):
        try:
            compiled = compile_detection(parse_eql(query))
        except SourceError:
            continue
        applied += 1
        if not wrong(compiled, CASES[rule.rule_id]):
            survivors.append(name)
    assert applied >= 30
    assert survivors == [entry["change"] for entry in EQUIVALENT[rule.rule_id]]
