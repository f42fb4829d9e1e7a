"""The generator: a rule's cases, and what they cover.

Every label is what the original's own evaluator says of the timeline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import chain, count, islice, takewhile
from typing import Any

from converter.elastic.rule import Rule
from converter.evaluate.elastic import compile_detection
from converter.evaluate.result import CompiledQuery
from converter.events.case import Case
from converter.events.generate.affordable import PAIRS, affordable
from converter.events.generate.by_log import by_each_log
from converter.events.generate.coverage import AtomCoverage, Coverage, Generated, describe
from converter.events.generate.grouping import MOST_PARTS, grouped
from converter.events.generate.groups_apart import groups_apart
from converter.events.generate.mutate_values import Misses, end_branches, like_nothing
from converter.events.generate.pairs import Draft, Pairs, Prepared, Timeline, in_list, pairs_of, prepare
from converter.events.generate.pipelines import Piped, pipeline_predicates, with_taken
from converter.events.generate.same_fields import Same, same_fields
from converter.events.generate.shape import Shape
from converter.events.generate.solve import Tests, field_of
from converter.events.generate.timeline_witnesses import Whole, timeline_witnesses
from converter.events.generate.timelines import Event, Frame, frame_of
from converter.events.generate.truth import World, atoms, deciding
from converter.events.generate.unheld import left_in_all
from converter.events.generate.wildcard_fields import with_known_fields
from converter.events.generate.witnesses import in_turn, of_one_system, other_rows, witnesses
from converter.ir import (
    Detection,
    Equals,
    EventQuery,
    IndicatorMatch,
    Like,
    Limited,
    NewTerms,
    Pipeline,
    Predicate,
    Regex,
    Sample,
    Threshold,
)
from converter.ir import Sequence as Sequence_
from converter.ir.detection import Stats
from converter.ir.rewrite import fields_of, leaves
from converter.source import NotSupportedError
from converter.taxonomy.model import Taxonomy

_RESERVED = 40
"""Cases that a rule has at least beside the pairs."""
_MOST_TRIED = 15_000
"""Events that are tried before there are no more near misses: one rule in a thousand needs more, and seconds
for it."""
_MOST_KINDS = 3
"""Other kinds of events that a pipeline is walked to an alert with."""
_TIMELINES = 2
"""Timelines for each case, where a rule has so many: pairs may be more."""


@dataclass
class _Plan:
    """What the cases are made from: the rule's predicates, each with its ways to be satisfied, one event of
    each, and the timeline around an event in which everything holds."""

    rule: Rule
    detection: Detection
    original: CompiledQuery
    taxonomy: Taxonomy
    tests: Tests
    sames: Sequence[Same]
    steps: list[Prepared]
    events: list[Event]

    def __post_init__(self) -> None:
        self.frame = _frame(self)

    def written(self, timeline: Timeline) -> tuple[Event, ...]:
        """The timeline with each event's fields as the rule's sources write them."""
        found = tuple(timeline)
        for same in self.sames:
            found = tuple(map(same.written, found))
        return found

    def alerts(self, timeline: Timeline) -> bool:
        """What the original says of the timeline."""
        return bool(self.original.run(self.written(timeline)))


def generate_cases(rule: Rule, detection: Detection, taxonomy: Taxonomy, max_cases: int = 400) -> Generated:
    """Cases for the rule, at most `max_cases`, always the same ones, and what they cover.

    Nothing is raised for what is in the rule.
    """
    try:
        original = compile_detection(detection, index=rule.index)
    except NotSupportedError:
        return Generated((), Coverage())
    if not affordable(detection, max_cases):
        return Generated((), Coverage())
    if isinstance(detection, Pipeline):
        rule = replace(rule, index=rule.index or detection.sources)
    tests = Tests()
    sames, steps = _prepared(rule, detection, taxonomy, tests)
    if not steps or not all(step.positives for step in steps):
        return Generated((), Coverage(unsatisfiable=_conflicts(steps)))
    events: list[Event] = [step.positives[0][1] for step in steps]
    if isinstance(detection, IndicatorMatch):
        events.append(_entry(detection.indicators, tests))
    plan = _Plan(rule, detection, original, taxonomy, tests, sames, steps, events)
    drafts = _Drafts(plan.written)
    covered = _fill(drafts, plan, max_cases)
    timelines = _labelled(rule, plan.alerts, drafts)
    cases = grouped(timelines, max_cases)
    left_out = len(timelines) - len(cases)
    return Generated(cases, Coverage(tuple(covered), left_out, digest=_digest(cases)))


def _prepared(
    rule: Rule, detection: Detection, taxonomy: Taxonomy, tests: Tests
) -> tuple[Sequence[Same], list[Prepared]]:
    """The detection's predicates over fields that events have, and events that satisfy each."""
    written = list(_predicates(detection))
    found = [(with_known_fields(predicate, taxonomy), present) for predicate, present in written]
    sames = [same_fields(predicate, present, rule.index, taxonomy) for predicate, present in found]
    found = [
        (same.predicate(predicate), same.fields(present))
        for same, (predicate, present) in zip(sames, found, strict=True)
    ]
    # What is asked to no avail (`a and (b or a)`) is asked all the same: sources write such fields.
    needless = (same.fields(tuple(fields_of(one))) for same, (one, _) in zip(sames, written, strict=True))
    asked = frozenset(name for predicate, _ in found for name in fields_of(predicate)).union(*needless)
    steps = [prepare(predicate, present, rule, taxonomy, tests, asked) for predicate, present in found]
    if isinstance(detection, Pipeline):
        steps = steps[:1] + [step for step in steps[1:] if step.positives]
        for step in steps[:1]:
            with_taken(detection, step)
    return sames, steps


