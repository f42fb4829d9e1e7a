"""Kibana filters and the predicates that they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from notation import field_type
from predicate_cases import cases, check

from converter.elastic.filters import parse_filters
from converter.source import Position


@pytest.mark.parametrize("case", cases(Path(__file__).parent))
def test_case(case: dict[str, Any]) -> None:
    """A case's query is one filter, or a list of them; filters stand on line 7, 8, ..."""
    places = [Position(line, 1) for line in range(7, 17)]

    def parse(query: Any) -> Any:
        return parse_filters(query if isinstance(query, list) else [query], places, field_type=field_type)

    check(case, parse)
