"""Events of one kind, found for goals: which events a rule takes, and which it misses by one condition.

What is a choice (a branch of an OR, a member of an AND that fails) is left open until values are there, and
only taken where these don't do by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from operator import is_
from typing import Any, TypeAlias

from converter.events.generate.asked import NOTHING, Asked
from converter.events.generate.blocks import Constraints
from converter.events.generate.dependent import solve_group, solve_name
from converter.events.generate.goals import Goal, Others, Wanted, breadth, ways
from converter.events.generate.groups import Group, Values, base_field, field_of, fields_of_group, group_of
from converter.events.generate.held import Lefts
from converter.events.generate.literals import PATIENCE, Tests
from converter.events.generate.settled import Found, Parts, Settled, joined
from converter.events.generate.shape import Shape
from converter.events.generate.whole import whole
from converter.frozen import dataclass
from converter.ir import Exists, Predicate, Script
from converter.taxonomy.model import Record

_BUDGET = 16
"""Choices tried before a goal is given up."""
_FEW = 6
"""The same for a near miss of an event that is there."""
_OTHER_SYSTEM = {"windows": "linux", "linux": "windows", "macos": "windows"}
"""Whose paths a rule over several systems asks of each: what no event of its kind has, and a query takes."""
_SYSTEM = group_of("host.os.type")
"""With another one, fields of other groups are otherwise, too."""
_NOTHING_KNOWN: Mapping[int, bool] = {}

_Asked: TypeAlias = tuple[Group, bool, Hashable]
"""A group, whether strictly, and what is asked of it."""
_Solved: TypeAlias = tuple[bool, tuple[Exists, ...], tuple[tuple[int, bool], ...]]
"""Whether strictly, what must be present, and the identities of goals, with what is wanted."""


@dataclass
class World:
    """Events of one shape, solved for goals; what was found for a group is kept. `unheld`: the fields that
    some log of the record lacks, `lefts`: what is left of a predicate without them."""

    shape: Shape
    tests: Tests
    strict: bool = True
    present: tuple[Exists, ...] = ()
    unheld: frozenset[str] = frozenset()
    _known: dict[_Asked, tuple[Asked, Values | None]] = field(default_factory=dict)
    lefts: Lefts = field(default_factory=Lefts)
    _others: dict[Record, World] = field(default_factory=dict)
    _solved_goals: dict[_Solved, tuple[Sequence[Wanted], Values | None]] = field(default_factory=dict)
    _refused: int = 0

    def solve(self, goals: Sequence[Wanted]) -> Values | None:
        """An event that meets all goals, or None where none was found.

        One is asked for again and again (for a pair, for near misses of it). What was found strictly is found
        loosely, too, where nothing was refused that might be had so.
        """
        key = self.strict, self.present, tuple([(id(node), wanted) for node, wanted in goals])
        if key not in self._solved_goals:
            refused = self._refused
            found = self._found(goals)
            known = list(goals), None if found is None else found.event
            self._solved_goals[key] = known  # with the goals, so that no other has their identity
            if self.strict and self._refused == refused:
                self._solved_goals[False, *key[1:]] = known
        event = self._solved_goals[key][1]
        return None if event is None else dict(event)

    def invents(self, event: Mapping[str, Any], predicate: Predicate) -> bool:
        """Whether the predicate takes the event, which no log of the kind writes, or takes it but for a
        synonym of what its log writes: no translation sees it."""
        if self.shape.has(event):
            return self.shape.misses_synonym(event, predicate, self.tests)
        return self.tests.holds(predicate, event)

    @cached_property
    def loosely(self) -> World:
        """The world of the same events, whose selecting fields may have other values than the record's."""
        return replace(self, strict=False)

    def of(self, shape: Shape, strict: bool) -> World:
        """The world of another shape, in which the same must hold."""
        return replace(self, shape=shape, strict=strict, _known={}, _others={}, _solved_goals={})

    def of_another(self, record: Record, made: Callable[[], Shape]) -> World:
        """The world of another record's events, loosely; one event after the other is tried as these."""
        if record not in self._others:
            self._others[record] = self.of(made(), strict=False)
        return self._others[record]

    def held(self, goals: list[Wanted]) -> list[Wanted]:
        """The goals, of the fields that each log of the record holds where they can be met by these: what
        another field brings about, a target that lacks it does not tell. The same list where that is all."""
        if not self.unheld:
            return goals
        made = [one for goal in goals for one in self._held(goal)]
        return goals if len(made) == len(goals) and all(map(is_, made, goals)) else made

    def _held(self, goal: Wanted) -> Sequence[Wanted]:
        node, wanted = goal
        if not wanted:
            return (goal,)
        items = node.items if isinstance(node, Others) else (node,)
        made = [self.lefts.of(item, self.unheld) for item in items]
        return (goal,) if all(map(is_, made, items)) else [(one, wanted) for one in made]

    def settle(self, goals: Sequence[Wanted]) -> Settled | None:
        """The goals with what is chosen for them, for many near misses of one event; None where a constant
        contradicts."""
        constraints: dict[Group, Asked] = {}
        pending: list[Goal] = []
        if not self.tests.blocks.expand([*goals, *self._needed(goals)], constraints, pending):
            return None
        found = self._search([], constraints, pending, [_BUDGET], self._bare)
        return Settled(tuple(goals), constraints, pending, found)

    def solve_beside(self, settled: Settled, pins: Sequence[Goal]) -> Values | None:
        """As :meth:`solve` for goals and pins: what was chosen for the goals is kept if it can be, and
        else few other choices are tried."""
        found = settled.found
        constraints, pending = dict(found.constraints) if found else {}, list[Goal]()
        if found is not None and self.tests.blocks.expand(pins, constraints, pending) and not pending:
            names = (field_of(node) for node, _ in pins)
            asked = dict.fromkeys(group_of(name) for name in names if name is not None)
            parts = self._solved_parts(constraints, asked, found.parts)
            values = None if parts is None else joined(parts, found.values)
            event = None if values is None else whole(self.shape, self.tests, values, constraints)
            if event is not None and self.tests.meet(event, self._open(found.choices, asked)):
                return event
        if any(isinstance(node, Exists) and not wanted for node, wanted in pins):
            return self.solve([*settled.goals, *pins])
        budget = [_BUDGET if settled.found is None else _FEW]
        known = self._bare if found is None else found.parts
        found = self._search(list(pins), settled.constraints, list(settled.pending), budget, known)
        return None if found is None else found.event

    def _found(self, goals: Sequence[Wanted]) -> Found | None:
        return self._search([*goals, *self._needed(goals)], {}, [], [_BUDGET], self._bare)

    def _needed(self, goals: Sequence[Wanted]) -> list[Goal]:
        """What must hold beside the goals."""
        missing = self.tests.blocks.missing(goals) if self.present else ()
        needed = [(leaf, True) for leaf in self.present if base_field(leaf.field) not in missing]
        return [*needed, *((one, True) for one in self.shape.confined)]

    def _search(
        self,
        goals: Sequence[Wanted],
        asked: Constraints,
        choices: list[Goal],
        budget: list[int],
        known: Parts,
    ) -> Found | None:
        constraints = dict(asked)
        pending = list(choices)
        if not self.tests.blocks.expand(goals, constraints, pending):
            return None
        parts = self._solved_parts(constraints, dict.fromkeys((*self._groups, *constraints)), known)
        return None if parts is None else self._chosen(constraints, parts, pending, budget)

    def _chosen(
        self,
        constraints: Constraints,
        parts: Parts,
        pending: Sequence[Goal],
        budget: list[int],
        known: Mapping[int, bool] = _NOTHING_KNOWN,
    ) -> Found | None:
        """The event of these values, with what is chosen where the choices are not met by them: of each
        choice only the groups are solved of which it asks more. `known`: what nodes say of it, by their
        identity."""
        values = joined(parts, self.shape.usual)
        event = whole(self.shape, self.tests, values, constraints)
        if event is None:
            return None
        test = self.tests.test
        said = [known[id(node)] if id(node) in known else test(node)(event) for node, _ in pending]
        unmet = [place for place, (_, wanted) in enumerate(pending) if said[place] is not wanted]
        if not unmet:
            return Found(event, values, parts, constraints, pending)
        place = min(unmet, key=lambda one: breadth(pending[one][0]))
        node, wanted = pending[place]
        others = [*pending[:place], *pending[place + 1 :]]
        if isinstance(node, Script):
            others.append((node, wanted))
        scripts = [one for one, true in others if isinstance(one, Script) and true and one is not node]
        for goal in ways(node, wanted, event, scripts):
            budget[0] -= 1
            if budget[0] < 0 or self.tests.tried > PATIENCE:
                return None
            asked, left = dict(constraints), list(others)
            if not self.tests.blocks.expand([goal], asked, left):
                continue
            more = [group for group, one in asked.items() if constraints.get(group) is not one]
            solved = self._solved_parts(asked, more, parts)
            if solved is None:
                continue
            same = self._said_again(pending, said, more)
            found = self._chosen(asked, {**parts, **solved}, left, budget, same)
            if found is not None:
                return found
        return None

    def _said_again(
        self, choices: Sequence[Goal], said: Sequence[bool], groups: Iterable[Group]
    ) -> Mapping[int, bool]:
        """What the choices say, by their identity, of an event that differs in these groups: of those that
        ask none of them, what they `said`."""
        if not self._are_all(groups):
            return _NOTHING_KNOWN
        apart = self.tests.reading.is_apart
        return {id(node): one for (node, _), one in zip(choices, said, strict=True) if apart(node, groups)}

    def _open(self, choices: Sequence[Goal], groups: Iterable[Group]) -> Sequence[Goal]:
        """Those of the choices of which an event that differs in these groups may say otherwise."""
        return self.tests.reading.others(choices, groups) if self._are_all(groups) else choices

    def _are_all(self, groups: Iterable[Group]) -> bool:
        """Whether an event with other values of these groups differs in them alone."""
        return self.shape.is_plain and _SYSTEM not in groups

    @cached_property
    def _groups(self) -> tuple[Group, ...]:
        """The groups of which every event of the shape has something."""
        selecting = map(group_of, self.shape.selecting)
        return tuple(dict.fromkeys((*selecting, *self.shape.groups, *self._told())))

    @cached_property
    def _usual(self) -> Mapping[Group, Values]:
        """What every event of the shape has, by groups."""
        found: dict[Group, Values] = {}
        for name, value in self.shape.usual.items():
            found.setdefault(group_of(name), {})[name] = value
        return found

    @cached_property
    def _selecting(self) -> frozenset[Group]:
        return frozenset(map(group_of, self.shape.selecting))

    @cached_property
    def _bare(self) -> Parts:
        """What every event of the shape has of each group of which nothing is asked, where it can have it."""
        found = ((group, self._group(group, NOTHING, group in self._selecting)) for group in self._groups)
        return {group: (NOTHING, values) for group, values in found if values is not None}

    def _solved_parts(self, constraints: Constraints, groups: Iterable[Group], known: Parts) -> Parts | None:
        """Values for each of the groups under its constraints; `known`: found for what was asked before."""
        self.tests.tried += 1
        parts: dict[Group, tuple[Asked, Values]] = {}
        for group in groups:
            asked = constraints.get(group, NOTHING)
            part = known.get(group)
            if part is None or part[0] is not asked:
                found = self._group(group, asked, group in self._selecting)
                if found is None:
                    return None
                part = asked, found
            parts[group] = part
        return parts

    def _told(self) -> Iterator[Group]:
        """The derived fields that the rule asks: a source always writes these."""
        return (group_of(name) for name in self.shape.derived if name in self.shape.asked)

    def _group(self, group: Group, asked: Asked, selecting: bool) -> Values | None:
        key = group, self.strict, asked.key
        if key not in self._known:
            if selecting:
                found = self.shape.selector(group, asked, self.tests, self.strict)
            elif group.name in self.shape.derived:
                found = self.shape.computed(group.name, asked, self.tests)
            else:
                found = self._solved(group, asked)
            self._known[key] = asked, found  # with the leaves, so that no other has their identity
        found = self._known[key][1]
        if found is None and self.strict and (selecting or self._elsewhere(group)):
            self._refused += 1
        return found

    def _elsewhere(self, group: Group) -> str | None:
        """Another system, as whose events a loose world's may have the group."""
        return None if group in self.shape.told_by_path else _OTHER_SYSTEM.get(self.shape.system)

    def _solved(self, group: Group, asked: Asked) -> Values | None:
        """Values for a group; what of it the record's events lack stays missing."""
        absent = self.shape.absent.intersection(fields_of_group(group))
        held = self.tests.numbered.elsewhere(asked, absent)
        if len(absent) == len(fields_of_group(group)):
            return {} if self.tests.fit({}, asked) else None
        found = solve_group(group, held, self.tests, self.shape.system, self._usual.get(group))
        if found is None and f"{group.name}.path" in absent:
            found = solve_name(group, held, self.tests, self.shape.system)
        other = None if self.strict or found is not None else self._elsewhere(group)
        if other is not None:
            found = solve_group(group, held, self.tests, other)
        if found is None or not absent:
            return found
        rest = {name: value for name, value in found.items() if name not in absent}
        return rest if self.tests.fit(rest, asked) else None