def _frame(plan: _Plan) -> Frame:
    """The timeline around an event in which everything holds."""
    detection = plan.detection
    if isinstance(detection, Pipeline) and any(isinstance(stage, Stats) for stage in detection.stages):
        shapes = [step.positives[0][0].shape for step in plan.steps]
        selecting = frozenset(name for shape in shapes for name in (*shape.selecting, *shape.derived))
        return Piped(
            detection, plan.events, detection, plan.rule.look_back, plan.taxonomy, selecting, plan.written
        )
    return frame_of(detection, plan.events)


def _fill(drafts: _Drafts, plan: _Plan, max_cases: int) -> list[AtomCoverage]:
    """The timelines, the pairs, what targets mistake, and near misses as long as there is room.

    Gives what the pairs cover.
    """
    drafts.take(Draft(name, timeline) for name, timeline in plan.frame.variations())
    drafts.take(Draft(name, timeline) for name, timeline in timeline_witnesses(_whole(plan)))
    drafts.take(_by_each_log(plan))
    most = affordable(plan.detection, max_cases * MOST_PARTS, PAIRS)
    more = affordable(plan.detection, int(max_cases * _TIMELINES))
    covered: list[AtomCoverage] = []
    others: list[Iterator[Draft]] = []
    variations: list[Iterator[Draft]] = []
    for place, step in enumerate(plan.steps):
        wrap = partial(plan.frame.around, place)
        pairs = pairs_of(step, wrap, plan.alerts, most - len(drafts) - _RESERVED)
        drafts.take(pairs.drafts)
        covered.extend(pairs.covered)
        shown = witnesses(step.positives, pairs.positives, step.predicate, plan.rule.index, plan.taxonomy)
        if isinstance(plan.frame, Piped) and place == 0 and not plan.frame.is_monotone:
            events = list(shown)
            shown = iter(events)
            others.append(_crowded(plan.frame, step, events))
        beside = other_rows(step.positives, pairs.positives)
        drawn = _drafts(chain(shown, beside), _mistaken_in(plan, place))
        others.append(draft for draft in drawn if of_one_system(draft.timeline))
        others.append(_in_other_kinds(plan, place))
        variations.append(_drafts(_variations(step, pairs, _texts_of(step.predicate)), wrap))
    for sources in (others, variations):
        room = max(more - len(drafts), _RESERVED) // len(sources)
        for source in sources:
            drafts.take(takewhile(lambda _: plan.tests.tried < _MOST_TRIED, islice(source, room)))
    return covered


def _by_each_log(plan: _Plan) -> Iterator[Draft]:
    """The timelines of events as each profile's logs have them, where they lack what the others say it by."""
    if isinstance(plan.frame, Piped):
        return
    for how, events in by_each_log(plan.steps, plan.events, plan.taxonomy.profiles):
        other = replace(plan, events=events)
        for name, timeline in chain(other.frame.variations(), timeline_witnesses(_whole(other))):
            yield Draft(f"{name}, {how}", timeline)


def _crowded(frame: Piped, step: Prepared, mistaken: Sequence[tuple[str, Event]]) -> Iterator[Draft]:
    """The timeline of a pipeline with further events that speak against an alert: of each kind, what targets
    mistake for them, and those of groups that logs do not tell apart."""
    for changes in groups_apart(step.positives, frame.grouped):
        yield from (Draft(name, timeline) for name, timeline in frame.merged(changes))
    kinds = ((f"as {_kind(world)}", event) for world, event in step.positives)
    for how, event in chain(kinds, mistaken):
        yield Draft(f"further ones {how}", frame.crowded(event))


