"""No match of an expression begins with a character that is not told of."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from lark import Lark

from converter import kept
from converter.kept.first import first_characters
from converter.kept.scanners import BEYOND

PACKAGE = Path(kept.__file__).parents[1]
SIGNS = "aKkb1_ .-*\"'\\/\n([{}]=!\u00e9\u017f\u212a\u0661"
ENDS = ["", *SIGNS, *map("".join, product("aA1* .\"'=", repeat=2))]
NEAR = (
    ("ab|c", "ac"),
    ("(a|b?)c", "abc"),
    ("a*?b{0,2}c{2}d", "abc"),
    ("a{,3}b", "ab"),
    ("a?{}", "a{"),
    (r"(?!a)(?<=b)\bc$", "c"),
    (r"[]a-c\]]", "]abc"),
    (r"\(|A|[.]", "(A."),
    (r"\x41", "A" + BEYOND),
    ("(?P<name>a)(?:b)", "a"),
    ("(?i:k)1", "kK" + BEYOND),
    (r"(?:\d)", "0123456789" + BEYOND),
)
ANY = ("a*", "(a)?\\1", "(?i)a", "(?#c)a", "(?x:a)", "\\N{DIGIT ONE}", "(a", "", "a)")


@pytest.mark.parametrize(("pattern", "wanted"), NEAR)
def test_what_is_read_is_told_to_the_character(pattern: str, wanted: str) -> None:
    assert first_characters(pattern) == set(wanted)


@pytest.mark.parametrize("pattern", ANY)
def test_what_is_not_read_may_begin_with_any(pattern: str) -> None:
    assert first_characters(pattern) == {*map(chr, range(128)), BEYOND}


def terminals() -> list[str]:
    grammars = sorted(PACKAGE.rglob("*.lark"))
    every = [one for path in grammars for one in Lark(path.read_text("utf-8"), parser="lalr").terminals]
    return sorted({one.pattern.to_regexp() for one in every})


@pytest.mark.parametrize("pattern", [*terminals(), r"[^a]b?", r".\n", r"(?s:.)\n", r"\W+", r"\s|(?!1)\w"])
def test_no_match_begins_otherwise(pattern: str) -> None:
    told, compiled = first_characters(pattern), re.compile(pattern)
    starts = {*map(chr, range(128)), *SIGNS} - told
    if BEYOND in told:
        starts = set(filter(str.isascii, starts))
    wrong = [start for start in starts for end in ENDS if compiled.match(start + end)]
    assert not wrong
