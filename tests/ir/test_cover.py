"""What another alternative makes needless is not written: nothing could tell it from a fault."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from converter.elastic.eql.parse import parse_eql
from converter.ir import And, Equals, EventQuery, Exists, Like, Not, Or, Predicate, Regex, Wild
from converter.ir.cover import implies, without_covered
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


_fields = st.sampled_from("ab")
_leaves = st.one_of(
    st.builds(Equals, _fields, st.sampled_from(["x", "xy", "X", 1]), st.booleans()),
    st.builds(
        Like, _fields, st.sampled_from([("x", Wild.ANY), (Wild.ANY, "y"), ("x", Wild.ONE)]), st.booleans()
    ),
    st.builds(Exists, _fields),
    st.builds(Regex, _fields, st.sampled_from("xy")),
)
_predicates = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda items: And(tuple(items)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda items: Or(tuple(items)), st.lists(inner, min_size=2, max_size=3)),
    ),
    max_leaves=5,
)


def _tried(narrow: Predicate, wide: Predicate) -> bool:
    """As `implies`, each item with each."""
    if isinstance(narrow, Or):
        same = wide.items if isinstance(wide, Or) else ()
        return all(item in same or _tried(item, wide) for item in narrow.items)
    if isinstance(wide, And):
        return all(_tried(narrow, item) for item in wide.items)
    if isinstance(narrow, And):
        return any(_tried(item, wide) for item in narrow.items)
    if isinstance(wide, Or):
        return any(_tried(narrow, item) for item in wide.items)
    if isinstance(narrow, Not):
        return isinstance(wide, Not) and _tried(wide.item, narrow.item)
    return implies(narrow, wide)


@given(narrow=_predicates, wide=_predicates)
def test_what_is_looked_up_is_what_trying_each_says(narrow: Predicate, wide: Predicate) -> None:
    assert implies(narrow, wide) == _tried(narrow, wide)
    assert implies(narrow, Or((wide, narrow))) == _tried(narrow, Or((wide, narrow)))
    assert implies(And((wide, narrow)), narrow) == _tried(And((wide, narrow)), narrow)
