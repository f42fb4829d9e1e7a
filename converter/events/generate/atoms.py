"""Atoms: the leaves of a predicate where they stand, and the events in which one of them decides.

Of each an event in which it decides that the whole holds, and one in which it decides that it does not
(modified condition/decision coverage).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from converter.events.generate.goals import Others, Wanted
from converter.events.generate.groups import Values
from converter.events.generate.literals import Tests
from converter.events.generate.world import World
from converter.frozen import dataclass
from converter.ir import And, Constant, Not, Or, Predicate

_MANY = 100
"""Items of a node that are all made goals at once."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One leaf where it stands: `path` are the nodes from the root down to it, `beside` what stands beside it
    in each of them that has items."""

    leaf: Predicate
    path: tuple[Predicate, ...]
    beside: tuple[Others, ...] = ()


def atoms(predicate: Predicate) -> list[Atom]:
    """All leaves with their places, from left to right."""
    found: list[Atom] = []
    stack: list[tuple[Predicate, tuple[Predicate, ...], tuple[Others, ...]]] = [(predicate, (), ())]
    while stack:
        node, above, beside = stack.pop()
        here = (*above, node)
        if isinstance(node, And | Or):
            stack.extend((item, here, (*beside, Others(node, item))) for item in reversed(node.items))
        elif isinstance(node, Not):
            stack.append((node.item, here, beside))
        elif not isinstance(node, Constant):
            found.append(Atom(node, here, beside))
    return found


def is_excluded(atom: Atom) -> bool:
    """Whether the atom stands under a `not`."""
    return sum(isinstance(node, Not) for node in atom.path) % 2 == 1


def deciding(atom: Atom, most: int | None = None) -> tuple[list[Wanted], bool]:
    """Goals under which the whole follows the atom, and which value of the atom makes the whole true.

    `most`: nodes with more items than that are left out.
    """
    goals: list[Wanted] = [
        (others, isinstance(others.node, And))
        for others in atom.beside
        if most is None or len(others.node.items) <= most
    ]
    return goals, not is_excluded(atom)


def decisive_event(world: World, atom: Atom, turned: bool, spelled: Predicate | None = None) -> Values | None:
    """An event in which the atom decides: that the whole holds, or `turned`, that it doesn't. `spelled`: how
    the leaf's text is to be there, if it can be.

    An element of a long list rarely meets the others: they are only asked for where it does.
    """
    if spelled is not None and (
        found := decisive_event(world, Atom(spelled, atom.path, atom.beside), turned)
    ):
        return found
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
            for item in node.items:
                if item is not below and not tests.holds(item, event):
                    return False
        elif isinstance(node, Or) and tests.another_holds(node, below, event):
            return False
    return True
