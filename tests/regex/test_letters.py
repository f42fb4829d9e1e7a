"""A pattern's runs of letters are read at once: as one by one, errors and their columns too."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

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
