"""What another alternative makes needless is not written: nothing could tell it from a fault."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from converter.elastic.eql.parse import parse_eql
from converter.ir import EventQuery, Like, Or, Predicate, Wild
from converter.ir.cover import without_covered

PAIRS = yaml.safe_load(Path(__file__).with_name("cover.yaml").read_text())


def _predicate(condition: str) -> Predicate:
    detection = parse_eql(f"any where {condition}")
    assert isinstance(detection, EventQuery)
    return detection.predicate


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_what_is_left(before: str, after: str) -> None:
    assert without_covered(_predicate(before)) == _predicate(after)


def test_a_long_list_stays_as_it_is() -> None:
    """Each would be compared with each: seconds for thousands of them."""
    listed = Or(tuple(Like("a", (str(number), Wild.ANY)) for number in range(1000)))
    assert without_covered(listed) == listed