def _mistaken_in(plan: _Plan, place: int) -> Callable[[Event], Timeline]:
    """The timeline around what targets mistake in a step of a sequence: beside events of which each log that
    holds their kind has what is asked, on a host of one system. Else the plan's own."""
    if isinstance(plan.frame, Piped):
        return partial(plan.frame.mistaken, place)
    if not isinstance(plan.detection, Sequence_ | Sample):
        return partial(plan.frame.around, place)
    frames: dict[str, Frame] = {}

    def around(event: Event) -> Timeline:
        system = str(event.get("host.os.type", ""))
        if system not in frames:
            frames[system] = frame_of(plan.detection, [_held_in_all(step, system) for step in plan.steps])
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


def _whole(plan: _Plan) -> Whole:
    """The timeline in which everything holds, for those that are made of it."""
    timeline = tuple(plan.frame.around(0, plan.events[0]))
    step = plan.steps[0]
    shape = step.positives[0][0].shape
    if isinstance(plan.frame, Piped):
        counted, grouped_by = plan.frame.counted, plan.frame.grouped
        since = plan.rule.look_back
        return Whole(plan.detection, timeline, shape, counted, grouped_by, step.predicate, since)
    return Whole(plan.detection, timeline, shape, until=_ending(plan))


def _ending(plan: _Plan) -> Event | None:
    """An event that ends the rule's sequence, if one can."""
    until = getattr(plan.detection, "until", None)
    if until is None:
        return None
    keys = tuple(key.field for key in until.keys)
    asked = frozenset((*fields_of(until.predicate), *keys))
    found = prepare(until.predicate, keys, plan.rule, plan.taxonomy, plan.tests, asked).positives
    return found[0][1] if found else None


def _in_other_kinds(plan: _Plan, place: int) -> Iterator[Draft]:
    """The timelines with events of other kinds in that place: each kind has a translation of its own."""
    if isinstance(plan.frame, Piped):
        yield from _counted_in_other_kinds(plan) if place == 0 else ()
        return
    for world, event in plan.steps[place].positives[1:]:
        events = [*plan.events[:place], event, *plan.events[place + 1 :]]
        for name, timeline in frame_of(plan.detection, events).variations():
            yield Draft(f"{name}, as {_kind(world)}", timeline)


def _counted_in_other_kinds(plan: _Plan) -> Iterator[Draft]:
    """The timeline of a pipeline in which everything holds, of other kinds of events: one for each set of
    logs that hold the kind."""
    sets: dict[frozenset[str], World] = {}
    for world, _ in plan.steps[0].positives:
        if world.shape.record is not None:
            sets.setdefault(frozenset(world.shape.record.shapes), world)
    first = plan.steps[0].positives[0][0]
    for world in islice((one for one in sets.values() if one is not first), _MOST_KINDS):
        events = [_of_kind(step, world) for step in plan.steps]
        frame = _frame(replace(plan, events=events))
        yield Draft(f"everything holds, as {_kind(world)}", frame.around(0, events[0]))


def _of_kind(step: Prepared, world: World) -> Event:
    """The step's event of that kind; its first where there is none."""
    record = world.shape.record
    return next((event for one, event in step.positives if one.shape.record is record), step.positives[0][1])


class _Drafts:
    """The drafts whose timelines differ, as the rule's fields are written; each has a name of its own."""

    def __init__(self, written: Callable[[Timeline], Timeline]) -> None:
        self._written = written
        self._found: dict[str, Draft] = {}
        self._names: set[str] = set()

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Draft]:
        return iter(self._found.values())

    def take(self, drafts: Iterable[Draft]) -> None:
        """Adds those that are new."""
        for draft in drafts:
            timeline = tuple(self._written(draft.timeline))
            shown = repr(timeline)
            if shown not in self._found:
                self._found[shown] = Draft(self._named(draft.name), timeline)

    def _named(self, name: str) -> str:
        numbered = (f"{name} ({again})" for again in count(2))
        free = next(one for one in chain([name], numbered) if one not in self._names)
        self._names.add(free)
        return free


def _drafts(
    named: Iterable[tuple[str, Mapping[str, Any]]], wrap: Callable[[Mapping[str, Any]], Timeline]
) -> Iterator[Draft]:
    return (Draft(name, wrap(event)) for name, event in named)


def all_cases(written: Sequence[Case], generated: Generated | None) -> tuple[Case, ...]:
    """The hand-written cases, then the generated ones; of a name that both have, the written one."""
    if generated is None:
        return tuple(written)
    names = {case.name for case in written}
    return (*written, *(case for case in generated.cases if case.name not in names))


