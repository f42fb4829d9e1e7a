"""Pairs of events: in one an atom decides that the rule holds, in the other that it doesn't."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from converter.evaluate.result import Event
from converter.events.case import Timeline
from converter.events.generate.atoms import Atom, atoms, decisive_event, is_excluded
from converter.events.generate.coverage import AtomCoverage, describe
from converter.events.generate.drafts import Draft, Named
from converter.events.generate.likeness import ALIKE, Places, in_another_case, likeness
from converter.events.generate.prepared import Prepared
from converter.events.generate.world import World
from converter.frozen import dataclass
from converter.ir import And, Not, Or, Predicate


@dataclass
class Pairs:
    """Drafts in pairs, their events, what they cover, and for each atom that can decide the event in which it
    holds."""

    drafts: list[Draft] = field(default_factory=list)
    events: list[Named] = field(default_factory=list)
    covered: list[AtomCoverage] = field(default_factory=list)
    positives: dict[int, tuple[World, Atom, Mapping[str, Any]]] = field(default_factory=dict)


def pairs_of(
    step: Prepared,
    wrap: Callable[[Mapping[str, Any]], Timeline],
    alerts: Callable[[Timeline], bool],
    room: int,
) -> Pairs:
    """For each atom an event in which it decides that the rule holds, and one that it doesn't. Of several
    that are alike, the further ones have another case there.

    `room`: how many timelines there may be, where several atoms share one: the event that has no element of
    a list; atoms that find no room left are not covered.
    """
    found = Pairs()
    taken = Taken(room)
    without = _Without(step, wrap, alerts)
    places = Places()
    for number, atom in enumerate(atoms(step.predicate), 1):
        text = describe(atom.leaf)
        is_further = places.of(likeness(atom)) >= ALIKE
        if taken.is_full:
            found.covered.append(AtomCoverage(text, False, "left out: more cases than there is room for"))
            continue
        why = "no event satisfies the rest of the rule with it"
        pair: list[tuple[Draft, Event]] = []
        for world, _ in step.positives:
            spelled = in_another_case(atom.leaf, world.shape) if is_further else None
            in_holding, in_failing = (None, spelled) if is_excluded(atom) else (spelled, None)
            holding = decisive_event(world, atom, turned=False, spelled=in_holding)
            if holding is None:
                continue
            failing = without.event(world, atom, in_failing)
            found.positives[number] = world, atom, holding
            pair = [(Draft(f"{number}: {text} decides", wrap(holding)), holding)]
            why = "no event lacks it while the rest of the rule holds"
            if failing is None:
                continue
            if not world.shape.has(failing) and without.alerts(failing):
                continue  # no log of the kind writes what the rule takes there
            pair.append((Draft(f"{number}: all but {text}", wrap(failing)), failing))
            if alerts(wrap(holding)) != without.alerts(failing):
                why = ""
                break
            why = "the events around it decide"
        for draft, event in pair:
            found.drafts.append(draft)
            found.events.append((draft.name, event))
            taken.add(draft.timeline)
        found.covered.append(AtomCoverage(text, not why, why))
    return found


class Taken:
    """How many timelines differ, where there may be too many: to tell one from all others takes a text of it,
    which is only made then."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._seen: set[str] = set()
        self._new: list[Timeline] = []

    def add(self, timeline: Timeline) -> None:
        """One more, which may be one of the others."""
        self._new.append(timeline)

    @property
    def is_full(self) -> bool:
        """Whether there is no room for another."""
        if len(self._seen) + len(self._new) >= self._room:
            self._seen.update(map(repr, self._new))
            self._new.clear()
        return len(self._seen) >= self._room


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

    def event(self, world: World, atom: Atom, spelled: Predicate | None) -> Mapping[str, Any] | None:
        """An event in which the atom decides that the rule does not hold, if there is one; `spelled`: as
        `decisive_event`."""
        if not in_list(atom):
            return _failing(self._step, world, atom, spelled)
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


def _failing(
    step: Prepared, world: World, atom: Atom, spelled: Predicate | None = None
) -> Mapping[str, Any] | None:
    """An event of the same kind, or where there is no record to say so, of another data stream."""
    others = () if world.shape.record else (other for other in step.worlds if other is not world)
    tried = (
        (one, decisive_event(one.loosely, atom, turned=True, spelled=spelled)) for one in (world, *others)
    )
    return next(
        (
            event
            for one, event in tried
            if event is not None and not one.shape.by_synonym(event, step.predicate, step.tests)
        ),
        None,
    )
