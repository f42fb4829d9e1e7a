"""What goals ask of each group of fields, and the choices that they leave: found once for each node.

Near each atom the same is asked of all others: of a node's other items it is what the node asks, without what
the atom's does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from converter.events.generate.asked import Asked, Numbered
from converter.events.generate.goals import Goal, Others, Wanted
from converter.events.generate.groups import Group, field_of, group_of
from converter.frozen import dataclass
from converter.ir import And, Constant, Exists, Not, Or, Predicate

Constraints: TypeAlias = Mapping[Group, Asked]
"""What is asked of each group of fields."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """What is asked of each group of fields, and the choices left; both in the order of the rule."""

    asked: Constraints
    pending: Sequence[Goal] = ()


class Blocks:
    """Of each goal what it asks, or None where a constant contradicts. `numbered`: the leaves that must not
    hold."""

    def __init__(self, numbered: Numbered) -> None:
        self._numbered = numbered
        self._found: dict[tuple[int, bool], tuple[Predicate | Others, Block | None]] = {}
        self._parted: dict[tuple[int, bool], tuple[Predicate, frozenset[int]]] = {}

    def expand(self, goals: Iterable[Wanted], constraints: dict[Group, Asked], pending: list[Goal]) -> bool:
        """Adds what the goals ask, and the choices that they leave; False where a constant contradicts."""
        for node, wanted in goals:
            block = self.of(node, wanted)
            if block is None:
                return False
            for group, asked in block.asked.items():
                known = constraints.get(group)
                constraints[group] = asked if known is None else known.beside(asked)
            pending += block.pending
        return True

    def missing(self, goals: Iterable[Wanted]) -> set[str | None]:
        """The fields that must be missing by a goal itself, or by an item of one of several."""
        found: set[str | None] = set()
        for node, wanted in goals:
            block = None if wanted else self.of(node, wanted)
            if block is not None and any(map(self._numbered.forbids_value, block.asked.values())):
                items = node.items if isinstance(node, Others) else (node,)
                found.update(field_of(item) for item in items if isinstance(item, Exists))
        return found

    def of(self, node: Predicate | Others, wanted: bool) -> Block | None:
        """What a goal asks."""
        key = id(node), wanted
        found = self._found.get(key)
        if found is None:  # with the node, so that no other has its identity
            found = self._found[key] = node, self._made(node, wanted)
        return found[1]

    def _made(self, node: Predicate | Others, wanted: bool) -> Block | None:
        if isinstance(node, Others):
            return self._of_others(node, wanted)
        if isinstance(node, Not):
            return self.of(node.item, not wanted)
        if isinstance(node, Constant):
            return Block({}) if node.value is wanted else None
        if isinstance(node, And | Or) and isinstance(node, And) is wanted:
            return self._together((item, wanted) for item in node.items)
        name = field_of(node)
        if name is None:
            return Block({}, ((node, wanted),))
        asked = Asked((node,)) if wanted else Asked((), self._numbered.bit(node, name))
        return Block({group_of(name): asked})

    def _together(self, goals: Iterable[Wanted]) -> Block | None:
        asked: dict[Group, Asked] = {}
        pending: list[Goal] = []
        return Block(asked, pending) if self.expand(goals, asked, pending) else None

    def _of_others(self, others: Others, wanted: bool) -> Block | None:
        node, item = others.node, others.item
        if id(item) not in self._to_part(node, wanted):
            return self._together((one, wanted) for one in others.items)
        whole, own = self.of(node, wanted), self.of(item, wanted)
        assert whole is not None and own is not None
        less = {group: whole.asked[group].without(asked) for group, asked in own.asked.items()}
        gone = set(map(id, own.pending))
        pending = [goal for goal in whole.pending if id(goal) not in gone] if gone else whole.pending
        return Block({**whole.asked, **less}, pending)

    def _to_part(self, node: And | Or, wanted: bool) -> frozenset[int]:
        """The identities of the items that can be taken out of what the node asks: no other item asks the
        same, and it is not the first to ask of a group, which stands where that one does."""
        key = id(node), wanted
        if key not in self._parted:
            self._parted[key] = node, frozenset(self._parts(node, wanted))
        return self._parted[key][1]

    def _parts(self, node: And | Or, wanted: bool) -> list[int]:
        parts: list[int] = []
        groups: set[Group] = set()
        known: set[int] = set()
        forbidden = 0
        for item in node.items:
            block = self.of(item, wanted)
            if block is None:
                return []
            if groups.issuperset(block.asked):
                parts.append(id(item))
            groups.update(block.asked)
            own = set(map(id, block.pending))
            for asked in block.asked.values():
                own.update(map(id, asked.must))
                if forbidden & asked.never:
                    return []
                forbidden |= asked.never
            if not known.isdisjoint(own):
                return []
            known |= own
        return parts
