"""Timelines of events of several kinds: a log may call a key otherwise in each, or write it otherwise.

a threshold   ->  all its events of one kind but the last, which is of another and has the same keys; and what
                  targets give up in each kind (`timeline_witnesses`)
new terms     ->  seen before in an event of another kind
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from converter.evaluate.result import Event
from converter.events.case import Timeline
from converter.events.generate.changed import other_value
from converter.events.generate.groups import HOST
from converter.events.generate.moments import at
from converter.events.generate.one_system import of_one_system
from converter.events.generate.pipeline_witnesses import Whole
from converter.events.generate.prepared import Prepared
from converter.events.generate.timeline_witnesses import timeline_witnesses
from converter.events.generate.timelines import MARGIN
from converter.events.generate.world import World
from converter.ir import Detection, Equals, NewTerms, Threshold

_TIME = "@timestamp"

Around = Callable[[Event], Timeline]


def of_several_kinds(
    detection: Detection, step: Prepared, around: Around
) -> Iterator[tuple[str, World, Timeline]]:
    """The timelines of a threshold or of new terms, each with a name and the other kind of its event.

    `around`: the timeline in which everything holds, of events like the one given.
    """
    if not isinstance(detection, Threshold | NewTerms) or not step.positives:
        return
    counted = [name for name, _ in detection.cardinality] if isinstance(detection, Threshold) else []
    keys = [*detection.fields, *counted]
    whole = around(step.positives[0][1])
    for world, event in step.positives[1:]:
        other = _with_keys(world, step, whole[-1], keys)
        if other is not None and all(other.get(name) == whole[-1].get(name) for name in keys):
            yield from _beside(detection, whole, world, other)
        if isinstance(detection, Threshold):
            for name, timeline in timeline_witnesses(Whole(detection, around(event), world.shape)):
                yield name, world, timeline


def _beside(
    detection: Threshold | NewTerms, whole: Timeline, world: World, other: Event
) -> Iterator[tuple[str, World, Timeline]]:
    """The timeline with an event of another kind: before what was seen, or as the last that is counted."""
    last = whole[-1]
    if isinstance(detection, NewTerms):
        yield "seen in another kind", world, (at(other, -detection.since - MARGIN), last)
    elif len(whole) > 1:
        yield "the last of another kind", world, (*whole[:-1], {**other, _TIME: last[_TIME]})


def _with_keys(world: World, step: Prepared, event: Event, names: Sequence[str]) -> Event | None:
    """An event of the kind that the step takes and that has the other's values in these fields, if any; on
    another host where that has another system."""
    pins = [(Equals(name, _first(event[name])), True) for name in names if event.get(name) is not None]
    found = world.solve([(step.predicate, True), *pins])
    if found is None or of_one_system((event, found)):
        return found
    return {**found, **{name: other_value(name, found[name]) for name in HOST if name in found}}


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value
