"""Rules of a size that nobody writes: refused by name with their place, or converted, each in time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Protocol

import pytest

from converter.elastic.load import load_paths
from converter.harness.outcome import Outcome
from converter.pipeline import Settings, convert_rule
from converter.taxonomy import load_taxonomy
from converter.translate import MAX_TEXT

LIMIT = 400
"""Times the `pace` that a rule may take: the slowest here takes about 150."""
RULE = """[rule]
rule_id = "0d4f9c86-2f4c-4c5d-8c06-5f7a1c1d9e01"
name = "Large"
type = "{kind}"
language = "{language}"
index = ["logs-endpoint.events.process-*"]
severity = "low"
risk_score = 21
description = "Large."
query = \'\'\'
{query}
\'\'\'
{more}
"""
THRESHOLD = '[rule.threshold]\nfield = ["host.id"]\nvalue = {}\n'


def values(number: int, separator: str = ", ") -> str:
    return separator.join(f'"p{place}.exe"' for place in range(number))


def steps(number: int) -> str:
    return "".join(f' [process where process.name == "p{place}.exe"]' for place in range(number))


class Convert(Protocol):
    """Converts a rule of this query and kind with cases, in time."""

    def __call__(self, language: str, query: str, kind: str = "", more: str = "") -> Outcome: ...


@pytest.fixture
def convert(tmp_path: Path, pace: float) -> Convert:
    def converted(language: str, query: str, kind: str = "", more: str = "") -> Outcome:
        kind = kind or {"eql": "eql", "esql": "esql"}.get(language, "query")
        text = RULE.format(kind=kind, language=language, query=query, more=more)
        (tmp_path / "large.toml").write_text(text, "utf-8")
        start = time.process_time()
        [rule] = load_paths([tmp_path]).rules
        outcome = convert_rule(rule, Settings(tuple(load_taxonomy().profiles), max_cases=400))
        assert time.process_time() - start < LIMIT * pace
        return outcome

    return converted


@pytest.mark.parametrize(
    ("language", "query", "place", "message"),
    [
        ("eql", f"process where process.name in ({values(20_000)})", "11:", "more than 3,000 conditions"),
        ("kuery", f"process.name: ({values(12_000, ' or ')})", "11:", "more than 3,000 conditions"),
        ("eql", f"sequence by host.id with maxspan=1m{steps(500)}", "11:", "more than 12 steps"),
        ("eql", f"sample by host.id{steps(500)}", "11:", "more than 12 steps"),
        ("eql", 'process where process.name regex "(a{1000}){1000}"', "11:", "repeats written out"),
        ("eql", f'process where process.name regex "{"ab" * 50_000}"', "11:", "repeats written out"),
        (
            "esql",
            'from logs-* metadata _id, _version, _index | where process.name rlike "(a{1000}){1000}"',
            "11:",
            "repeats written out",
        ),
        ("kuery", f"process.command_line: {'*a' * 2000}", "11:", "more than 100 wildcards"),
        ("esql", "from logs-*" + '\n| where process.name != "a"' * 1000, "112:", "more than 100 stages"),
        (
            "eql",
            'sequence by host.id [process where process.name == "a"] with runs=100 until [file where true]',
            "11:",
            "more than 60 steps with its runs written out",
        ),
    ],
)
def test_what_is_too_large_is_refused_by_name(
    convert: Convert, language: str, query: str, place: str, message: str
) -> None:
    """An answer with the place of the first part too many, never a run without end."""
    outcome = convert(language, query)
    assert outcome.error is None
    for translation in outcome.translations:
        [reason] = translation.reasons
        assert reason.code == "too-large"
        assert message in reason.message
        assert str(reason.position).startswith(place)


def test_a_threshold_of_a_million_is_translated_without_generated_cases(convert: Convert) -> None:
    """A case of a million events shows no more than one of three."""
    more = THRESHOLD.format(1_000_000)
    outcome = convert("kuery", 'process.name: "a.exe"', "threshold", more)
    assert not outcome.cases
    assert any("1000000" in (translation.text or "") for translation in outcome.translations)


def test_a_maxspan_beyond_elasticsearchs_is_no_time_span(convert: Convert) -> None:
    """It was a fault of the converter: an integer too large for a date."""
    outcome = convert("eql", f"sequence by host.id with maxspan={'9' * 20}d{steps(2)}")
    assert str(outcome.error).startswith("large.toml:11:")
    assert "maxspan is too long" in str(outcome.error)


def test_choices_in_every_condition_do_not_multiply(convert: Convert) -> None:
    """Thirty conditions of two alternatives each: the search for events gives up in time."""
    pairs = (f'(process.name : "a{n}*" or process.command_line : "*b{n}*")' for n in range(20))
    assert convert("eql", f"process where {' and '.join(pairs)}").error is None


def test_a_translation_that_nobody_could_paste_is_refused(convert: Convert) -> None:
    """Each value is asked of the end of a path in three logs: half a million characters of SPL."""
    outcome = convert("eql", f"process where process.name in ({values(2900)})")
    codes = {reason.code for one in outcome.translations if one.text is None for reason in one.reasons}
    assert "too-large" in codes
    assert all(len(one.text) <= MAX_TEXT for one in outcome.translations if one.text is not None)


def test_nine_hundred_values_are_converted_and_proved(convert: Convert) -> None:
    """Every node of a long search asks for its place: a scan of the text for each of them is quadratic."""
    outcome = convert("eql", f"process where process.name in ({values(900)})")
    assert outcome.parity is not None
    assert outcome.parity.holds
