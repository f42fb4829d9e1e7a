"""Goals ("this node holds", "this one does not"), and the ways to meet those that leave a choice."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from converter.events.generate.scripts import script_pins
from converter.frozen import dataclass
from converter.ir import And, Or, Predicate, Script

Goal: TypeAlias = tuple[Predicate, bool]


@dataclass(frozen=True, slots=True, eq=False)
class Others:
    """The items of a node but for one: of a long list one goal, instead of hundreds."""

    node: And | Or
    item: Predicate

    @property
    def items(self) -> list[Predicate]:
        """One by one."""
        return [one for one in self.node.items if one is not self.item]


Wanted: TypeAlias = tuple[Predicate | Others, bool]
"""A goal, or one for each of the others."""


def apart(goals: Sequence[Wanted]) -> list[Goal]:
    """The goals, one by one."""
    found: list[Goal] = []
    for node, wanted in goals:
        found += [(item, wanted) for item in (node.items if isinstance(node, Others) else (node,))]
    return found


def ways(node: Predicate, wanted: bool, event: Mapping[str, Any], beside: Sequence[Script]) -> Iterator[Goal]:
    """Goals of which each may bring the node to what is wanted; `beside`: other scripts that must hold."""
    if isinstance(node, And | Or):
        yield from ((item, wanted) for item in node.items)
    elif isinstance(node, Script):
        yield from ((pin, True) for pin in script_pins(node, event, beside if wanted else None))


def breadth(node: Predicate) -> int:
    """How many ways there are, of which few are tried first: what must hold together is then found early."""
    return len(node.items) if isinstance(node, And | Or) else sys.maxsize
