"""Tests of texts by patterns with wildcards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from converter.ir import Wild


def pattern_test(pattern: Iterable[str | Wild]) -> Callable[[str], bool]:
    """A test whether the whole text matches a wildcard pattern, in time linear in the text for each `*`."""
    pieces: list[list[str | Wild]] = [[]]
    for part in pattern:
        if part is Wild.ANY:
            pieces.append([])
        else:
            pieces[-1].append(part)
    if not any(Wild.ONE in piece for piece in pieces):
        return _plain_pattern(["".join(map(str, piece)) for piece in pieces])
    return _wild_pattern(pieces)


def _plain_pattern(pieces: list[str]) -> Callable[[str], bool]:
    """Pieces with `*` between them, without `?`."""
    if len(pieces) == 1:
        return pieces[0].__eq__
    first, last = pieces[0], pieces[-1]
    middle = tuple(piece for piece in pieces[1:-1] if piece)
    if not middle:
        least = len(first) + len(last)
        if not first:
            return lambda text: text.endswith(last)
        if not last:
            return lambda text: text.startswith(first)
        return lambda text: len(text) >= least and text.startswith(first) and text.endswith(last)
    if len(middle) == 1 and not first and not last:
        only = middle[0]
        return lambda text: only in text

    def test(text: str) -> bool:
        end = len(text) - len(last)
        if end < len(first) or not text.startswith(first) or not text.endswith(last):
            return False
        at = len(first)
        for piece in middle:
            found = text.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return True

    return test


def _wild_pattern(pieces: list[list[str | Wild]]) -> Callable[[str], bool]:
    """Pieces with `*` between them, of which some hold `?`: each is found at its leftmost place."""
    compiled = [_piece(piece) for piece in pieces]
    if len(compiled) == 1:
        only = compiled[0][0]
        return lambda text: only.fullmatch(text) is not None
    (first, _), (last, length) = compiled[0], compiled[-1]
    middle = tuple(piece for piece, size in compiled[1:-1] if size)

    def test(text: str) -> bool:
        start = first.match(text)
        end = len(text) - length
        if start is None or end < start.end() or last.match(text, end) is None:
            return False
        at = start.end()
        for piece in middle:
            found = piece.search(text, at, end)
            if found is None:
                return False
            at = found.end()
        return True

    return test


def _piece(parts: Iterable[str | Wild]) -> tuple[re.Pattern[str], int]:
    """A piece without `*` as an expression of fixed length, and that length."""
    text, length = "", 0
    for part in parts:
        text += "." if part is Wild.ONE else re.escape(str(part))
        length += 1 if part is Wild.ONE else len(str(part))
    return re.compile(text, re.DOTALL), length
