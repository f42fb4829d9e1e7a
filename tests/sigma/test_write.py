"""Whole files: metadata (`write.yaml`), names, a correlation to the letter, and all rules of the corpus."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.elastic.load import load_paths
from converter.elastic.rule import Rule, Technique, Threat
from converter.ir import And, Equals, Exists, Like, Not, Wild
from converter.lowering.fidelity import Refused
from converter.sigma.documents import join
from converter.sigma.draft import CorrelationDraft, DetectionDraft, Logsource, SigmaDraft
from converter.sigma.suffixes import suffixes
from converter.sigma.validation import Checker, Issue
from converter.sigma.write import timespan, write_sigma

HERE = Path(__file__).parent
DATA = yaml.safe_load((HERE / "write.yaml").read_text(encoding="utf-8"))
PROCESSES = Logsource("process_creation", "windows")
IMAGE = Like("Image", (Wild.ANY, "\\a.exe"), True)
CORPUS = os.environ.get("RULE_CORPUS")


@pytest.fixture(scope="module")
def checker() -> Checker:
    """One of this module's own: where pySigma looks for its data is common to a process."""
    return Checker()


def rule(**changes: Any) -> Rule:
    given: dict[str, Any] = {
        "rule_id": "11111111-2222-4333-8444-555555555555",
        "name": "A Rule of Tests",
        "type": "eql",
        "source": "rules/a.toml",
        "description": "Some words about what it finds.",
        "severity": "medium",
        "author": ("Elastic",),
        "license": "Elastic License v2",
        "created": "2024-01-02",
        **changes,
    }
    return Rule(**given)


def draft(logsource: Logsource = PROCESSES, notes: tuple[str, ...] = ()) -> SigmaDraft:
    return SigmaDraft((DetectionDraft(logsource, IMAGE),), notes=notes)


def document(source: Rule, written: SigmaDraft) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(text(source, written))
    return loaded


def text(source: Rule, written: SigmaDraft) -> str:
    return join(write_sigma(source, written).values())


def issues_of(checker: Checker, source: Rule, written: SigmaDraft) -> list[Issue]:
    return [
        issue for name, text in write_sigma(source, written).items() for issue in checker.check(text, name)
    ]


@pytest.mark.parametrize("case", DATA["metadata"], ids=lambda case: case["why"])
def test_metadata(case: dict[str, Any], checker: Checker) -> None:
    source = rule(**case["rule"])
    found = document(source, draft())
    assert {key: found.get(key) for key in case["found"]} == case["found"]
    issues = issues_of(checker, source, draft())
    assert {issue.rule for issue in issues} <= {"filename_length", "sigmahq_filename_convention"}


@pytest.mark.parametrize("case", DATA["tactics"], ids=lambda case: case["tag"])
def test_tags(case: dict[str, Any]) -> None:
    technique = Technique("T1059", "x", subtechniques=(Technique("T1059.003", "y"),))
    source = rule(threats=(Threat("TA0000", case["name"], (technique,)), Threat("TA1", "Other", (), "Else")))
    assert document(source, draft())["tags"] == [case["tag"], "attack.t1059", "attack.t1059.003"]


@pytest.mark.parametrize("case", DATA["file_names"], ids=lambda case: case["why"])
def test_file_names(case: dict[str, Any]) -> None:
    [name] = write_sigma(rule(name=case["name"]), draft(Logsource(**case["logsource"])))
    assert name == case["file"]
    assert len(name) <= 90


@pytest.mark.parametrize("case", DATA["timespans"], ids=lambda case: case["written"])
def test_timespans(case: dict[str, Any]) -> None:
    assert timespan(case["milliseconds"]) == case["written"]


def test_a_timespan_of_milliseconds_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        timespan(1500)
    assert [reason.code for reason in caught.value.reasons] == ["sigma-timespan"]


def test_what_is_lost_stands_in_the_description() -> None:
    found = document(rule(), draft(notes=("Something is lost: a.", "And more.")))
    assert found["description"] == "Some words about what it finds.\nSomething is lost: a.\nAnd more."


