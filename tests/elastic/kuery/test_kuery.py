"""Kuery texts and the predicates that they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from notation import field_type
from predicate_cases import cases, check

from converter.elastic.kuery import parse_kuery
from converter.elastic.load import load_paths
from converter.source import QuerySyntaxError


@pytest.mark.parametrize("case", cases(Path(__file__).parent))
def test_case(case: dict[str, Any]) -> None:
    check(case, lambda text: parse_kuery(text, field_type=field_type))


def test_all_rules_of_the_corpus_are_read(rule_folder: Path) -> None:
    queries = [rule.query for rule in load_paths([rule_folder]).rules if rule.language == "kuery"]
    assert len(queries) > 500
    for query in queries:
        parse_kuery(query or "")


@pytest.mark.parametrize(
    "text", ["(" * 500 + "a" + ")" * 500, "a" * 10_000_000, "not " * 1000 + "a", '"' * 999]
)
def test_hostile_text_is_an_error_and_no_traceback(text: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_kuery(text)
    assert caught.value.position is not None
