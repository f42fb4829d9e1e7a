"""Wildcard patterns as values: filled with texts, and intersected with one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias

from converter.evaluate.elastic.wildcards import pattern_test
from converter.frozen import dataclass
from converter.ir.predicate import Wild

Unit: TypeAlias = str | Wild
"""One character, or a wildcard."""
Pattern: TypeAlias = tuple[Unit, ...]

_Made: TypeAlias = "tuple[_Made, Unit] | None"
"""What an intersection is made of so far: its last unit behind the others."""
_MOST_PLACES = 40_000
"""Pairs of places looked at before an intersection is given up."""


@dataclass(frozen=True, slots=True)
class Fills:
    """What stands for a `*`: before a separator at the start, else at the start, inside, and at the end."""

    separator: str = ""
    root: str = "x7"
    lead: str = "x7"
    middle: str = "x7"
    trail: str = "x7"


def units(pattern: Sequence[str | Wild]) -> Pattern:
    """The pattern with its literal texts split into characters, and runs of `*` as one."""
    result: list[Unit] = []
    for part in pattern:
        if isinstance(part, Wild):
            if not (part is Wild.ANY and result and result[-1] is Wild.ANY):
                result.append(part)
        else:
            result.extend(part)
    return tuple(result)


@lru_cache(maxsize=2048)
def intersect(left: Pattern, right: Pattern, ignore_case: bool) -> Pattern | None:
    """A pattern whose texts both match, as general as one reading of the two allows; None if there is none.

    >>> "".join(u if isinstance(u, str) else u.value for u in intersect(units(("a", Wild.ANY)),
    ...     units((Wild.ANY, "b")), False))
    'a*b'
    """
    if _apart(left, right, ignore_case) or _apart(left[::-1], right[::-1], ignore_case):
        return None
    if not ignore_case:
        for one, other in ((left, right), (right, left)):
            if Wild.ANY not in one and Wild.ONE not in one:
                return one if pattern_test(other)("".join(map(str, one))) else None
    seen: set[tuple[int, int]] = set()
    stack: list[tuple[int, int, _Made]] = [(0, 0, None)]
    while stack:
        i, j, made = stack.pop()
        if i == len(left) and j == len(right):
            return units(_units_of(made))
        if (i, j) in seen:
            continue
        if len(seen) > _MOST_PLACES:
            return None
        seen.add((i, j))
        for di, dj, unit in _steps(left, right, i, j, ignore_case):
            stack.append((i + di, j + dj, made if unit is None else (made, unit)))
    return None


def _apart(left: Pattern, right: Pattern, ignore_case: bool) -> bool:
    """Whether the two differ in a character before the first `*` of either: then no text matches both."""
    for a, b in zip(left, right, strict=False):
        if a is Wild.ANY or b is Wild.ANY:
            return False
        if isinstance(a, str) and isinstance(b, str) and not _same(a, b, ignore_case):
            return True
    return False


def _same(a: str, b: str, ignore_case: bool) -> bool:
    return a == b or (ignore_case and a.lower() == b.lower())


def _units_of(made: _Made) -> list[Unit]:
    found: list[Unit] = []
    while made is not None:
        made, unit = made
        found.append(unit)
    return found[::-1]


def _steps(
    left: Pattern, right: Pattern, i: int, j: int, ignore_case: bool
) -> Iterator[tuple[int, int, Unit | None]]:
    """The ways on, the last of them first to be tried: how far on each side, and what is made."""
    a = left[i] if i < len(left) else None
    b = right[j] if j < len(right) else None
    if a is Wild.ANY and b is Wild.ANY:
        yield 0, 1, Wild.ANY
        yield 1, 0, Wild.ANY
    elif a is Wild.ANY:
        yield 1, 0, None
        if b is not None:
            yield 0, 1, b
    elif b is Wild.ANY:
        yield 0, 1, None
        if a is not None:
            yield 1, 0, a
    elif a is Wild.ONE and b is not None:
        yield 1, 1, b
    elif (b is Wild.ONE and a is not None) or (
        isinstance(a, str) and isinstance(b, str) and _same(a, b, ignore_case)
    ):
        yield 1, 1, a


def texts(pattern: Pattern, fills: Fills) -> Iterator[str]:
    """Texts that the pattern matches: the plainest, the shortest, then each `*` empty, longer, with a
    separator."""
    plain, wild = _pieces(pattern, fills)
    yield "".join(plain)
    if len(wild) > 1:
        yield "".join("" if place in wild else piece for place, piece in enumerate(plain))
    separator = fills.separator or "-"
    for place in wild:
        before, after = "".join(plain[:place]), "".join(plain[place + 1 :])
        for other in ("", f"x7{separator}y8", "a b", "x7y"):
            yield f"{before}{other}{after}"


@lru_cache(maxsize=512)
def _pieces(pattern: Pattern, fills: Fills) -> tuple[Sequence[str], Sequence[int]]:
    """The plainest text in pieces, what stands for a `*` by itself; and the places of these pieces."""
    pieces: list[str] = []
    wild: list[int] = []
    start = 0
    for place, unit in enumerate((*pattern, Wild.ANY)):
        if unit is not Wild.ANY:
            continue
        if place > start:
            pieces.append(_between(pattern, start, place, fills))
        if place < len(pattern):
            wild.append(len(pieces))
            pieces.append(_plain(pattern, place, fills))
        start = place + 1
    return pieces, wild


def _between(pattern: Pattern, start: int, end: int, fills: Fills) -> str:
    """The plainest text of a part without a `*`."""
    part = pattern[start:end]
    if Wild.ONE in part:
        return "".join(_plain(pattern, place, fills) for place in range(start, end))
    return "".join(unit for unit in part if isinstance(unit, str))


def _plain(pattern: Pattern, place: int, fills: Fills) -> str:
    unit = pattern[place]
    after = pattern[place + 1] if place + 1 < len(pattern) else None
    if isinstance(unit, str):
        return unit
    if unit is Wild.ONE:
        return "C" if after == ":" else "x"
    if place == 0:
        return fills.root if after == fills.separator else fills.lead
    return fills.trail if after is None else fills.middle
