"""A text and a wildcard pattern have the text in common, or nothing; however long the text is."""

from __future__ import annotations

import pytest

from converter.events.generate.patterns import intersect, units
from converter.ir.predicate import Wild

ANY = Wild.ANY


@pytest.mark.parametrize(
    ("pattern", "text", "common"),
    [
        ((ANY, "ab", ANY), "xxabyy", True),
        ((ANY, "ab", ANY, "ab"), "ab", False),
        ((ANY, "ab", ANY, "ab"), "abab", True),
        (("a", ANY, "a"), "a", False),
        ((ANY, "b", ANY, "a", ANY), "ab", False),
        ((ANY,), "", True),
        (("Ab", ANY), "abc", False),
        ((ANY, "y" * 20, ANY), "x" * 9000 + "y" * 20, True),
    ],
)
def test_a_text_in_a_pattern(pattern: tuple[str | Wild, ...], text: str, common: bool) -> None:
    expected = tuple(text) if common else None
    assert intersect(units(pattern), tuple(text), False) == expected
    assert intersect(tuple(text), units(pattern), False) == expected
