"""Text as Sigma compares it: case folding, and pySigma's strings as tests of a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from sigma.types import SpecialChars

Part: TypeAlias = str | SpecialChars
TextTest: TypeAlias = Callable[[str], bool]

_MANY = SpecialChars.WILDCARD_MULTI
_ONE = SpecialChars.WILDCARD_SINGLE


class _Folding(dict[int, int]):
    """Each character's own lower case; a character whose lower case is longer stands for itself.

    One character for one, whatever stands beside it: `str.lower` looks at the neighbours of a capital sigma,
    and then a text would not contain each of its own parts.
    """

    def __missing__(self, code: int) -> int:
        lowered = chr(code).lower()
        self[code] = ord(lowered) if len(lowered) == 1 else code
        return self[code]


_FOLDING = _Folding()


def fold(text: str) -> str:
    """The text with case taken away."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)


def any_of(patterns: Sequence[Sequence[Part]]) -> TextTest:
    """Whether a text is as one of the patterns says; both folded already, where case doesn't count."""
    simple: dict[str, list[str]] = {"t": [], "t*": [], "*t": [], "*t*": []}
    checks: list[TextTest] = []
    for parts in patterns:
        shape = "".join("*" if part is _MANY else "?" if part is _ONE else "t" for part in parts)
        if shape == "*":
            return lambda text: True
        if not shape:
            simple["t"].append("")
        elif shape in simple:
            simple[shape].extend(part for part in parts if isinstance(part, str))
        else:
            checks.append(_wildcards(parts))
    return _either([*_simple(*map(tuple, simple.values())), *checks])


def _simple(
    exact: tuple[str, ...], starts: tuple[str, ...], ends: tuple[str, ...], inside: tuple[str, ...]
) -> list[TextTest]:
    checks: list[TextTest] = []
    if exact:
        checks.append(frozenset(exact).__contains__)
    if ends:
        checks.append(lambda text: text.endswith(ends))
    if starts:
        checks.append(lambda text: text.startswith(starts))
    if len(inside) == 1:
        word = inside[0]
        checks.append(lambda text: word in text)
    elif inside:
        checks.append(lambda text: any(map(text.__contains__, inside)))
    return checks


def _either(checks: list[TextTest]) -> TextTest:
    if len(checks) == 1:
        return checks[0]
    if len(checks) == 2:
        first, second = checks
        return lambda text: first(text) or second(text)
    return lambda text: any(check(text) for check in checks)


class _Piece:
    """What stands between two `*`: text and `?`, so it has one length."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.length = sum(len(part) if isinstance(part, str) else 1 for part in parts)
        self._pattern = re.compile(
            "".join("." if part is _ONE else re.escape(str(part)) for part in parts), re.DOTALL
        )

    def at(self, text: str, place: int) -> bool:
        return self._pattern.match(text, place) is not None

    def after(self, text: str, place: int, end: int) -> int | None:
        """Where the first occurrence in `text[place:end]` ends."""
        found = self._pattern.search(text, place, end)
        return found.end() if found else None


def _wildcards(parts: Sequence[Part]) -> TextTest:
    """`*` and `?` without a backtracking engine: the leftmost place of each piece is the right one."""
    groups: list[list[Part]] = [[]]
    for part in parts:
        if part is _MANY:
            groups.append([])
        else:
            groups[-1].append(part)
    head, tail = _Piece(groups[0]), _Piece(groups[-1])
    middle = [_Piece(group) for group in groups[1:-1] if group]
    if len(groups) == 1:
        return lambda text: len(text) == head.length and head.at(text, 0)

    def test(text: str) -> bool:
        end = len(text) - tail.length
        if end < head.length or not head.at(text, 0) or not tail.at(text, end):
            return False
        place: int | None = head.length
        for piece in middle:
            if place is None:
                return False
            place = piece.after(text, place, end)
        return place is not None

    return test
