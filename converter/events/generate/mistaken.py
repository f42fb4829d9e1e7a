"""What targets are likely to mistake in a step, in the timeline around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from converter.evaluate.result import Event
from converter.events.case import Timeline
from converter.events.generate.basis import Basis
from converter.events.generate.crowds import crowds
from converter.events.generate.drafts import Draft, drafts_of
from converter.events.generate.frame import Frame
from converter.events.generate.one_system import SYSTEM, of_one_system
from converter.events.generate.other_kinds import frames_of_other_kinds
from converter.events.generate.pairs import Pairs
from converter.events.generate.prepared import Prepared
from converter.events.generate.rows_beside import other_rows
from converter.events.generate.seen_before import seen_before
from converter.events.generate.unheld import left_in_all
from converter.events.generate.witnesses import witnesses
from converter.ir import NewTerms, Sample
from converter.ir import Sequence as Sequence_

if TYPE_CHECKING:
    from converter.events.generate.pipelines import Piped


def mistaken(basis: Basis, place: int, pairs: Pairs) -> Iterator[Draft]:
    """The timelines that targets are likely to take for others; `pairs` are those of the step there."""
    step = basis.steps[place]
    shown = witnesses(step.positives, pairs.positives, step.predicate, basis.rule.index, basis.taxonomy)
    beside = other_rows(step.positives, pairs.positives)
    crowd: Iterator[Draft] = iter(())
    if basis.piped is not None and place == 0 and not basis.piped.is_monotone:
        events = list(shown)
        shown, crowd = iter(events), crowds(basis, events, list(pairs.positives.values()))
    drawn: Iterator[Draft] = chain(crowd, drafts_of(chain(shown, beside), _around(basis, place)))
    if isinstance(basis.detection, NewTerms):
        drawn = seen_before(drawn, pairs, basis.detection, basis)
    return (draft for draft in drawn if of_one_system(draft.timeline))


def _around(basis: Basis, place: int) -> Callable[[Event], Timeline]:
    """The timeline around what targets mistake in a step of a sequence: beside events of which each log that
    holds their kind has what is asked, on a host of one system. Else the plan's own."""
    if basis.piped is not None:
        return partial(_counted, basis, basis.piped, place)
    if not isinstance(basis.detection, Sequence_ | Sample):
        return partial(basis.frame.around, place)
    frames: dict[str, Frame] = {}

    def around(event: Event) -> Timeline:
        system = str(event.get(SYSTEM, ""))
        if system not in frames:
            frames[system] = basis.framed([_held_in_all(step, system) for step in basis.steps])
        return frames[system].around(place, event)

    return around


def _counted(basis: Basis, frame: Piped, place: int, event: Event) -> Timeline:
    """A pipeline's timeline around the event: beside others of its system, if there are such."""
    system = event.get(SYSTEM)
    if system not in (None, frame.events[0].get(SYSTEM)):
        others = (one for _, one in frames_of_other_kinds(basis) if one.events[0].get(SYSTEM) == system)
        frame = next(others, frame)
    return frame.mistaken(place, event)


def _held_in_all(step: Prepared, system: str) -> Event:
    """The step's first event of the system, by what each log has of what is asked, if it can be."""
    of_system = (one for one in step.positives if one[0].shape.system == system)
    world, event = next(of_system, step.positives[0])
    record = world.shape.record
    rest = step.predicate if record is None else left_in_all(step.predicate, record)
    found = None if rest == step.predicate else world.solve([(rest, True), (step.predicate, True)])
    return found or event
