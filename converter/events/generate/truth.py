"""Truth assignments: events in which a predicate, or one leaf of it, decides as wanted.

The search walks the tree from goals ("this node holds", "this one does not") to literals; what is a
choice (a branch of an OR, a member of an AND that fails) is left open until values are there, and only
taken where these don't do by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from converter.events.generate.dependent import Group, Values, fields_of_group, group_of, solve_group
from converter.events.generate.held import left
from converter.events.generate.parted import agree, as_one, with_one
from converter.events.generate.scripts import script_pins
from converter.events.generate.shape import Shape
from converter.events.generate.solve import PATIENCE, Literal, Tests, base_field, field_of
from converter.ir import And, Constant, Exists, Like, Not, Or, Predicate, Script, Wild
from converter.ir.predicate import FALSE, TRUE
from converter.ir.rewrite import fields_of
from converter.lowering.conversions.by_value import UNKNOWN, words_of

Goal: TypeAlias = tuple[Predicate, bool]
_BUDGET = 16
"""Choices tried before a goal is given up."""
_FEW = 4
"""The same for a near miss of an event that is there."""
_MANY = 100
"""Items of a node that are all made goals at once."""
_OTHER_SYSTEM = {"windows": "linux", "linux": "windows", "macos": "windows"}
"""Whose paths a rule over several systems asks of each: what no event of its kind has, and a query takes."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One leaf where it stands: `path` are the nodes from the root down to it."""

    leaf: Predicate
    path: tuple[Predicate, ...]


def atoms(predicate: Predicate) -> list[Atom]:
    """All leaves with their places, from left to right."""
    found: list[Atom] = []
    stack: list[tuple[Predicate, tuple[Predicate, ...]]] = [(predicate, ())]
    while stack:
        node, above = stack.pop()
        here = (*above, node)
        if isinstance(node, And | Or):
            stack.extend((item, here) for item in reversed(node.items))
        elif isinstance(node, Not):
            stack.append((node.item, here))
        elif not isinstance(node, Constant):
            found.append(Atom(node, here))
    return found


def deciding(atom: Atom, most: int | None = None) -> tuple[list[Goal], bool]:
    """Goals under which the whole follows the atom, and which value of the atom makes the whole true.

    `most`: nodes with more items than that are left out.
    """
    goals: list[Goal] = []
    value = True
    for node, below in zip(atom.path, atom.path[1:], strict=False):
        if isinstance(node, Not):
            value = not value
        elif isinstance(node, And | Or) and (most is None or len(node.items) <= most):
            goals.extend((item, isinstance(node, And)) for item in node.items if item is not below)
    return goals, value


@dataclass(frozen=True, slots=True)
class _Found:
    """An event, its values by themselves, what is asked of each group of its fields, and the choices they
    meet."""

    event: Values
    values: Values
    constraints: Mapping[Group, tuple[Literal, ...]]
    choices: Sequence[Goal]


@dataclass(frozen=True, slots=True)
class Settled:
    """Goals, what they ask of each group of fields, the choices they leave, and what was found for them."""

    goals: tuple[Goal, ...]
    constraints: Mapping[Group, tuple[Literal, ...]]
    pending: Sequence[Goal]
    found: _Found | None


