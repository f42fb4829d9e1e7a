"""Query strings and the predicates that they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from notation import field_type
from predicate_cases import cases, check

from converter.elastic.lucene import parse_lucene
from converter.source import QuerySyntaxError


@pytest.mark.parametrize("case", cases(Path(__file__).parent))
def test_case(case: dict[str, Any]) -> None:
    default_and = case.get("default_and", False)
    check(case, lambda text: parse_lucene(text, field_type=field_type, default_and=default_and))


@pytest.mark.parametrize(
    "text", ["(" * 500 + "a" + ")" * 500, "a " * 5_000_000, "NOT " * 1000 + "a", '"' * 999]
)
def test_hostile_text_is_an_error_and_no_traceback(text: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_lucene(text)
    assert caught.value.position is not None
