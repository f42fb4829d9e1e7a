"""Texts cut at their first separator, texts of W3C logs, words that Elastic writes in lower case."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from urllib.parse import unquote_plus

import pytest
import regex

from converter.ir import And, Equals, Exists, Like, Not, Or, Predicate, Wild
from converter.ir.predicate import FALSE, Regex
from converter.lowering.conversions.base import Approximation, Context, Lost
from converter.lowering.conversions.cut import beyond, until
from converter.lowering.conversions.lowered import lowered
from converter.lowering.conversions.w3c import encoded, filled
from converter.lowering.recognise import holds
from converter.taxonomy import load_taxonomy
from converter.taxonomy.model import Cell

RECORD = load_taxonomy().records[0]
TEXTS = ["".join(text) for size in range(5) for text in itertools.product("ab?", repeat=size)]
ANY, ONE = Wild.ANY, Wild.ONE
LEAVES: list[Predicate] = [
    Exists("x"),
    Equals("x", "a"),
    Equals("x", "a?"),
    Like("x", ("a", ANY)),
    Like("x", (ANY, "a")),
    Like("x", (ANY, "a", ANY)),
    Like("x", (ONE, "b", ANY)),
    Like("x", (ANY,)),
    Regex("x", "a.b", "lucene"),
]


def context(conversion: str, argument: str = "") -> Context:
    return Context(RECORD, Cell("f", conversion, argument), {}, "keyword")


def takes(predicate: Predicate, text: str) -> bool:
    """Whether a predicate over the one field takes the text."""
    match predicate:
        case And(items=items):
            return all(takes(item, text) for item in items)
        case Or(items=items):
            return any(takes(item, text) for item in items)
        case Not(item=item):
            return not takes(item, text)
        case Regex(pattern=pattern, dialect="pcre"):
            return regex.search(pattern, text) is not None
    return predicate != FALSE and bool(holds(predicate, text))


@pytest.mark.parametrize("leaf", LEAVES, ids=str)
@pytest.mark.parametrize(
    ("conversion", "part"),
    [
        (until, lambda text: text.partition("?")[0]),
        (beyond, lambda text: "?" in text and text.partition("?")[2]),
    ],
    ids=["until", "beyond"],
)
def test_a_part_is_asked_of_the_whole(
    conversion: Callable[[Predicate, Context], Predicate], part: Callable[[str], str | bool], leaf: Predicate
) -> None:
    """The path of `/a` and of `/a?b` is `/a`; the query of `/a??` is `?`."""
    found = conversion(leaf, context(conversion.__name__, "?"))
    for text in TEXTS:
        piece = part(text)
        assert takes(found, text) == (piece is not False and bool(holds(leaf, piece))), text


def test_no_value_is_a_dash_in_the_log() -> None:
    """A presence held for events without the field: the log wrote `-`."""
    found = filled(Exists("x"), context("filled"))
    assert isinstance(found, And)
    assert not takes(found, "-") and takes(found, "a-")
    assert filled(Equals("x", "a"), context("filled")) == Equals("f", "a")


@pytest.mark.parametrize("text", ["Odd Tool", "a+b", "50%"])
def test_a_text_is_asked_as_it_was_sent(text: str) -> None:
    """IIS writes blanks of a user agent as `+`; what Elastic decodes must be the text."""
    found = encoded(Equals("x", text), context("encoded", "+"))
    assert isinstance(found, Approximation)
    assert isinstance(found.predicate, Equals)
    assert unquote_plus(str(found.predicate.value)) == text


def test_an_expression_on_an_encoded_text_is_refused() -> None:
    """A class of characters stands for encoded ones too."""
    with pytest.raises(Lost):
        encoded(Regex("x", "[ab]c", "lucene"), context("encoded", "+"))


def test_a_word_that_elastic_writes_in_lower_case() -> None:
    """FortiGate says HTTPS where Elastic has https; KQL's `==` told them apart."""
    assert lowered(Equals("x", "https"), context("lowered")) == Equals("f", "https", ignore_case=True)
    assert lowered(Equals("x", "HTTPS"), context("lowered")) == FALSE
