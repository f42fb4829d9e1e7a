"""What targets are likely to mistake in a step, in the timeline around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import Any

from converter.evaluate.result import Event
from converter.events.case import Timeline
from converter.events.generate.basis import Basis
from converter.events.generate.drafts import Draft, drafts_of
from converter.events.generate.pairs import Pairs
from converter.events.generate.prepared import Prepared
from converter.events.generate.rows_beside import other_rows
from converter.events.generate.timelines import MARGIN, Frame, at, frame_of
from converter.events.generate.unheld import left_in_all
from converter.events.generate.witnesses import witnesses
from converter.ir import NewTerms, Sample
from converter.ir import Sequence as Sequence_

_SEEN = 12
"""Events that are seen before a term is, of each sort."""
HOST = ("host.id", "host.name", "agent.id")


def mistaken(basis: Basis, place: int, pairs: Pairs) -> Iterator[Draft]:
    """The timelines that targets are likely to take for others; `pairs` are those of the step there."""
    step = basis.steps[place]
    shown = witnesses(step.positives, pairs.positives, step.predicate, basis.rule.index, basis.taxonomy)
    beside = other_rows(step.positives, pairs.positives)
    drawn = drafts_of(chain(shown, beside), _around(basis, place))
    if isinstance(basis.detection, NewTerms):
        drawn = _seen_before(drawn, pairs, basis.detection, basis.frame.around(0, basis.events[0])[0])
    return (draft for draft in drawn if of_one_system(draft.timeline))


def _seen_before(drawn: Iterator[Draft], pairs: Pairs, terms: NewTerms, event: Event) -> Iterator[Draft]:
    """The drafts, and the event after those of them, and of the pairs, that the original or a target takes: a
    term that only one of them has seen is new to the other."""
    shown = list(islice(drawn, _SEEN))
    for draft in (*pairs.drafts[:_SEEN], *shown):
        before = at(draft.timeline[0], -terms.since - MARGIN)
        yield Draft(f"seen before, {draft.name}", (before, event))
    yield from shown
    yield from drawn


def _around(basis: Basis, place: int) -> Callable[[Event], Timeline]:
    """The timeline around what targets mistake in a step of a sequence: beside events of which each log that
    holds their kind has what is asked, on a host of one system. Else the plan's own."""
    if not isinstance(basis.detection, Sequence_ | Sample):
        return partial(basis.frame.around, place)
    frames: dict[str, Frame] = {}

    def around(event: Event) -> Timeline:
        system = str(event.get("host.os.type", ""))
        if system not in frames:
            frames[system] = frame_of(basis.detection, [_held_in_all(step, system) for step in basis.steps])
        return frames[system].around(place, event)

    return around


def _held_in_all(step: Prepared, system: str) -> Event:
    """The step's first event of the system, by what each log has of what is asked, if it can be."""
    of_system = (one for one in step.positives if one[0].shape.system == system)
    world, event = next(of_system, step.positives[0])
    record = world.shape.record
    rest = step.predicate if record is None else left_in_all(step.predicate, record)
    found = None if rest == step.predicate else world.solve([(rest, True), (step.predicate, True)])
    return found or event


def of_one_system(timeline: Iterable[Event]) -> bool:
    """Whether each host has one system: the event of another record may be of another than its fellows."""
    systems: dict[tuple[str, str], Any] = {}
    return all(
        systems.setdefault((name, str(event[name])), event.get("host.os.type")) == event.get("host.os.type")
        for event in timeline
        for name in HOST
        if name in event
    )
