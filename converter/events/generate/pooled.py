"""Near misses of a rule that counts, many in one timeline, where each by itself would take one of its own.

    stats n = count(*) by host.id | where n >= 100
    -> 100 events, of which a dozen are others that the rule takes: without any of these there is no alert
    -> 99 events, and a dozen that the rule misses by one step: with any of these there is one

None of them differs from the events around it in what is counted, in a key, or in what tells its kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from converter.evaluate.result import Event
from converter.events.generate.drafts import Draft, Named
from converter.events.generate.frame import Counting
from converter.events.generate.one_system import SYSTEM

_LEAST = 10
"""Of fewer events a timeline for each near miss costs little, and tells which one it is."""
_TOGETHER = 12
"""Near misses of one timeline: where a translation is known to differ in one of them, the others tell nothing
there."""
_MOST = 240
"""Near misses that are looked at."""


def pooled(frame: Counting, place: int, near: Iterable[Named]) -> Iterator[Draft]:
    """The timelines of such of the near misses as can be together, where the rule counts many events of that
    place."""
    number = frame.alike(place)
    if number < _LEAST:
        return
    usual, keys = frame.events[place], frame.keys | {SYSTEM}  # the group's host has one system
    taken: list[Event] = []
    missed: list[Event] = []
    for _, event in islice(near, _MOST):
        if event != usual and all(event.get(name) == usual.get(name) for name in keys):
            (taken if frame.takes(event) else missed).append(event)
    for some in _parts(taken, min(_TOGETHER, number)):
        yield Draft("some that are each taken by other means", frame.among(place, some))
    for some in _parts(missed, _TOGETHER):
        yield Draft("one fewer, and some that are each nearly taken", frame.instead(place, some))


def _parts(events: Sequence[Event], size: int) -> Iterator[Sequence[Event]]:
    return (events[start : start + size] for start in range(0, len(events), size))