@dataclass
class World:
    """Events of one shape, solved for goals; what was found for a group is kept. `unheld`: the fields that
    some log of the record lacks, `lefts`: what is left of a predicate without them."""

    shape: Shape
    tests: Tests
    strict: bool = True
    present: tuple[Exists, ...] = ()
    unheld: frozenset[str] = frozenset()
    _known: dict[tuple[Group, bool, frozenset[tuple[int, bool]]], Values | None] = field(default_factory=dict)
    lefts: dict[tuple[int, frozenset[str]], tuple[Predicate, Predicate]] = field(default_factory=dict)

    def solve(self, goals: Sequence[Goal]) -> Values | None:
        """An event that meets all goals, or None where none was found."""
        found = self._found(goals)
        return None if found is None else found.event

    def held(self, goals: list[Goal]) -> list[Goal]:
        """The goals, of the fields that each log of the record holds where they can be met by these: what
        another field brings about, a target that lacks it does not tell. The same list where that is all."""
        if not self.unheld:
            return goals
        made = [(self._left(node) if wanted else node, wanted) for node, wanted in goals]
        return goals if all(one[0] is other[0] for one, other in zip(made, goals, strict=True)) else made

    def _left(self, node: Predicate) -> Predicate:
        """What is left of a node without the fields that a log lacks; all of it where that is nothing."""
        if not isinstance(node, And | Or):
            return node
        key = id(node), self.unheld
        if key not in self.lefts:
            rest = node if self.unheld.isdisjoint(fields_of(node)) else left(node, self.unheld)
            self.lefts[key] = node, node if rest in (TRUE, FALSE) else rest
        return self.lefts[key][1]

    def settle(self, goals: Sequence[Goal]) -> Settled | None:
        """The goals with what is chosen for them, for many near misses of one event; None where a constant
        contradicts."""
        constraints: dict[Group, tuple[Literal, ...]] = {}
        pending: list[Goal] = []
        if not _expand([*goals, *self._needed(goals)], constraints, pending):
            return None
        return Settled(tuple(goals), constraints, pending, self._search([], constraints, pending, [_BUDGET]))

    def solve_beside(self, settled: Settled, pins: Sequence[Goal]) -> Values | None:
        """As :meth:`solve` for goals and pins: what was chosen for the goals is kept if it can be, and
        else few other choices are tried."""
        found = settled.found
        constraints, pending = dict(found.constraints) if found else {}, list[Goal]()
        if found is not None and _expand(list(pins), constraints, pending) and not pending:
            names = (field_of(node) for node, _ in pins)
            asked = dict.fromkeys(group_of(name) for name in names if name is not None)
            values = self._values(constraints, asked, found.values)
            event = None if values is None else self._whole(values, constraints)
            if event is not None and self.tests.fit(event, found.choices):
                return event
        if any(isinstance(node, Exists) and not wanted for node, wanted in pins):
            return self.solve([*settled.goals, *pins])
        budget = [_BUDGET if settled.found is None else _FEW]
        found = self._search(list(pins), settled.constraints, list(settled.pending), budget)
        return None if found is None else found.event

    def _found(self, goals: Sequence[Goal]) -> _Found | None:
        return self._search([*goals, *self._needed(goals)], {}, [], [_BUDGET])

    def _needed(self, goals: Sequence[Goal]) -> list[Goal]:
        """What must hold beside the goals."""
        missing = {field_of(node) for node, wanted in goals if isinstance(node, Exists) and not wanted}
        needed = [(leaf, True) for leaf in self.present if base_field(leaf.field) not in missing]
        return [*needed, *self._begun]

    @cached_property
    def _begun(self) -> Sequence[Goal]:
        """That the fields which begin with a text in every event of the record do, where they are asked."""
        begins = self.shape.record.begins if self.shape.record is not None else {}
        return [
            (Or((Not(Exists(name)), Like(name, (start, Wild.ANY)))), True)
            for name, start in begins.items()
            if name in self.shape.asked
        ]

    def _search(
        self,
        goals: list[Goal],
        literals: Mapping[Group, tuple[Literal, ...]],
        choices: list[Goal],
        budget: list[int],
    ) -> _Found | None:
        constraints = dict(literals)
        pending = list(choices)
        if not _expand(goals, constraints, pending):
            return None
        values = self._values(constraints, dict.fromkeys((*self._groups, *constraints)), self.shape.usual)
        event = None if values is None else self._whole(values, constraints)
        if values is None or event is None:
            return None
        for place, (node, wanted) in enumerate(pending):
            if self.tests.holds(node, event) is wanted:
                continue
            others = pending[:place] + pending[place + 1 :]
            if isinstance(node, Script):
                others.append((node, wanted))
            scripts = [one for one, asked in others if isinstance(one, Script) and asked and one is not node]
            for goal in _ways(node, wanted, event, scripts):
                budget[0] -= 1
                if budget[0] < 0 or self.tests.tried > PATIENCE:
                    return None
                found = self._search([goal], constraints, others, budget)
                if found is not None:
                    return found
            return None
        return _Found(event, values, constraints, pending)

    @cached_property
    def _groups(self) -> tuple[Group, ...]:
        """The groups of which every event of the shape has something."""
        selecting = map(group_of, self.shape.selecting)
        return tuple(dict.fromkeys((*selecting, *self.shape.groups, *self._told())))

    @cached_property
    def _selecting(self) -> frozenset[Group]:
        return frozenset(map(group_of, self.shape.selecting))

    def _values(
        self,
        constraints: Mapping[Group, tuple[Literal, ...]],
        groups: Iterable[Group],
        others: Mapping[str, Any],
    ) -> Values | None:
        """The other values with those of the groups under their constraints."""
        self.tests.tried += 1
        event: Values = dict(others)
        for group in groups:
            literals = constraints.get(group, ())
            found = self._group(group, literals, group in self._selecting)
            if found is None:
                return None
            if literals:
                for name in [name for name in event if group_of(name) == group]:
                    del event[name]
            event.update(found)
        return event

    def _whole(self, values: Values, constraints: Mapping[Group, tuple[Literal, ...]]) -> Values | None:
        """The values with what a log holds as one, and what Elastic writes beside."""
        whole = self._as_one(self.shape.on_its_system(values), constraints)
        if whole is None or not all(agree(whole, fields) for fields in self.shape.worded):
            return None
        if not self.shape.is_told(whole) or not self.shape.in_words(whole):
            return None
        beside = self._looked_up(whole, constraints)
        return None if beside is None else whole | beside

    def _as_one(self, event: Values, constraints: Mapping[Group, tuple[Literal, ...]]) -> Values | None:
        """The event whose fields are parts of one value where a log holds them so."""
        made: Values | None = event
        for twins in self.shape.twins:
            if made is not None:
                made = with_one(made, twins, self._meeting(twins, constraints))
        for parts in self.shape.parts:
            if made is not None:
                made = as_one(made, parts, self._fitting(made, map(group_of, dict(parts)), constraints))
        return made

    def _meeting(
        self, groups: Iterable[Group], constraints: Mapping[Group, tuple[Literal, ...]]
    ) -> Callable[[Mapping[str, Any]], bool]:
        """Whether an event satisfies what is asked of the groups."""
        asked = [literal for group in groups for literal in constraints.get(group, ())]
        return lambda event: self.tests.fit(event, asked)

    def _fitting(
        self, event: Values, groups: Iterable[Group], constraints: Mapping[Group, tuple[Literal, ...]]
    ) -> Callable[[Mapping[str, Any]], bool]:
        """Whether values, beside the event's others of these groups, satisfy what is asked of the groups."""
        groups = tuple(groups)
        asked = [literal for group in groups for literal in constraints.get(group, ())]
        names = [name for group in groups for name in fields_of_group(group) if name in event]
        return lambda found: self.tests.fit({**{name: event[name] for name in names}, **found}, asked)

    def _looked_up(self, event: Values, constraints: Mapping[Group, tuple[Literal, ...]]) -> Values | None:
        """What Elastic writes beside the event's fields; None where the rule asks for something else here."""
        found: Values = {}
        for name, (source, table) in self.shape.looked_up.items():
            words = words_of(event.get(source), table)
            asked = constraints.get(group_of(name), ())
            if asked and (UNKNOWN in words or source not in event):
                continue
            if words := words - {UNKNOWN}:
                found[name] = sorted(words)
            if asked and not self.tests.fit({name: found[name]} if words else {}, asked):
                return None
        return found

    def _told(self) -> Iterator[Group]:
        """The derived fields that the rule asks: a source always writes these."""
        return (group_of(name) for name in self.shape.derived if name in self.shape.asked)

    def _group(self, group: Group, literals: Sequence[Literal], selecting: bool) -> Values | None:
        key = group, self.strict, frozenset((id(leaf), wanted) for leaf, wanted in literals)
        if key not in self._known:
            if selecting:
                found = self.shape.selector(group, literals, self.tests, self.strict)
            elif group.name in self.shape.derived:
                found = self.shape.computed(group.name, literals, self.tests)
            else:
                found = self._solved(group, literals)
            self._known[key] = found
        return self._known[key]

    def _solved(self, group: Group, literals: Sequence[Literal]) -> Values | None:
        """Values for a group; what of it the record's events lack stays missing."""
        absent = self.shape.absent.intersection(fields_of_group(group))
        held = [literal for literal in literals if field_of(literal[0]) not in absent]
        if len(absent) == len(fields_of_group(group)):
            return {} if self.tests.fit({}, literals) else None
        usual = {name: value for name, value in self.shape.usual.items() if group_of(name) == group}
        found = solve_group(group, held, self.tests, self.shape.system, usual or None)
        other = _OTHER_SYSTEM.get(self.shape.system)
        if found is None and other is not None and not self.strict and group not in self.shape.told_by_path:
            found = solve_group(group, held, self.tests, other)
        if found is None or not absent:
            return found
        rest = {name: value for name, value in found.items() if name not in absent}
        return rest if self.tests.fit(rest, literals) else None


