"""A pattern's runs of letters, and what a class holds, are read at once: as one by one, and so are errors."""

from __future__ import annotations

import re
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from converter.regex import brackets
from converter.regex.ast import Dialect, Node
from converter.regex.perl import PerlParser
from converter.source import SourceError

SIGNS = [
    "(?i)",
    "(?-i)",
    "(?x)",
    "(?#no)",
    "(?:",
    "(",
    ")",
    "|",
    "*",
    "+",
    "?",
    "{2}",
    "{",
    "}",
    "]",
    "[bc]",
    ".",
]
patterns = st.lists(st.sampled_from(["ab", "c", " ", "#", "\n", "\\", "^", "$", *SIGNS]), max_size=9).map(
    "".join
)


class _OneByOne(PerlParser):
    def letters(self) -> str:
        return ""


def read(parser: PerlParser) -> tuple[Node | str, int]:
    """The tree, or the error; and where the cursor stands."""
    try:
        return parser.whole(), parser.at
    except SourceError as error:
        return str(error), parser.at


@given(pattern=patterns, dialect=st.sampled_from(["pcre", "re2"]))
def test_runs_of_letters_are_read_as_letters(pattern: str, dialect: Dialect) -> None:
    assert read(PerlParser(pattern, dialect)) == read(_OneByOne(pattern, dialect))


members = st.lists(
    st.sampled_from(
        ["a", "z", "A-Z", "0-9", "z-a", "-", "^", "\\d", "\\]", "\\x41", "[:alpha:]", *'[]&~|."']
    ),
    min_size=1,
    max_size=6,
).map("".join)


@given(inside=members, dialect=st.sampled_from(["pcre", "re2"]))
def test_members_of_a_class_are_read_as_one_by_one(inside: str, dialect: Dialect) -> None:
    pattern = f"[{inside}]"
    at_once = read(PerlParser(pattern, dialect))
    with patch.object(brackets, "_PLAIN", re.compile("(?!)")):
        assert at_once == read(PerlParser(pattern, dialect))