def _predicates(detection: Detection) -> Iterator[tuple[Predicate, tuple[str, ...]]]:
    """Each predicate that makes events, with the fields that these must have, in the order of the frame."""
    match detection:
        case EventQuery(predicate=predicate):
            yield predicate, ()
        case NewTerms(predicate=predicate, fields=fields):
            yield predicate, fields
        case Threshold(predicate=predicate, fields=fields, cardinality=cardinality):
            yield predicate, (*fields, *(name for name, _ in cardinality))
        case IndicatorMatch(predicate=predicate, mapping=mapping):
            yield predicate, tuple(name for name, _ in mapping[0])
        case Sequence_(steps=steps) | Sample(steps=steps):
            yield from ((step.predicate, tuple(key.field for key in step.keys)) for step in steps)
        case Limited(base=base):
            yield from _predicates(base)
        case Pipeline():
            yield from pipeline_predicates(detection)


def _entry(indicators: Predicate, tests: Tests) -> dict[str, Any]:
    """What an entry of the indicator list has besides what is compared: what the rule asks of it."""
    return World(Shape(None, ""), tests).solve([(indicators, True)]) or {}


def _variations(
    step: Prepared, pairs: Pairs, asked: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each kind of event that the predicate takes, then in turn: the pairs in other kinds of events, near
    misses, and what tells how alternatives are held together; one of each atom, then another."""
    for world, event in step.positives:
        yield f"as {_kind(world)}", event
    decided = [
        (replace(world, strict=False), atom, number) for number, (world, atom, _) in pairs.positives.items()
    ]
    misses = [Misses(world, atom, number, asked) for world, atom, number in decided]
    branches = [end_branches(world, atom, number) for world, atom, number in decided]
    elsewhere = [
        Misses(replace(world, strict=False), atom, number, asked, f", as {_kind(world)}")
        for number, (first, atom, _) in pairs.positives.items()
        for world, _ in step.positives
        if world is not first
    ]
    telling = [one.telling() for one in misses]
    telling.append(like_nothing(step.positives, step.predicate, asked))
    others = in_turn([one.telling() for one in elsewhere])
    yield from in_turn([in_turn([*telling, *branches]), _pairs_elsewhere(step, pairs), others])
    yield from in_turn([one.further() for one in (*misses, *elsewhere)])


def _pairs_elsewhere(step: Prepared, pairs: Pairs) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The pairs of each atom in the other kinds of events: each kind has a translation of its own."""
    without: set[tuple[int, int]] = set()  # elements of one list have that in common
    for number, (first, atom, _) in pairs.positives.items():
        goals, value = deciding(atom)
        for world, _ in step.positives:
            if world is first:
                continue
            ways = [(world, value, "decides")]
            if not in_list(atom) or (id(world), id(atom.path[-2])) not in without:
                ways.append((replace(world, strict=False), not value, "is not so"))
            for one, wanted, how in ways:
                held = one.held(goals)
                event = one.solve([*held, (atom.leaf, wanted)])
                if event is None and held is not goals:
                    event = one.solve([*goals, (atom.leaf, wanted)])
                if event is not None and not one.shape.by_synonym(event, step.predicate, step.tests):
                    if wanted is not value and in_list(atom):
                        without.add((id(world), id(atom.path[-2])))
                    yield f"{number}: {describe(atom.leaf)} {how}, as {_kind(world)}", event


def _kind(world: World) -> str:
    return world.shape.record.title if world.shape.record else "any source"


def _texts_of(predicate: Predicate) -> list[str]:
    """The fields of which the predicate asks texts."""
    texts = (leaf for leaf in leaves(predicate) if isinstance(leaf, Equals | Like | Regex))
    return list(dict.fromkeys(name for leaf in texts if (name := field_of(leaf)) is not None))


def _labelled(rule: Rule, alerts: Callable[[Timeline], bool], drafts: Iterable[Draft]) -> list[Case]:
    """The drafts with the label that the original gives them."""
    return [
        Case(
            rule.rule_id,
            draft.name,
            "match" if alerts(draft.timeline) else "no_match",
            tuple(draft.timeline),
            "",
            tags=("generated",),
        )
        for draft in drafts
    ]


def _digest(cases: Iterable[Case]) -> str:
    """A fingerprint of names, labels and events."""
    made = sha256()
    for case in cases:
        made.update(repr((case.name, case.expect, case.timeline, case.group)).encode())
    return made.hexdigest()[:16]


def _conflicts(steps: Sequence[Prepared]) -> tuple[str, ...]:
    """The leaves of the predicates that no event was found for, as far as they must hold."""
    return tuple(
        describe(atom.leaf) for step in steps if not step.positives for atom in atoms(step.predicate)
    )[:20]
