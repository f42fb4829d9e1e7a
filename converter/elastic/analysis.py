"""How Elasticsearch splits the text of a `text` field: its standard analyzer.

Source: Lucene's `StandardTokenizer` (word breaks of Unicode Standard Annex #29, Unicode 9, in which `:`
stands inside words as `.` and `'` do) followed by the lower-case filter; tokens longer than 255 are cut.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

MAX_TOKEN_LENGTH = 255

_EXTEND = r"[\p{WB=Format}\p{WB=Extend}\p{WB=ZWJ}]*+"
_LETTER = rf"(?:[\p{{WB=ALetter}}\p{{WB=Hebrew_Letter}}]{_EXTEND})"
_NUMBER = rf"(?:[\p{{WB=Numeric}}０-９]{_EXTEND})"
_KATAKANA = rf"(?:\p{{WB=Katakana}}{_EXTEND})"
_JOINER = rf"(?:\p{{WB=ExtendNumLet}}{_EXTEND})"
_MID_LETTER = rf"(?:[\p{{WB=MidLetter}}\p{{WB=MidNumLet}}:']{_EXTEND})"
_MID_NUMBER = rf"(?:[\p{{WB=MidNum}}\p{{WB=MidNumLet}}']{_EXTEND})"

_RUN = (
    rf"(?:{_KATAKANA}(?:{_JOINER}*{_KATAKANA})*"
    rf"|(?:{_NUMBER}(?:(?:{_MID_NUMBER}|{_JOINER}*){_NUMBER})*"
    rf"|{_LETTER}(?:(?:{_MID_LETTER}|{_JOINER}*){_LETTER})*)+)"
)
_WORD = rf"{_JOINER}*{_RUN}(?:{_JOINER}+{_RUN})*{_JOINER}*"
_ASIAN = rf"(?:\p{{LB=Complex_Context}}{_EXTEND})+|[\p{{Han}}\p{{Hiragana}}]{_EXTEND}"


@cache
def _token() -> regex.Pattern[str]:
    """A token. Few rules ask a `text` field; the module takes 10 ms to load, the expression to compile."""
    import regex

    return regex.compile(rf"{_WORD}|{_ASIAN}|\p{{Extended_Pictographic}}{_EXTEND}")


@lru_cache(maxsize=4096)
def standard_tokens(text: str) -> tuple[str, ...]:
    """The tokens of a text in order, lower case: `It's $env:TEMP` is `it's`, `env:temp`."""
    tokens = []
    for match in _token().finditer(text):
        token = match.group().lower()
        tokens += [token[at : at + MAX_TOKEN_LENGTH] for at in range(0, len(token), MAX_TOKEN_LENGTH)]
    return tuple(tokens)
