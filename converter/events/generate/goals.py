"""Goals ("this node holds", "this one does not") -> literals of each group of fields, and open choices."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from converter.events.generate.groups import Group, group_of
from converter.events.generate.literals import Literal
from converter.events.generate.scripts import script_pins
from converter.ir import And, Constant, Not, Or, Predicate, Script

Goal: TypeAlias = tuple[Predicate, bool]
Constraints: TypeAlias = Mapping[Group, tuple[Literal, ...]]
"""What is asked of each group of fields."""


Grouped: TypeAlias = dict[tuple[int, bool], tuple[Literal, Group]]
"""Identities of literals -> them, each with the group of its field."""


def expand(
    goals: list[Goal],
    constraints: dict[Group, tuple[Literal, ...]],
    pending: list[Goal],
    grouped: Grouped,
) -> bool:
    """Goals to literals and open choices; False where a constant contradicts. `grouped`: the literals met
    before, since near each atom the same is asked of all others."""
    stack = goals[::-1]
    found: dict[Group, dict[tuple[int, bool], Literal]] = {}
    while stack:
        goal = stack.pop()
        node, wanted = goal
        key = id(node), wanted
        met = grouped.get(key)
        if met is not None:
            literal, group = met
            literals = found.get(group)
            if literals is None:
                found[group] = {key: literal}
            else:
                literals[key] = literal
        elif isinstance(node, Not):
            stack.append((node.item, not wanted))
        elif isinstance(node, Constant):
            if node.value is not wanted:
                return False
        elif isinstance(node, And | Or):
            if isinstance(node, And) is wanted:
                stack.extend((item, wanted) for item in reversed(node.items))
            else:
                pending.append(goal)
        else:
            name = getattr(node, "field", None)
            if not isinstance(name, str):
                pending.append(goal)
                continue
            grouped[key] = goal, group_of(name)
            stack.append(goal)
    for group, literals in found.items():
        known = constraints.get(group, ())
        for leaf, wanted in known:
            literals.pop((id(leaf), wanted), None)
        if literals:
            constraints[group] = (*known, *literals.values())
    return True


def ways(node: Predicate, wanted: bool, event: Mapping[str, Any], beside: Sequence[Script]) -> Iterator[Goal]:
    """Goals of which each may bring the node to what is wanted; `beside`: other scripts that must hold."""
    if isinstance(node, And | Or):
        yield from ((item, wanted) for item in node.items)
    elif isinstance(node, Script):
        yield from ((pin, True) for pin in script_pins(node, event, beside if wanted else None))


def breadth(node: Predicate) -> int:
    """How many ways there are, of which few are tried first: what must hold together is then found early."""
    return len(node.items) if isinstance(node, And | Or) else sys.maxsize
