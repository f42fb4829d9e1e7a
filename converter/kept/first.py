"""Which characters the matches of one of Python's expressions begin with: all of them, maybe others too.

Characters beyond ASCII are not told apart: `BEYOND` stands for them all. An expression with something that is
not read here (a reference to a group, flags for all of it) may begin with any.
"""

from __future__ import annotations

import re
from functools import lru_cache

from converter.kept.scanners import BEYOND

_ASCII = frozenset(map(chr, range(128)))
_ANY = _ASCII | {BEYOND}
_NONE: frozenset[str] = frozenset()

_GROUP = re.compile(r"\((?:\?(?:P<\w+>|(?P<look><?[=!])|(?P<flags>[ims]*):)|(?!\?))")
_PLACE = re.compile(r"\\[bBAZ]|[$^]")
_CHARACTER = re.compile(
    r"\[\^?\]?(?:[^\]\\]|\\[\s\S])*\]|\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^xuUN0-9])|[^\\()\[|*+?]"
)
_REPEAT = re.compile(r"([*+?]|\{(?:\d+(?:,\d*)?|,\d*)\})[?+]?")
_OPTIONAL = re.compile(r"[*?]|\{0*[,}]")
_SIGN = r"\\[!-/:-@\[-`{-~]"
_IN_ASCII = re.compile(rf"\[(?!\^)(?:[\x00-\[\]-\x7f]|{_SIGN})*\]|{_SIGN}|[^.\x80-\U0010ffff]")


def first_characters(pattern: str) -> frozenset[str]:
    r"""The characters, and `BEYOND` where there may be some beyond ASCII.

    >>> sorted(first_characters(r"(?!if)[a-c]\d|-?x|/"))
    ['-', '/', 'a', 'b', 'c', 'x']
    """
    reader = _Reader(pattern)
    try:
        found, empty = reader.branches("")
    except _NotReadError:
        return _ANY
    return _ANY if empty or reader.at < len(pattern) else found


class _NotReadError(Exception):
    """Something that is not read here."""


class _Reader:
    """Each method gives the characters with which its part may begin, and whether it may be empty."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0

    def branches(self, flags: str) -> tuple[frozenset[str], bool]:
        found, empty = self._branch(flags)
        while self._take("|"):
            more, also = self._branch(flags)
            found, empty = found | more, empty or also
        return found, empty

    def _branch(self, flags: str) -> tuple[frozenset[str], bool]:
        found, empty = _NONE, True
        while self.at < len(self._text) and self._text[self.at] not in "|)":
            more, also = self._part(flags)
            if empty:
                found |= more
            if (repeat := _REPEAT.match(self._text, self.at)) is not None:
                self.at = repeat.end()
                also = also or _OPTIONAL.match(repeat[1]) is not None
            empty = empty and also
        return found, empty

    def _part(self, flags: str) -> tuple[frozenset[str], bool]:
        if (group := _GROUP.match(self._text, self.at)) is not None:
            self.at = group.end()
            found, empty = self.branches(flags + (group["flags"] or ""))
            if not self._take(")"):
                raise _NotReadError
            return (_NONE, True) if group["look"] else (found, empty)
        if (place := _PLACE.match(self._text, self.at)) is not None:
            self.at = place.end()
            return _NONE, True
        if (character := _CHARACTER.match(self._text, self.at)) is None:
            raise _NotReadError
        self.at = character.end()
        return _characters(character[0], flags), False

    def _take(self, sign: str) -> bool:
        found = self._text.startswith(sign, self.at)
        self.at += found
        return found


@lru_cache(maxsize=256)
def _characters(part: str, flags: str) -> frozenset[str]:
    """Those that a class of characters, or one character, matches."""
    match = re.compile(f"(?{flags}:{part})").fullmatch
    found = frozenset(filter(match, _ASCII))
    in_ascii = "i" not in flags and _IN_ASCII.fullmatch(part) is not None
    return found if in_ascii else found | {BEYOND}
