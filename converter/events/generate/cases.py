"""The generator: a rule's cases, and what they cover.

Every label is what the original's own evaluator says of the timeline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from itertools import chain, count, islice
from typing import Any, TypeAlias

from converter.elastic.rule import Rule
from converter.evaluate.elastic import compile_detection
from converter.evaluate.result import Event
from converter.events.case import Case, Expectation
from converter.events.generate.affordable import affordable
from converter.events.generate.mutate_values import last_branches, near_misses
from converter.events.generate.pipelines import Piped, pipeline_predicates
from converter.events.generate.same_fields import same_fields
from converter.events.generate.shape import Shape, beyond, shapes
from converter.events.generate.solve import Tests, field_of
from converter.events.generate.timelines import frame_of
from converter.events.generate.truth import Atom, Goal, World, atoms, deciding, decisive
from converter.events.generate.wildcard_fields import with_known_fields
from converter.events.generate.witnesses import in_turn, other_rows, witnesses
from converter.ir import (
    Cidr,
    Compare,
    Detection,
    Equals,
    EventQuery,
    Exists,
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

Timeline: TypeAlias = Sequence[Event]
_MAX_SHAPES = 32
"""Kinds of events that a predicate is tried with, of those that can satisfy it."""
_TIERS = ((True, True), (False, True), (False, False))
"""Whether selecting fields have the record's values only, and whether the events have nothing that the
taxonomy does not know of: where no such event satisfies a rule, another one may, though no log holds it."""
_RESERVED = 40
"""Cases that a rule has at least beside the pairs."""
_MOST_OF_STEP = 360
"""Near misses of one event of a rule, beyond the pairs."""


@dataclass(frozen=True, slots=True)
class AtomCoverage:
    """Whether a pair of cases shows that the atom decides by itself, and if not why."""

    text: str
    covered: bool
    why: str = ""


@dataclass(frozen=True)
class Coverage:
    """What the cases show. `unsatisfiable`: the predicates in conflict, where no event satisfies the rule;
    `digest`: of the cases with their labels, so that another run knows whether it has the same ones."""

    atoms: tuple[AtomCoverage, ...] = ()
    left_out: int = 0
    unsatisfiable: tuple[str, ...] = ()
    digest: str = ""

    @property
    def share(self) -> float:
        """Covered atoms among all."""
        return sum(atom.covered for atom in self.atoms) / len(self.atoms) if self.atoms else 1.0


@dataclass(frozen=True)
class Generated:
    """A rule's generated cases and their coverage."""

    cases: tuple[Case, ...]
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Draft:
    """A case to be: its name, and the timeline; pairs come before variations where room is short."""

    name: str
    timeline: Timeline


@dataclass
class _Pairs:
    """Drafts in pairs, what they cover, and for each atom that can decide the event in which it holds."""

    drafts: list[Draft] = field(default_factory=list)
    covered: list[AtomCoverage] = field(default_factory=list)
    positives: dict[int, tuple[World, Atom, Mapping[str, Any]]] = field(default_factory=dict)


@dataclass
class Prepared:
    """One predicate of the rule with its ways to be satisfied: a world for each kind of event."""

    predicate: Predicate
    worlds: list[World]
    tests: Tests
    positives: list[tuple[World, dict[str, Any]]] = field(default_factory=list)


