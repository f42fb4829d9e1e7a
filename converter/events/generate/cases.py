"""The generator: a rule's cases, and what they cover.

Every label is what the original's own evaluator says of the timeline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import chain, takewhile, tee
from typing import Any

from converter.elastic.rule import Rule
from converter.evaluate.elastic import compile_detection
from converter.evaluate.result import CompiledQuery, Event
from converter.events.case import Case, Timeline
from converter.events.generate.affordable import PAIRS, affordable
from converter.events.generate.basis import Basis
from converter.events.generate.by_log import by_each_log
from converter.events.generate.coverage import AtomCoverage, Coverage, Generated
from converter.events.generate.drafts import Draft, Drafts, drafts_of
from converter.events.generate.first_kind import of_a_kind_that_differs
from converter.events.generate.frame import Counting
from converter.events.generate.grouping import MOST_PARTS, grouped
from converter.events.generate.literals import Tests
from converter.events.generate.mistaken import mistaken
from converter.events.generate.one_system import in_one_system
from converter.events.generate.other_kinds import in_other_kinds
from converter.events.generate.other_mappings import by_other_mappings
from converter.events.generate.pairs import pairs_of
from converter.events.generate.pipeline_witnesses import Whole
from converter.events.generate.pooled import pooled
from converter.events.generate.prepared import conflicts, prepare_all
from converter.events.generate.shape import Shape
from converter.events.generate.taken import with_taken
from converter.events.generate.timeline_witnesses import timeline_witnesses
from converter.events.generate.variations import variations
from converter.events.generate.whole_timelines import whole_timelines
from converter.events.generate.world import World
from converter.ir import Detection, IndicatorMatch, Pipeline, Predicate, Sample, Sequence
from converter.source import NotSupportedError
from converter.taxonomy.model import Taxonomy

_RESERVED = 40
"""Cases that a rule has at least beside the pairs."""
_MOST_TRIED = 15_000
"""Events that are tried before there are no more near misses: one rule in a thousand needs more, and seconds
for it."""
_TIMELINES = 2
"""Timelines for each case, where a rule has so many: pairs may be more."""


def generate(
    rule: Rule,
    detection: Detection,
    taxonomy: Taxonomy,
    max_cases: int,
    original: CompiledQuery | None,
    tell: Callable[[Timeline], None],
) -> Generated:
    """See `converter.events.generate.generate_cases`."""
    try:
        original = original or compile_detection(detection, index=rule.index)
    except NotSupportedError:
        return Generated((), Coverage())
    if not affordable(detection, max_cases):
        return Generated((), Coverage())
    if isinstance(detection, Pipeline):
        rule = replace(rule, index=rule.index or detection.sources)
    tests = Tests()
    sames, steps = prepare_all(rule, detection, taxonomy, tests)
    if isinstance(detection, Pipeline) and steps:
        with_taken(detection, steps[0])
    if not steps or not all(step.positives for step in steps):
        return Generated((), Coverage(unsatisfiable=conflicts(steps, rule.index)))
    if isinstance(detection, Sequence | Sample):
        in_one_system(steps)
    events: list[Event] = [step.positives[0][1] for step in steps]
    if isinstance(detection, IndicatorMatch):
        events.append(_entry(detection.indicators, tests))
    basis = of_a_kind_that_differs(Basis(rule, detection, original, taxonomy, tests, sames, steps, events))
    drafts = Drafts(basis.written, tell)
    covered = _fill(drafts, basis, max_cases)
    timelines = _labelled(rule, original, drafts)
    cases = grouped(timelines, max_cases)
    left_out = len(timelines) - len(cases)
    return Generated(cases, Coverage(tuple(covered), left_out, digest=_digest(cases, drafts.shown)))


def _fill(drafts: Drafts, basis: Basis, max_cases: int) -> list[AtomCoverage]:
    """The timelines, the pairs, what targets mistake, and near misses as long as there is room.

    Gives what the pairs cover.
    """
    drafts.take(Draft(name, timeline) for name, timeline in basis.frame.variations())
    for whole in _wholes(basis):
        drafts.take(Draft(name, timeline) for name, timeline in timeline_witnesses(whole))
    drafts.take(chain(_by_each_log(basis), by_other_mappings(basis)))
    drafts.take(whole_timelines(basis))
    most = affordable(basis.detection, max_cases * MOST_PARTS, PAIRS)
    events = len(basis.frame.around(0, basis.events[0]))
    more = affordable(basis.detection, max_cases * _TIMELINES, events=events)
    covered: list[AtomCoverage] = []
    others: list[Iterator[Draft]] = []
    nearby: list[Iterator[Draft]] = []
    for place, step in enumerate(basis.steps):
        wrap = basis.frame.wrapping(place)
        pairs = pairs_of(step, wrap, basis.alerts, most - len(drafts) - _RESERVED)
        drafts.take(pairs.drafts)
        covered.extend(pairs.covered)
        others += [mistaken(basis, place, pairs), in_other_kinds(basis, place)]
        near = variations(step, pairs)
        if isinstance(basis.frame, Counting):
            near, again = tee(near)
            drafts.take(pooled(basis.frame, place, chain(pairs.events, again)))
        nearby.append(drafts_of(near, wrap))
    for sources in (others, nearby):
        room = max(more - len(drafts), _RESERVED) // len(sources)
        for source in sources:
            drafts.take(takewhile(lambda _: basis.tests.tried < _MOST_TRIED, source), room)
    return covered


def _by_each_log(basis: Basis) -> Iterator[Draft]:
    """The timelines of events as each profile's logs have them, where they lack what the others say it by."""
    if basis.piped is not None:
        return
    for how, events in by_each_log(basis.steps, basis.events, basis.taxonomy.profiles):
        other = replace(basis, events=events)
        for name, timeline in chain(other.frame.variations(), timeline_witnesses(_whole(other))):
            yield Draft(f"{name}, {how}", timeline)


