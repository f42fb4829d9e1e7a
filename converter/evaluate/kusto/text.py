"""String comparison of Kusto: case folding, terms, and the string operators.

Source: "String operators" in the KQL reference. Case is ignored one character at a time, so `ß` is not `ss`.
A term is a maximal run of alphanumeric characters; `has x` finds x where no term goes on beyond x's ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

TextTest = Callable[[str, str], bool]


class _Folding(dict[int, int]):
    """Upper case of one character where that is one character, ASCII as lower case; filled as it is used."""

    def __missing__(self, code: int) -> int:
        character = chr(code)
        folded = character.lower() if code < 128 else character.upper()
        if len(folded) != 1 or (code >= 128 and folded.isascii()):
            folded = character
        self[code] = ord(folded)
        return self[code]


_FOLDING = _Folding()


def fold(text: str) -> str:
    """The text with case removed, to be compared with another folded text."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)


@lru_cache(maxsize=4096)
def _term(needle: str, left: bool, right: bool) -> re.Pattern[str]:
    word = r"[^\W_]"
    before = rf"(?<!{word})" if left and needle[:1].isalnum() else ""
    after = rf"(?!{word})" if right and needle[-1:].isalnum() else ""
    return re.compile(before + re.escape(needle) + after)


def has(text: str, needle: str) -> bool:
    return needle in text and _term(needle, True, True).search(text) is not None


def has_prefix(text: str, needle: str) -> bool:
    return needle in text and _term(needle, True, False).search(text) is not None


def has_suffix(text: str, needle: str) -> bool:
    return needle in text and _term(needle, False, True).search(text) is not None


TESTS: dict[str, TextTest] = {
    "has": has,
    "hasprefix": has_prefix,
    "hassuffix": has_suffix,
    "contains": lambda text, needle: needle in text,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
"""Each operator on two texts whose case matters, or that are folded already; `_cs` keeps the case."""
