"""Names with open places, which the tables have for fields of any name below another.

aws.cloudtrail.flattened.request_parameters.**   ->   requestParameters.**   (roleName, policyArn, ...)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import cycle

OPEN = "**"
"""In a row's name and its cells: a word of letters and digits; `***`: and underscores. Several: in turn; a
conversion's argument with fewer places takes the last of them."""
_HOLES = re.compile(r"\*{2,3}")
_WORDS = {"**": "([A-Za-z0-9]+)", "***": "([A-Za-z0-9_]+)"}


def filled(text: str, words: Sequence[str]) -> str:
    """The text with the words in its open places, in order and over again."""
    if OPEN not in text:
        return text
    turn = cycle(words)
    return _HOLES.sub(lambda _: next(turn), text)


@lru_cache(maxsize=4096)
def word_pattern(name: str) -> re.Pattern[str]:
    """What an open name stands for; its words are the groups."""
    pieces = zip(_HOLES.split(name), [*_HOLES.findall(name), ""], strict=True)
    return re.compile("".join(re.escape(text) + _WORDS.get(hole, "") for text, hole in pieces))


def filled_from_last(text: str, words: Sequence[str]) -> str:
    """The text with the last words in its open places, where it has fewer of these."""
    return filled(text, words[-(len(_HOLES.findall(text)) or 1) :])


def stands_for(name: str, field: str) -> bool:
    """Whether an open name stands for the field."""
    return word_pattern(name).fullmatch(field) is not None
