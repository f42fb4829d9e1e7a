"""Values that a log holds as one text: it is taken where one of its words is, as Elastic splits it.
Found missing: scopes of Microsoft Graph were said by no target."""

from __future__ import annotations

import itertools

import pytest
import regex

from converter.ir import Equals, Exists, Like, Predicate, Wild
from converter.ir.predicate import FALSE, Regex
from converter.lowering.conversions.base import Context
from converter.lowering.conversions.words import words
from converter.lowering.recognise import holds
from converter.taxonomy import load_taxonomy
from converter.taxonomy.model import Cell

CONTEXT = Context(load_taxonomy().records[0], Cell("f", "words", ""), {}, "keyword")
WORDS = ["".join(text) for size in (1, 2) for text in itertools.product("ab.", repeat=size)]
TEXTS = [" ".join(text) for size in (1, 2) for text in itertools.product(WORDS, repeat=size)]
ANY, ONE = Wild.ANY, Wild.ONE
LEAVES: list[Predicate] = [
    Exists("x"),
    Equals("x", "a"),
    Equals("x", "a."),
    Equals("x", "a b"),
    Like("x", ("a", ANY)),
    Like("x", (ANY, "b")),
    Like("x", (ANY, ".", ANY)),
    Like("x", (ONE, "b")),
    Like("x", (ANY,)),
    Regex("x", "a.", "lucene"),
]


@pytest.mark.parametrize("leaf", LEAVES, ids=str)
def test_a_text_is_taken_where_one_of_its_words_is(leaf: Predicate) -> None:
    found = words(leaf, CONTEXT)
    for text in TEXTS:
        taken = found != FALSE and (
            regex.search(found.pattern, text) is not None
            if isinstance(found, Regex)
            else bool(holds(found, text))
        )
        assert taken == any(holds(leaf, word) for word in text.split(" ")), text
