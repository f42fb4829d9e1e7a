"""Pairs of events: in one an atom decides that the rule holds, in the other that it doesn't."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, TypeAlias

from converter.elastic.rule import Rule
from converter.evaluate.result import Event
from converter.events.generate.coverage import AtomCoverage, describe
from converter.events.generate.held import unheld_fields
from converter.events.generate.shape import Shape, beyond, shapes, with_absent
from converter.events.generate.solve import Tests
from converter.events.generate.truth import Atom, Goal, World, atoms, decided
from converter.ir import And, Exists, Not, Or, Predicate
from converter.taxonomy.model import Taxonomy

Timeline: TypeAlias = Sequence[Event]
_MAX_SHAPES = 32
"""Kinds of events that a predicate is tried with, of those that can satisfy it."""
_TIERS: tuple[tuple[bool, Callable[[Shape], Shape] | None], ...] = (
    (True, None),
    (False, None),
    (True, with_absent),
    (False, beyond),
)
"""Whether selecting fields have the record's values only, and what else events may have: where no event of a
kind satisfies a rule, one that also has other kinds' fields may, or one that no log holds."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A case to be: its name, and the timeline."""

    name: str
    timeline: Timeline


@dataclass
class Pairs:
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


def prepare(
    predicate: Predicate,
    present: tuple[str, ...],
    rule: Rule,
    taxonomy: Taxonomy,
    tests: Tests,
    asked: frozenset[str],
    whole: Predicate | None = None,
) -> Prepared:
    """The predicate in each kind of event that it speaks of, with an event in each that satisfies it.

    `present`: fields that the events must have; `asked`: all those that the rule asks; `whole`: what a
    pipeline asks of all its events, of which some kinds have not all fields: they do without.
    """
    kinds = tuple(
        one.holding(asked.union(present))
        for one in shapes(predicate, taxonomy, rule.index, tests, asked, whole)
    )
    without = [shape.absent if whole is not None else frozenset[str]() for shape in kinds]
    needed = [tuple(Exists(name) for name in present if name not in absent) for absent in without]
    prepared = Prepared(predicate, [], tests)
    for strict, wider in _TIERS:
        prepared.worlds = [
            World(wider(shape) if wider else shape, tests, strict, present=there)
            for shape, there in zip(kinds, needed, strict=True)
        ]
        found = (
            (world, event)
            for world in prepared.worlds
            if (event := world.solve([(predicate, True)])) is not None and tests.holds(predicate, event)
        )
        prepared.positives = list(islice(found, _MAX_SHAPES))
        if prepared.positives:
            break
    lefts = prepared.positives[0][0].lefts if prepared.positives else {}
    for world, _ in prepared.positives:
        world.lefts = lefts
        record = world.shape.record
        each = unheld_fields(record, tuple(asked)) if record is not None else ()
        world.unheld = frozenset[str]().union(*each)
    prepared.positives = [(world, _told(world, predicate, event)) for world, event in prepared.positives]
    return prepared


def _told(world: World, predicate: Predicate, event: dict[str, Any]) -> dict[str, Any]:
    """An event that satisfies the predicate by what each log holds, if there is one; else the event."""
    goals: list[Goal] = [(predicate, True)]
    held = world.held(goals)
    found = None if held is goals else world.solve([*held, *goals])
    return found if found is not None and world.tests.holds(predicate, found) else event


def pairs_of(
    step: Prepared,
    wrap: Callable[[Mapping[str, Any]], Timeline],
    alerts: Callable[[Timeline], bool],
    room: int,
) -> Pairs:
    """For each atom an event in which it decides that the rule holds, and one that it doesn't.

    `room`: how many timelines there may be, where several atoms share one: the event that has no element of
    a list; atoms that find no room left are not covered.
    """
    found = Pairs()
    seen: set[str] = set()
    without = _Without(step, wrap, alerts)
    for number, atom in enumerate(atoms(step.predicate), 1):
        text = describe(atom.leaf)
        if len(seen) >= room:
            found.covered.append(AtomCoverage(text, False, "left out: more cases than there is room for"))
            continue
        why = "no event satisfies the rest of the rule with it"
        pair: list[Draft] = []
        for world, _ in step.positives:
            holding = decided(world, atom, turned=False)
            if holding is None:
                continue
            failing = without.event(world, atom)
            found.positives[number] = world, atom, holding
            pair = [Draft(f"{number}: {text} decides", wrap(holding))]
            why = "no event lacks it while the rest of the rule holds"
            if failing is None:
                continue
            pair.append(Draft(f"{number}: all but {text}", wrap(failing)))
            if alerts(wrap(holding)) and not without.alerts(failing):
                why = ""
                break
            why = "the events around it decide"
        found.drafts.extend(pair)
        seen.update(repr(draft.timeline) for draft in pair)
        found.covered.append(AtomCoverage(text, not why, why))
    return found


class _Without:
    """The events without an atom: elements of one list have theirs in common, the one without them all."""

    def __init__(
        self,
        step: Prepared,
        wrap: Callable[[Mapping[str, Any]], Timeline],
        alerts: Callable[[Timeline], bool],
    ) -> None:
        self._step, self._wrap, self._alerts = step, wrap, alerts
        self._events: dict[tuple[int, int], Mapping[str, Any]] = {}
        self._verdicts: dict[int, tuple[Mapping[str, Any], bool]] = {}

    def event(self, world: World, atom: Atom) -> Mapping[str, Any] | None:
        """An event in which the atom decides that the rule does not hold, if there is one."""
        if not in_list(atom):
            return _failing(self._step, world, atom)
        key = id(world), id(atom.path[-2])
        found = self._events.get(key) or _failing(self._step, world, atom)
        if found is not None:
            self._events[key] = found
        return found

    def alerts(self, event: Mapping[str, Any]) -> bool:
        """What the original says of the timeline around the event."""
        if id(event) not in self._verdicts:
            self._verdicts[id(event)] = event, self._alerts(self._wrap(event))
        return self._verdicts[id(event)][1]


def in_list(atom: Atom) -> bool:
    """Whether the rule holds with each of several leaves, and without all of them it does not.

    So are the leaves of an OR; and, where a `not` turns it around, those of an AND.
    """
    if len(atom.path) < 2:
        return False
    turned = sum(isinstance(node, Not) for node in atom.path) % 2 == 1
    return isinstance(atom.path[-2], And if turned else Or)


def _failing(step: Prepared, world: World, atom: Atom) -> Mapping[str, Any] | None:
    """An event of the same kind, or where there is no record to say so, of another data stream."""
    others = () if world.shape.record else (other for other in step.worlds if other is not world)
    tried = ((one, decided(replace(one, strict=False), atom, turned=True)) for one in (world, *others))
    return next(
        (
            event
            for one, event in tried
            if event is not None and not one.shape.by_synonym(event, step.predicate, step.tests)
        ),
        None,
    )
