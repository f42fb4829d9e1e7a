"""One test of many phrases says what the tests of each of them do."""

from __future__ import annotations

from itertools import combinations

import pytest

from converter.evaluate.elastic.phrases import Tokens, one_of_phrases, phrase_test
from converter.ir import Wild

PHRASES: list[Tokens] = [
    (),
    ("a",),
    ("a", "b"),
    ("a", "b", "c"),
    ("b", "a"),
    ("b", "b"),
    (("b", Wild.ANY), "c"),
    ("c", (Wild.ONE,)),
]
VALUES = ["", "a", "A b", "b, b a", "a a b c", "b c", "bb.c", "c b", "c bb", "x", 7, True]


@pytest.mark.parametrize("size", [1, 2, 3, len(PHRASES)])
def test_one_of_many_phrases(size: int) -> None:
    for phrases in combinations(PHRASES, size):
        test = one_of_phrases(phrases)
        for value in VALUES:
            assert test(value) is any(phrase_test(tokens)(value) for tokens in phrases), (phrases, value)


def test_many_phrases_are_found_where_their_tokens_stand() -> None:
    test = one_of_phrases([("a", "b", "c"), ("b", "a")])
    assert [test(text) for text in ("x a b C y", "b a", "a b", "a c b", "")] == [
        True,
        True,
        False,
        False,
        False,
    ]
