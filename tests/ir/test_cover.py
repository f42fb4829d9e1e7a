"""What another alternative makes needless is not written: nothing could tell it from a fault."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from converter.elastic.eql.parse import parse_eql
from converter.ir import EventQuery, Like, Or, Predicate, Wild
from converter.ir.cover import without_covered
from converter.ir.rewrite import simplify

PAIRS = yaml.safe_load(Path(__file__).with_name("cover.yaml").read_text())


def _predicate(condition: str) -> Predicate:
    detection = parse_eql(f"any where {condition}")
    assert isinstance(detection, EventQuery)
    return detection.predicate


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_what_is_left(before: str, after: str) -> None:
    assert without_covered(simplify(_predicate(before))) == simplify(_predicate(after))


def test_of_a_long_list_few_are_compared() -> None:
    """Each with each would be seconds for thousands of them; the last are compared first."""
    listed = Or(tuple(Like("a", (str(number), Wild.ANY)) for number in range(1000)))
    left = without_covered(listed)
    assert isinstance(left, Or)
    assert left.items[:990] == listed.items[:990]
    assert len(left.items) < len(listed.items)