def _expand(goals: list[Goal], constraints: dict[Group, tuple[Literal, ...]], pending: list[Goal]) -> bool:
    """Goals to literals and open choices; False where a constant contradicts."""
    stack = list(reversed(goals))
    found: dict[Group, dict[tuple[int, bool], Literal]] = {}
    while stack:
        node, wanted = stack.pop()
        if isinstance(node, Not):
            stack.append((node.item, not wanted))
        elif isinstance(node, Constant):
            if node.value is not wanted:
                return False
        elif isinstance(node, And | Or):
            if isinstance(node, And) is wanted:
                stack.extend((item, wanted) for item in reversed(node.items))
            else:
                pending.append((node, wanted))
        else:
            name = field_of(node)
            if name is None:
                pending.append((node, wanted))
                continue
            found.setdefault(group_of(name), {})[id(node), wanted] = (node, wanted)
    for group, literals in found.items():
        known = constraints.get(group, ())
        for leaf, wanted in known:
            literals.pop((id(leaf), wanted), None)
        constraints[group] = (*known, *literals.values())
    return True


def _ways(
    node: Predicate, wanted: bool, event: Mapping[str, Any], beside: Sequence[Script]
) -> Iterator[Goal]:
    """Goals of which each may bring the node to what is wanted; `beside`: other scripts that must hold."""
    if isinstance(node, And | Or):
        yield from ((item, wanted) for item in node.items)
    elif isinstance(node, Script):
        yield from ((pin, True) for pin in script_pins(node, event, beside if wanted else None))


def decided(world: World, atom: Atom, turned: bool) -> Values | None:
    """An event in which the atom decides: that the whole holds, or `turned`, that it doesn't.

    An element of a long list rarely meets the others: they are only asked for where it does.
    """
    for most in (_MANY, None) if any(_is_long(node) for node in atom.path) else (None,):
        goals, value = deciding(atom, most)
        held = world.held(goals)
        for asked in (goals,) if held is goals else (held, goals):
            event = world.solve([*asked, (atom.leaf, value is not turned)])
            if event is not None and decisive(atom, event, world.tests):
                return event
    return None


def _is_long(node: Predicate) -> bool:
    return isinstance(node, And | Or) and len(node.items) > _MANY


def decisive(atom: Atom, event: Mapping[str, Any], tests: Tests) -> bool:
    """Whether the whole would turn over if the atom did."""
    for node, below in zip(atom.path, atom.path[1:], strict=False):
        if isinstance(node, And):
            if not all(tests.holds(item, event) for item in node.items if item is not below):
                return False
        elif isinstance(node, Or) and tests.another_holds(node, below, event):
            return False
    return True
