"""One test of many patterns, of which the answers are kept, says what the tests of each of them do; and which
values of an event it is asked of."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from converter.elastic.types import field_type
from converter.evaluate.elastic import leaf_tests, phrases
from converter.evaluate.elastic.context import Context
from converter.evaluate.elastic.fields import field_getter, values
from converter.evaluate.elastic.predicates import compile_predicate
from converter.ir import Equals, Like, Or, Predicate, Regex, Wild

FIELDS = ("process.name", "message", "process.args")
VALUES = ["", "a", "A", "ab", "aB", "b", "B", "ÄB", "äb", "7", 7, 7.0, True, None, ["x", "aB"], [7, "ab"], []]


def leaves(field: str) -> list[Predicate]:
    """Patterns and texts, with their case and without."""
    ends: list[tuple[str | Wild, ...]] = [("a", Wild.ANY), (Wild.ANY, "B"), (Wild.ONE, "b"), ("7", Wild.ANY)]
    return [
        *(Like(field, pattern, ignore_case=caseless) for pattern in ends for caseless in (False, True)),
        Equals(field, "b"),
        Equals(field, "äB", ignore_case=True),
        Regex(field, "x|y", "lucene"),
    ]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("most", [2, 4096])
@pytest.mark.parametrize("size", [1, 2, 4])
def test_one_of_many_patterns(field: str, size: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (leaf_tests, phrases):
        monkeypatch.setattr(module, "MOST_ANSWERS", most)
    context = Context(field_type)
    for some in combinations(leaves(field), size):
        test = compile_predicate(Or(some), context)
        alone = [compile_predicate(leaf, context) for leaf in some]
        for value in VALUES + VALUES:
            event = {field: value}
            assert test(event) is any(one(event) for one in alone), (some, value)


WRITTEN: list[dict[str, Any]] = [
    {"a.b.c": "x"},
    {"a": {"b": {"c": "x"}}},
    {"a": {"b.c": "x"}},
    {"a.b": {"c": "x"}},
    {"a.b": {"c": "y"}, "a.b.c": "x"},
    {"a": {"b.c": "y"}, "a.b": {"c": "x"}},
    {"a": [{"b": {"c": "y"}}, {"b": [{"c": ["x"]}]}]},
    {"a": "x", "a.b": "x", "a.b.c": "y"},
    {"a.b": [{"c": "y"}], "a.b.c": ["z", None]},
    {"b.c": "x", "c": "x"},
    {"a.b.c": {"d": "x"}, "a": {"b": {"c.d": "y"}}},
]


@pytest.mark.parametrize("name", ["a", "a.b", "a.b.c", "a.b.c.d"])
@pytest.mark.parametrize("event", WRITTEN)
def test_a_value_is_found_however_an_event_writes_its_field(name: str, event: dict[str, Any]) -> None:
    found = values(field_getter(name)(event))
    for text in ("x", "y", "z"):
        assert compile_predicate(Equals(name, text), Context(field_type))(event) is (text in found)
