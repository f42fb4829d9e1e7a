"""Work in a copy that tells of its parts: in their order, and the same objects as in the result."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import pytest

from converter.streams import streamed

Told = Callable[[tuple[dict[str, str], int]], None]
only_with_copies = pytest.mark.skipif(sys.platform != "linux", reason="copies are Linux' fork")


def counting(tell: Told, number: int = 3000) -> list[tuple[dict[str, str], int]]:
    """So many parts that have an object in common: more than a pipe has room for."""
    common = {"said": "x" * 200}
    made = [(common, place) for place in range(number)]
    for one in made:
        tell(one)
    return made


@only_with_copies
def test_parts_are_told_in_their_order_and_are_those_of_the_result() -> None:
    stream = streamed(counting, 2)
    told = list(stream.parts())
    result = stream.result()
    assert [place for _, place in told] == list(range(len(told)))
    assert all(one is other for one, other in zip(told, result, strict=False))
    assert all(common is result[0][0] for common, _ in result)


@only_with_copies
def test_a_part_is_told_before_the_work_is_done() -> None:
    taken, given = os.pipe()

    def work(tell: Callable[[str], None]) -> bytes:
        tell("first")
        return os.read(taken, 1)

    stream = streamed(work, 2)
    parts = stream.parts()
    assert next(parts) == "first"
    os.write(given, b"x")
    assert list(parts) == [] and stream.result() == b"x"


def test_parts_that_nobody_takes_keep_no_one_waiting() -> None:
    assert len(streamed(counting, 2).result()) == 3000


def test_without_a_copy_there_is_the_result_alone() -> None:
    stream = streamed(counting, 1)
    assert list(stream.parts()) == [] and len(stream.result()) == 3000


def test_what_a_copy_told_before_it_died_is_made_anew() -> None:
    here = os.getpid()

    def work(tell: Callable[[str], None]) -> str:
        tell("part")
        if os.getpid() != here:
            os._exit(3)
        return "done"

    stream = streamed(work, 2)
    list(stream.parts())
    assert stream.result() == "done"