def correlated() -> SigmaDraft:
    second = And((IMAGE, Not(Equals("User", "x", True))))
    return SigmaDraft(
        (DetectionDraft(PROCESSES, IMAGE, "step1"), DetectionDraft(PROCESSES, second, "step2")),
        (
            CorrelationDraft(
                "temporal_ordered",
                2000,
                ("step1", "step2"),
                group_by=("Computer", "key1"),
                aliases={"key1": {"step1": "ProcessId", "step2": "ParentProcessId"}},
            ),
        ),
    )


def test_a_correlation_to_the_letter(checker: Checker) -> None:
    """Also: the same bytes each time, whatever the machine."""
    [(name, text)] = write_sigma(rule(), correlated()).items()
    assert text == (HERE / "correlation.expected.yml").read_text(encoding="utf-8")
    assert name == "correlation_a_rule_of_tests.yml"
    assert checker.check(text, name) == []


def test_a_file_for_each_log_source(checker: Checker) -> None:
    """SigmaHQ's file names begin with the log source; of two with the same beginning one has a number."""
    sources = [Logsource("process_creation", "windows"), Logsource("process_creation", "linux")]
    several = [*sources, sources[0]]
    drafts = tuple(DetectionDraft(source, IMAGE, str(n)) for n, source in enumerate(several, 1))
    written = SigmaDraft(drafts)
    assert list(write_sigma(rule(), written)) == [
        "proc_creation_win_a_rule_of_tests.yml",
        "proc_creation_lnx_a_rule_of_tests.yml",
        "proc_creation_win_a_rule_of_tests_3.yml",
    ]
    assert issues_of(checker, rule(), SigmaDraft(drafts[:2])) == []


@pytest.mark.parametrize("kind", ["event_count", "value_count"])
def test_counts(kind: str, checker: Checker) -> None:
    counted = CorrelationDraft(
        kind,
        300_000,
        ("counted",),
        group_by=("Computer",),
        condition=("gte", 5),
        condition_field=("User",) if kind == "value_count" else (),
    )
    written = SigmaDraft((DetectionDraft(PROCESSES, IMAGE, "counted"),), (counted,))
    *_, found = yaml.safe_load_all(text(rule(), written))
    condition = {"gte": 5, "field": "User"} if kind == "value_count" else {"gte": 5}
    assert found["correlation"] == {
        "type": kind,
        "rules": ["a_rule_of_tests_counted"],
        "group-by": ["Computer"],
        "timespan": "5m",
        "condition": condition,
    }
    assert issues_of(checker, rule(), written) == []


@pytest.mark.skipif(CORPUS is None, reason="RULE_CORPUS is not set")
def test_metadata_of_the_corpus_is_right() -> None:
    """Schemas, pySigma's parser and all validators that work offline find nothing in any of the rules."""
    corpus = Path(str(CORPUS))
    checker = Checker(corpus / "schemas")
    found = []
    rules = load_paths([corpus / "elastic-rules"]).rules
    for source in rules:
        written = draft(notes=("Something is lost.",))
        found += issues_of(checker, source, written)
    assert len(rules) > 1000
    assert found + checker.finish() == []


@pytest.mark.parametrize(
    ("logsources", "expected"),
    [
        ([("windows", "file_event"), ("windows", "file_rename")], [" - File Event", " - File Rename"]),
        ([("linux", "process_creation"), ("macos", "process_creation")], [" - Linux", " - macOS"]),
        ([("aws", None), ("github", None)], [" - AWS", " - GitHub"]),
        ([("windows", "image_load"), ("windows", "image_load")], [" - 1", " - 2"]),
        (
            [("windows", "file_event"), ("windows", "file_event"), ("linux", "file_change")],
            [" - Windows File Event 1", " - Windows File Event 2", " - Linux File Change"],
        ),
    ],
)
def test_titles_of_several_rules_say_what_they_differ_in(
    logsources: list[tuple[str, str | None]], expected: list[str]
) -> None:
    detections = [
        DetectionDraft(Logsource(product=product, category=category), Exists("a"))
        for product, category in logsources
    ]
    assert suffixes(detections) == expected
