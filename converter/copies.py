"""Work on many items, shared out to this process and copies of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import chain
from typing import TypeVar

from converter.streams import begun

_WIDTH = 4
"""Bytes of a number in a pipe; there is room for more numbers than a rule has translations."""
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


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
            found.update(other.result())
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
