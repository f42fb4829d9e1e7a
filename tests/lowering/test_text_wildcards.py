"""A wildcard on an analysed text takes one word: its regular expression against the analyzer."""

from __future__ import annotations

import re
from itertools import product

import pytest

from converter.elastic.analysis import standard_tokens
from converter.ir.predicate import FALSE, Phrase, Regex, Wild
from converter.lowering.conversions.base import Context
from converter.lowering.conversions.same import same
from converter.taxonomy.model import Cell, Record

TEXTS = ["".join(chars) for size in range(1, 7) for chars in product("ab1.:- ", repeat=size) if size < 6] + [
    "".join(chars) for chars in product("ab1.,_", repeat=6)
]
CONTEXT = Context(Record("r", "f", "R", {}, (), {}, {}), Cell("message"), {}, "match_only_text")
WILDCARDS = [
    "a*",
    "*b",
    "a*b",
    "a?b",
    "1*1",
    "a*1",
    "*.b*",
    "a.*",
    "a*.b",
    "b.*a",
    "1.?",
    "a_*b",
    "*a*b*",
    "b?",
    "?b",
    "?1?",
]


def _phrase(pattern: str) -> Phrase:
    wild = {"*": Wild.ANY, "?": Wild.ONE}
    return Phrase(
        "message", (tuple(wild.get(piece, piece) for piece in re.findall(r"[*?]|[^*?]+", pattern)),)
    )


@pytest.mark.parametrize("pattern", WILDCARDS)
def test_words_that_it_takes(pattern: str) -> None:
    """`a.b` is one word of two letters with a `.` between them, which `a*b` takes."""
    leaf = same(_phrase(pattern), CONTEXT)
    assert isinstance(leaf, Regex)
    found = re.compile(leaf.pattern, re.IGNORECASE)
    whole = re.compile("".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern))
    for text in TEXTS:
        wanted = any(map(whole.fullmatch, standard_tokens(text)))
        assert bool(found.search(text)) is wanted, text


@pytest.mark.parametrize("pattern", ["*a-b*", "*/tmp/*", "*a b*", "*-*", "*.", "a.1*"])
def test_no_word_has_it(pattern: str) -> None:
    """Elastic finds nothing for `*a-b*`: the text is split at the `-`."""
    assert same(_phrase(pattern), CONTEXT) == FALSE
