"""A search is cut with patterns as it is letter by letter: commands, places and errors."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from converter.evaluate.spl import split as splitting
from converter.evaluate.spl.split import Command, _Scanner
from converter.evaluate.spl.text import prepare
from converter.source import QuerySyntaxError, SourceError

PIECES = ["|", "[", "]", '"', "'", "\\", "\n", "a", " b=c ", "search x", "where y", "eval z", "rename w"]
searches = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


class _LetterByLetter(_Scanner):
    """What a quoted text is, said without a pattern."""

    def _quoted(self, quote: str) -> str:
        start, end = self.offset, self.offset + 1
        while end < len(self.content) and self.content[end] != quote:
            end += 2 if self.content[end] == "\\" and quote == '"' else 1
        if end >= len(self.content):
            raise QuerySyntaxError(f"a text that is not closed: {quote}", self.text.position(start))
        self.offset = end + 1
        return self.content[start : end + 1]


def cut(scanner: type[_Scanner], search: str) -> tuple[Command, ...] | str:
    """The commands, or the error."""
    try:
        return scanner(prepare(search)).pipeline(inner=False)
    except SourceError as error:
        return str(error)


@given(search=searches)
def test_a_search_is_cut_as_letter_by_letter(search: str) -> None:
    found = cut(_Scanner, search)
    plain, splitting._PLAIN = splitting._PLAIN, re.compile("(?!)")
    try:
        assert found == cut(_LetterByLetter, search)
    finally:
        splitting._PLAIN = plain


@given(search=searches.filter(lambda text: '"' not in text))
def test_without_a_macro_the_text_is_as_it_was(search: str) -> None:
    same, behind = prepare(search), prepare(f"{search}`drop_dm_object_name(x)`")
    assert same.content == search
    places = range(len(search))
    assert [same.position(at) for at in places] == [behind.position(at) for at in places]