def _wholes(basis: Basis) -> Iterator[Whole]:
    """The timeline in which everything holds, for those that are made of it; a pipeline's around an event of
    each log that it reads."""
    seen: list[object] = []
    for place, step in enumerate(basis.steps[:1] if basis.piped is None else basis.steps):
        shape = step.positives[0][0].shape
        if shape.record not in seen:
            seen.append(shape.record)
            yield _whole(basis, place)


def _whole(basis: Basis, place: int = 0) -> Whole:
    """The timeline in which everything holds, around the event of that place."""
    timeline = tuple(basis.frame.around(place, basis.events[place]))
    shape = basis.steps[place].positives[0][0].shape
    if basis.piped is not None:
        counted, groups, since = basis.piped.counted, basis.piped.grouped, basis.rule.look_back
        filtered = basis.steps[0].predicate
        return Whole(basis.detection, timeline, shape, counted, groups, filtered, since)
    return Whole(basis.detection, timeline, shape)


def _entry(indicators: Predicate, tests: Tests) -> dict[str, Any]:
    """What an entry of the indicator list has besides what is compared: what the rule asks of it."""
    return World(Shape(None, ""), tests).solve([(indicators, True)]) or {}


def _labelled(rule: Rule, original: CompiledQuery, drafts: Iterable[Draft]) -> list[Case]:
    """The drafts with the label that the original gives them."""
    return [
        Case(
            rule.rule_id,
            draft.name,
            "match" if original.run(draft.timeline) else "no_match",
            tuple(draft.timeline),
            "",
            tags=("generated",),
        )
        for draft in drafts
    ]


def _digest(cases: Iterable[Case], timelines: Iterable[str]) -> str:
    """A fingerprint of names and labels, and of the timelines, as `Drafts` shows them."""
    made = sha256()
    for case in cases:
        made.update(repr((case.name, case.expect, case.group)).encode())
    for shown in timelines:
        made.update(shown.encode())
    return made.hexdigest()[:16]
