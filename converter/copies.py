"""Work shared out to copies of this process: what makes one rule's answer come sooner on several cores."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def in_copies(work: Callable[[_Item], _Result], items: Sequence[_Item], jobs: int) -> list[_Result]:
    """What `work` makes of each item, in their order, found by `jobs` processes: this one and copies of it.

    A copy has all that `work` refers to; only results are sent (pickled), so they should be small. Copies are
    Linux' fork, which takes some 10 ms; elsewhere a process would start anew, and this one does all.
    """
    jobs = min(jobs, len(items)) if sys.platform == "linux" else 1
    if jobs < 2:
        return [work(item) for item in items]

    def share(number: int) -> list[_Result]:
        return [work(item) for item in items[number::jobs]]

    with ProcessPoolExecutor(jobs - 1, get_context("fork"), _start, (share,)) as copies:
        others = [copies.submit(_share, number) for number in range(1, jobs)]
        shares = [share(0), *(other.result() for other in others)]
    return [shares[place % jobs][place // jobs] for place in range(len(items))]


_work: list[Callable[[int], Any]] = []


def _start(share: Callable[[int], Any]) -> None:
    _work[:] = [share]


def _share(number: int) -> Any:
    return _work[0](number)
