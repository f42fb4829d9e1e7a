"""Each dialect's rules, translations, examples: the cases stand in the YAML files beside this one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from sigma.types import SigmaRegularExpression

from converter.regex import (
    RegexNotSupported,
    RegexTimeout,
    as_literal,
    compile_regex,
    confine,
    engine,
    examples,
    loosen_end,
    parse_regex,
    translate,
)
from converter.source import QuerySyntaxError, SourceError


def cases(name: str) -> list[Any]:
    rows = yaml.safe_load((Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8"))
    return [pytest.param(row, id=f"{row.get('dialect', row.get('from'))} {row['pattern']!r}") for row in rows]


@pytest.mark.parametrize("case", cases("matching"))
def test_matching(case: dict[str, Any]) -> None:
    matcher = compile_regex(case["pattern"], case["dialect"], case.get("ignore_case", False))
    wrong = [
        f"{key}: {text!r}"
        for key, method, expected in (
            ("search", matcher.search, True),
            ("not_search", matcher.search, False),
            ("whole", matcher.fullmatch, True),
            ("not_whole", matcher.fullmatch, False),
        )
        for text in case.get(key, ())
        if method(text) is not expected
    ]
    assert not wrong


@pytest.mark.parametrize("case", cases("errors"))
def test_error(case: dict[str, Any]) -> None:
    with pytest.raises(SourceError) as caught:
        parse_regex(case["pattern"], case["dialect"])
    assert caught.value.position is not None
    assert caught.value.position.column == case["column"]
    if "refused" in case:
        assert isinstance(caught.value, RegexNotSupported)
        assert caught.value.code == case["refused"]
    else:
        assert isinstance(caught.value, QuerySyntaxError)
        assert case["error"] in caught.value.message


@pytest.mark.parametrize("case", cases("translations"))
def test_translation(case: dict[str, Any]) -> None:
    arguments = (case["pattern"], case["from"], case["to"], case.get("ignore_case", False))
    if "refused" in case:
        with pytest.raises(RegexNotSupported) as caught:
            translate(*arguments)
        assert caught.value.code == case["refused"]
    else:
        assert translate(*arguments) == (
            case["gives"].replace(r"\n", "\n") if case.get("newline") else case["gives"]
        )


@pytest.mark.parametrize("case", cases("confine"))
def test_confine(case: dict[str, Any]) -> None:
    if "refused" in case:
        with pytest.raises(RegexNotSupported) as caught:
            confine(case["pattern"], case["dialect"], case["excluded"])
        assert caught.value.code == case["refused"]
    else:
        assert confine(case["pattern"], case["dialect"], case["excluded"]) == case["gives"]


@pytest.mark.parametrize("case", cases("examples"))
def test_examples(case: dict[str, Any]) -> None:
    found = examples(parse_regex(case["pattern"], case["dialect"]), limit=len(case["first"]) or 1)
    assert found == case["first"]


def test_loosened_end_is_what_pysigma_takes() -> None:
    """`\\z` is exact, but pySigma reads patterns with Python's own module, which has none before 3.14."""
    exact = translate(r"a\\|.*b", "lucene", "pcre")
    assert exact == r"^(?:a\\|[\s\S]*b)\z"
    loose = loosen_end(exact)
    assert loose == r"^(?:a\\|[\s\S]*b)$"
    SigmaRegularExpression(loose).compile()
    assert loosen_end(r"a\\z[\\z]") == r"a\\z[\\z]"


def test_groups() -> None:
    matcher = compile_regex(r"(?<name>[a-z]+)(\d+)?", "pcre")
    assert matcher.match_groups("-ab") == {"0": "ab", "1": "ab", "2": None, "name": "ab"}
    assert matcher.match_groups("-") is None
    assert [found.span() for found in matcher.finditer("ab1-c")] == [(0, 3), (4, 5)]


def test_groups_of_a_backtracking_pattern() -> None:
    assert compile_regex(r"(?<=x)(?<n>a)", "pcre").match_groups("xa") == {"0": "a", "1": "a", "n": "a"}


def test_literal() -> None:
    assert as_literal(parse_regex(r"cmd\.exe", "lucene")) == "cmd.exe"
    assert as_literal(parse_regex(r"(ab){2}", "pcre")) == "abab"
    assert as_literal(parse_regex("ab?", "lucene")) is None
    assert as_literal(parse_regex("(?i)ab", "pcre")) is None
    assert as_literal(parse_regex("^ab", "pcre")) is None


def test_a_backtracking_pattern_cannot_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "TIMEOUT", 0.2)
    matcher = engine.Matcher(parse_regex("^(?=x)(?:x|xx|xxx)+$", "pcre"))
    started = time.monotonic()
    with pytest.raises(RegexTimeout):
        matcher.search("x" * 60 + "y")
    assert time.monotonic() - started < 5


def test_a_linear_pattern_does_not_hang() -> None:
    started = time.monotonic()
    assert not compile_regex("(a+)+(a+)+b", "pcre").search("a" * 100_000)
    assert time.monotonic() - started < 5


def test_a_complement_cannot_hang() -> None:
    """The limit once counted calls, not the positions that each of them looks at."""
    started = time.monotonic()
    with pytest.raises(RegexTimeout):
        compile_regex("(~(ab)*c)*", "lucene").fullmatch("a" * 20_000)
    assert time.monotonic() - started < 10


def test_deep_nesting_is_refused() -> None:
    for dialect, opening in (("lucene", "("), ("lucene", "~"), ("pcre", "("), ("re2", "(?:")):
        with pytest.raises(QuerySyntaxError, match="nested too deep"):
            parse_regex(opening * 5000, dialect)  # type: ignore[arg-type]