def generate_cases(rule: Rule, detection: Detection, taxonomy: Taxonomy, max_cases: int = 400) -> Generated:
    """Cases for the rule, at most `max_cases`, always the same ones, and what they cover.

    Nothing is raised for what is in the rule.
    """
    try:
        original = compile_detection(detection)
    except NotSupportedError:
        return Generated((), Coverage())
    max_cases = affordable(detection, max_cases)
    if not max_cases:
        return Generated((), Coverage())
    tests = Tests()
    if isinstance(detection, Pipeline):
        rule = replace(rule, index=rule.index or detection.sources)
    found = [
        (with_known_fields(predicate, taxonomy), present) for predicate, present in _predicates(detection)
    ]
    sames = [same_fields(predicate, present, rule.index, taxonomy) for predicate, present in found]
    found = [
        (same.predicate(predicate), same.fields(present))
        for same, (predicate, present) in zip(sames, found, strict=True)
    ]
    asked = frozenset(name for predicate, _ in found for name in fields_of(predicate))
    steps = [_prepare(predicate, present, rule, taxonomy, tests, asked) for predicate, present in found]
    if isinstance(detection, Pipeline):
        steps = steps[:1] + [step for step in steps[1:] if step.positives]
    if not steps or not all(step.positives for step in steps):
        return Generated((), Coverage(unsatisfiable=_conflicts(steps)))
    events = [step.positives[0][1] for step in steps]
    if isinstance(detection, IndicatorMatch):
        events.append(_entry(detection.indicators, tests))
    frame = frame_of(detection, events)
    if isinstance(detection, Pipeline) and any(isinstance(stage, Stats) for stage in detection.stages):
        selecting = frozenset(name for step in steps for name in step.positives[0][0].shape.selecting)
        frame = Piped(detection, events, detection, taxonomy, selecting)

    def written(timeline: Timeline) -> Timeline:
        for same in sames:
            timeline = tuple(map(same.written, timeline))
        return timeline

    def alerts(timeline: Timeline) -> bool:
        return bool(original.run(written(timeline)))

    drafts = [Draft(name, timeline) for name, timeline in frame.variations()]
    covered: list[AtomCoverage] = []
    others: list[Iterator[Draft]] = []
    variations: list[Iterator[Draft]] = []
    for place, step in enumerate(steps):
        wrap = partial(frame.around, place)
        pairs = _pairs(step, wrap, alerts, max_cases - len(drafts) - _RESERVED)
        drafts.extend(pairs.drafts)
        covered.extend(pairs.covered)
        shown = witnesses(step.positives, pairs.positives, step.predicate, rule.index, taxonomy)
        beside = other_rows(step.positives, pairs.positives)
        others.append(_drafts(chain(shown, beside), wrap))
        variations.append(_drafts(_variations(step, pairs, _texts_of(step.predicate)), wrap))
    for sources in (others, variations):
        room = min(max(max_cases - len(drafts), _RESERVED) // len(sources), _MOST_OF_STEP)
        for source in sources:
            drafts.extend(islice(source, room))
    drafts = [Draft(draft.name, written(draft.timeline)) for draft in drafts]
    cases, left_out = _label(rule, alerts, drafts, max_cases)
    return Generated(cases, Coverage(tuple(covered), left_out, digest=_digest(cases)))


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


def _prepare(
    predicate: Predicate,
    present: tuple[str, ...],
    rule: Rule,
    taxonomy: Taxonomy,
    tests: Tests,
    asked: frozenset[str],
) -> Prepared:
    needed = tuple(Exists(name) for name in present)
    kinds = tuple(shapes(predicate, taxonomy, rule.index, tests, asked))
    prepared = Prepared(predicate, [], tests)
    for strict, known in _TIERS:
        prepared.worlds = [
            World(shape if known else beyond(shape), tests, strict, present=needed) for shape in kinds
        ]
        found = (
            (world, event)
            for world in prepared.worlds
            if (event := world.solve([(predicate, True)])) is not None and tests.holds(predicate, event)
        )
        prepared.positives = list(islice(found, _MAX_SHAPES))
        if prepared.positives:
            break
    return prepared


def _pairs(
    step: Prepared,
    wrap: Callable[[Mapping[str, Any]], Timeline],
    alerts: Callable[[Timeline], bool],
    room: int,
) -> _Pairs:
    """For each atom an event in which it decides that the rule holds, and one that it doesn't.

    `room`: how many cases there may be; atoms that find none left are not covered.
    """
    found = _Pairs()
    for number, atom in enumerate(atoms(step.predicate), 1):
        text = describe(atom.leaf)
        if len(found.drafts) >= room:
            found.covered.append(AtomCoverage(text, False, "left out: more cases than there is room for"))
            continue
        goals, value = deciding(atom)
        why = "no event satisfies the rest of the rule with it"
        pair: list[Draft] = []
        for world, _ in step.positives:
            holding = world.solve([*goals, (atom.leaf, value)])
            if holding is None or not decisive(atom, holding, step.tests):
                continue
            failing = _failing(step, world, [*goals, (atom.leaf, not value)])
            found.positives[number] = world, atom, holding
            pair = [Draft(f"{number}: {text} decides", wrap(holding))]
            why = "no event lacks it while the rest of the rule holds"
            if failing is None or not decisive(atom, failing, step.tests):
                continue
            pair.append(Draft(f"{number}: all but {text}", wrap(failing)))
            if alerts(wrap(holding)) and not alerts(wrap(failing)):
                why = ""
                break
            why = "the events around it decide"
        found.drafts.extend(pair)
        found.covered.append(AtomCoverage(text, not why, why))
    return found


def _failing(step: Prepared, world: World, goals: Sequence[Goal]) -> Mapping[str, Any] | None:
    """An event of the same kind, or where there is no record to say so, of another data stream."""
    others = () if world.shape.record else (other for other in step.worlds if other is not world)
    tried = (replace(one, strict=False).solve(goals) for one in (world, *others))
    return next((event for event in tried if event is not None), None)


def _variations(
    step: Prepared, pairs: _Pairs, asked: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each kind of event that the predicate takes, then in turn: the pairs in other kinds of events, near
    misses, and what tells how alternatives are held together; one of each atom, then another."""
    for world, event in step.positives:
        yield f"as {_kind(world)}", event
    decided = [(world, atom, number) for number, (world, atom, _) in pairs.positives.items()]
    misses = [
        near_misses(replace(world, strict=False), atom, number, asked) for world, atom, number in decided
    ]
    branches = [last_branches(replace(world, strict=False), atom, number) for world, atom, number in decided]
    elsewhere = [
        near_misses(world, atom, number, asked, f", as {_kind(world)}")
        for first, atom, number in decided
        for world, _ in step.positives
        if world is not first
    ]
    yield from in_turn([in_turn([*misses, *branches]), _pairs_elsewhere(step, pairs), in_turn(elsewhere)])


def _pairs_elsewhere(step: Prepared, pairs: _Pairs) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The pairs of each atom in the other kinds of events: each kind has a translation of its own."""
    for number, (first, atom, _) in pairs.positives.items():
        goals, value = deciding(atom)
        for world, _ in step.positives:
            if world is first:
                continue
            beyond_it = replace(world, strict=False)
            for one, wanted, how in ((world, value, "decides"), (beyond_it, not value, "is not so")):
                event = one.solve([*goals, (atom.leaf, wanted)])
                if event is not None:
                    yield f"{number}: {describe(atom.leaf)} {how}, as {_kind(world)}", event


def _kind(world: World) -> str:
    return world.shape.record.title if world.shape.record else "any source"


def _texts_of(predicate: Predicate) -> list[str]:
    """The fields of which the predicate asks texts."""
    texts = (leaf for leaf in leaves(predicate) if isinstance(leaf, Equals | Like | Regex))
    return list(dict.fromkeys(name for leaf in texts if (name := field_of(leaf)) is not None))


def _label(
    rule: Rule, alerts: Callable[[Timeline], bool], drafts: Iterable[Draft], max_cases: int
) -> tuple[tuple[Case, ...], int]:
    """The drafts that differ, with the label that the original gives them, and how many were left out."""
    cases: list[Case] = []
    names: set[str] = set()
    seen: set[str] = set()
    left_out = 0
    for draft in drafts:
        shown = repr(draft.timeline)
        if shown in seen:
            continue
        seen.add(shown)
        if len(cases) >= max_cases:
            left_out += 1
            continue
        name = draft.name
        for again in count(2):
            if name not in names:
                break
            name = f"{draft.name} ({again})"
        names.add(name)
        expect: Expectation = "match" if alerts(draft.timeline) else "no_match"
        cases.append(Case(rule.rule_id, name, expect, tuple(draft.timeline), "", tags=("generated",)))
    return tuple(cases), left_out


def _digest(cases: Iterable[Case]) -> str:
    """A fingerprint of names, labels and events."""
    made = sha256()
    for case in cases:
        made.update(repr((case.name, case.expect, case.timeline)).encode())
    return made.hexdigest()[:16]


def describe(leaf: Predicate) -> str:
    """A leaf in short: its field and what is asked of it."""
    name = getattr(leaf, "field", type(leaf).__name__.lower())
    match leaf:
        case Exists():
            return f"{name} is there"
        case Equals(value=value):
            said = f"= {value}"
        case Like(pattern=pattern):
            said = "like " + "".join(part if isinstance(part, str) else part.value for part in pattern)
        case Regex(pattern=expression):
            said = f"matches {expression}"
        case Compare(op=op, value=value):
            said = f"{op} {value}"
        case Cidr(network=network):
            said = f"in {network}"
        case _:
            said = "as asked"
    return f"{name} {said}"[:120]


def _conflicts(steps: Sequence[Prepared]) -> tuple[str, ...]:
    """The leaves of the predicates that no event was found for, as far as they must hold."""
    return tuple(
        describe(atom.leaf) for step in steps if not step.positives for atom in atoms(step.predicate)
    )[:20]
