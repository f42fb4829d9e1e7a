"""Work given to copies of this process: what makes one rule's answer come sooner on several cores.

A copy has all that the work refers to, and what it loads beside is its own; only its result is sent
(pickled). Copies are Linux' fork, which takes some 10 ms; elsewhere a process would start anew, and this one
does all.
"""

from __future__ import annotations

import os
import pickle
import select
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import chain
from typing import IO, Generic, TypeVar

_WIDTH = 4
"""Bytes of a number in a pipe; there is room for more numbers than a rule has translations."""
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_meanwhile: list[Callable[[], None]] = []


def in_copies(
    work: Callable[[_Item], _Result],
    items: Sequence[_Item],
    jobs: int,
    kind: Callable[[_Item], object] = lambda _: None,
) -> list[_Result]:
    """What `work` makes of each item, in their order, by `jobs` processes: this one and copies of it.

    Items of one `kind` take what is loaded once: where there are as many kinds as processes, each kind is
    done by one of them. Each process has its first kind, or item, and takes the next when it is done: which
    one takes how long is not known before. Kinds of many items come first: what is done last should be short.
    """
    jobs = min(jobs, len(items))
    if jobs < 2:
        return list(map(work, items))
    places: dict[object, list[int]] = {}
    for place, item in enumerate(items):
        places.setdefault(kind(item), []).append(place)
    groups = [[place] for place in range(len(items))]
    if len(places) >= jobs:
        groups = sorted(places.values(), key=len, reverse=True)
    with closing(_Numbers(range(jobs, len(groups)))) as further:

        def share(number: int) -> dict[int, _Result]:
            own = chain((number,), further)
            return {place: work(items[place]) for group in own for place in groups[group]}

        others = [begun(partial(share, number), jobs) for number in range(1, jobs)]
        found = share(0)
        for other in others:
            found.update(other())
    return [found[place] if place in found else work(item) for place, item in enumerate(items)]


class _Numbers:
    """Numbers of which each is given once, to whichever process asks next."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._taken, given = os.pipe()
        with os.fdopen(given, "wb") as pipe:
            pipe.write(b"".join(number.to_bytes(_WIDTH, "big") for number in numbers))

    def __iter__(self) -> Iterator[int]:
        while number := os.read(self._taken, _WIDTH):
            yield int.from_bytes(number, "big")

    def close(self) -> None:
        os.close(self._taken)


def meanwhile(work: Callable[[], None]) -> None:
    """Has the work done when this process waits for a copy: what is loaded then costs no time. It may never
    be done."""
    _meanwhile.append(work)


class Begun(Generic[_Result]):
    """Work begun in a copy, whose number and pipe these are; without them work that is still to be done."""

    def __init__(self, work: Callable[[], _Result], copy: int = 0, results: IO[bytes] | None = None) -> None:
        self._work = work
        self._copy = copy
        self._results = results

    @property
    def is_working(self) -> bool:
        """Whether a copy is at it still: what else is to be done costs no time then."""
        return self._results is not None and not select.select([self._results], [], [], 0)[0]

    def __call__(self) -> _Result:
        """The result, as soon as it is there."""
        if self._results is None:
            return self._work()
        while _meanwhile and self.is_working:
            _meanwhile.pop()()
        with self._results as results:
            sent = results.read()
        _, status = os.waitpid(self._copy, 0)
        if status:
            return self._work()
        found: _Result = pickle.loads(sent)
        return found


def begun(work: Callable[[], _Result], jobs: int) -> Begun[_Result]:
    """Begins the work in a copy, where there may be several processes; gives what waits for its result.

    What a copy fails at, or cannot send, is done here: an error is raised where it would be without copies.
    """
    if jobs < 2 or sys.platform != "linux":
        return Begun(work)
    taken, given = os.pipe()
    copy = os.fork()
    if copy == 0:
        _send(work, given)
    os.close(given)
    return Begun(work, copy, os.fdopen(taken, "rb"))


def _send(work: Callable[[], object], place: int) -> None:
    """What a copy does: it ends without a word, and without what this process does at its end."""
    try:
        with open(place, "wb") as results:
            pickle.dump(work(), results, pickle.HIGHEST_PROTOCOL)
    except BaseException:
        os._exit(1)
    os._exit(0)
