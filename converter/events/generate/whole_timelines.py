"""Timelines of the whole rule, beside the frame's own: other systems, one event for two steps, other terms.

sequence, sample          ->  on hosts of a system that the rule does not take; with one event for two steps
threshold, new terms      ->  beside another value of a field that it counts or remembers by
threshold                 ->  as far apart as one run of the rule sees the events
pipeline                  ->  before another event, which says when the rule runs
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from converter.events.generate.basis import Basis
from converter.events.generate.changed import changed
from converter.events.generate.drafts import Draft
from converter.events.generate.moments import at, spread
from converter.events.generate.other_systems import on_other_systems
from converter.events.generate.recipes import UNITS
from converter.ir import Equals, Exists, NewTerms, Pipeline, Sample, Threshold
from converter.ir import Sequence as Sequence_

if TYPE_CHECKING:
    from converter.events.generate.pipelines import Piped


def whole_timelines(basis: Basis) -> Iterator[Draft]:
    """The timelines, by the kind of detection."""
    match basis.detection:
        case Sequence_(steps=steps) | Sample(steps=steps):
            yield from _on_other_systems(basis)
            yield from _for_two_steps(basis, [step.absent for step in steps])
        case Threshold(fields=fields):
            yield from _other_terms(basis, fields)
            whole = tuple(basis.frame.around(0, basis.events[0]))
            yield Draft("over the whole look-back", spread(whole, basis.rule.look_back))
        case NewTerms(fields=fields):
            yield from _other_terms(basis, fields)
        case Pipeline() if basis.piped is not None and basis.piped.looks_at_the_clock:
            yield from _before_a_run(basis, basis.piped)


def _before_a_run(basis: Basis, frame: Piped) -> Iterator[Draft]:
    """The timeline so long before the rule runs that it just still alerts, and that it just does not: behind
    it an event that the rule does not take."""
    step = basis.steps[0]
    later = step.positives[0][0].solve([(step.predicate, False)])
    if not frame.whole or later is None or frame.takes(later):
        return
    times = {number * unit for number in frame.numbers for unit in UNITS}
    drafts = [
        Draft(f"{time} milliseconds before the rule runs", (*frame.whole, at(later, time)))
        for time in sorted(times)
        if time <= frame.window
    ]
    alerts = [basis.alerts(draft.timeline) for draft in drafts]
    for place, (before, after) in enumerate(pairwise(alerts)):
        if before is not after:
            yield from drafts[place : place + 2]


def _on_other_systems(basis: Basis) -> Iterator[Draft]:
    """The timeline of a sequence on hosts of systems that the rule does not take."""
    for how, events in on_other_systems(basis.steps, basis.rule.index, basis.taxonomy):
        yield Draft(f"everything holds, {how}", basis.framed(events).around(0, events[0]))


def _other_terms(basis: Basis, fields: tuple[str, ...]) -> Iterator[Draft]:
    """Where the rule does not take the event with any other value of a field that it counts or remembers by:
    one that it takes (a program of that name in another folder), beside the event."""
    event, step = basis.events[0], basis.steps[0]
    world = step.positives[0][0]
    settled = world.settle([(step.predicate, True)])
    if settled is None:
        return
    for name in fields:
        if name not in event or basis.tests.holds(step.predicate, changed(dict(event), name, 1)):
            continue
        other = world.solve_beside(settled, [(Equals(name, event[name]), False), (Exists(name), True)])
        if other is not None:
            yield Draft(f"beside another {name} that the rule takes", basis.frame.beside(event, other))


def _for_two_steps(basis: Basis, absent: Sequence[bool]) -> Iterator[Draft]:
    """The timeline with one event where two steps' events are: it counts once."""
    for place, (step, following) in enumerate(pairwise(basis.steps)):
        if any(absent[place : place + 2]):
            continue
        for world, _ in following.positives:
            event = world.solve([(step.predicate, True), (following.predicate, True)])
            if event is not None:
                whole = basis.frame.around(place + 1, event)
                if len(whole) == len(basis.steps):
                    left = (*whole[:place], *whole[place + 1 :])
                    yield Draft(f"one event for steps {place + 1} and {place + 2}", left)
                break
