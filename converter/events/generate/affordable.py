"""How many timelines a rule can afford: many for small rules, fewer where one costs more.

Counted from the rule alone, never from a clock, so that a run gives the same ones on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable

from converter.elastic.size import written_out
from converter.events.generate.counted_events import events_needed
from converter.ir import Detection, IndicatorMatch, Limited, NewTerms, Sample, Threshold
from converter.ir import Sequence as SequenceNode
from converter.ir.detection import EventQuery
from converter.ir.predicate import Predicate
from converter.ir.rewrite import leaves

MAX_EVENTS = 1000
"""Of a timeline: a rule that needs more of them (a threshold of a million) has no generated cases."""
_EVENTS = 20_000
"""Of all timelines together."""
_EVENTS_BESIDE = 4000
"""Of these where there are more than the pairs: a timeline of a thousand events is worth no more than one of
ten, and costs as much as a hundred of them."""
_TESTS = 400_000
"""Conditions asked, each of each event."""
PAIRS = 9
"""So many times more for pairs, which come first."""
_STEPS = 8000
"""Steps of a sequence are tried against each other's events: the square of their number, in all timelines."""


def affordable(detection: Detection, most: int, times: int = 1, events: int = 1) -> int:
    """How many of `most` timelines, where they may cost so many times the usual; 0 where even one is too
    large. `events`: so many a timeline has at least, where that has been found."""
    if isinstance(detection, Limited):
        return affordable(detection.base, most, times, events)
    events = max(events, _events(detection))
    if events > MAX_EVENTS:
        return 0
    steps = written_out(detection) if isinstance(detection, SequenceNode) else 1
    if isinstance(detection, Sample):
        steps = len(detection.steps)
    conditions = sum(1 for predicate in _predicates(detection) for _ in leaves(predicate))
    room = (_EVENTS if times > 1 else _EVENTS_BESIDE) // events
    return max(1, min(most, room, times * _TESTS // max(conditions, 1), _STEPS // steps**2))


def _events(detection: Detection) -> int:
    """How many events the shortest timeline has that raises an alert."""
    match detection:
        case SequenceNode(steps=steps) | Sample(steps=steps):
            return max(sum(step.runs for step in steps), 1)
        case Threshold():
            return events_needed(detection)
    return 1


def _predicates(detection: Detection) -> Iterable[Predicate]:
    match detection:
        case SequenceNode(steps=steps) | Sample(steps=steps):
            return [step.predicate for step in steps]
        case EventQuery(predicate=predicate) | Threshold(predicate=predicate) | NewTerms(predicate=predicate):
            return [predicate]
        case IndicatorMatch(predicate=predicate, indicators=indicators):
            return [predicate, indicators]
    return ()
