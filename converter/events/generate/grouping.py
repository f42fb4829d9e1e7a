"""More timelines than cases: those that are expected to say the same share a case.

    ten timelines, four cases at most:  1  2  3+5+7+9 (match)  4+6+8+10 (no_match)

Each timeline is judged by itself; a case of several holds if all of them do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

from converter.events.case import Case

MOST_PARTS = 8
"""Timelines that share a case: so many can be read at once."""


def grouped(timelines: Sequence[Case], max_cases: int) -> tuple[Case, ...]:
    """The timelines in their order, at most `max_cases` cases together; those that have no room are left out.

    The first ones are cases of their own, the others are parts of one.
    """
    alone = _alone(len(timelines), max_cases)
    found = list(timelines[:alone])
    room = max_cases - alone
    shared: list[list[Case]] = []
    for expect in ("match", "no_match"):
        shared += _in_parts(case for case in timelines[alone:] if case.expect == expect)
    place = {case.name: number for number, case in enumerate(timelines)}
    shared.sort(key=lambda parts: place[parts[0].name])
    for parts in shared[:room]:
        name = f"{parts[0].name}, and {len(parts) - 1} more" if len(parts) > 1 else ""
        found += (replace(case, group=name) for case in parts)
    return tuple(found)


def _alone(timelines: int, max_cases: int) -> int:
    """How many can be cases of their own, so that the others (of two kinds) have room in the rest."""
    if timelines <= max_cases:
        return timelines
    return max((max_cases - 2 - -(-timelines // MOST_PARTS)) * MOST_PARTS // (MOST_PARTS - 1), 0)


def _in_parts(cases: Iterable[Case]) -> Iterable[list[Case]]:
    rest = iter(cases)
    while parts := list(islice(rest, MOST_PARTS)):
        yield parts
