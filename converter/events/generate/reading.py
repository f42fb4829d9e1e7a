"""Of which groups of fields a node asks: of an event that differs from another one in the rest alone it says
what it said of that.

process.name in ("a", "b") or process.args : "-c"     ->  the group of the process
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from converter.events.generate.asked import OfValues
from converter.events.generate.goals import Goal
from converter.events.generate.groups import Group, group_of
from converter.ir import Predicate, Regex
from converter.ir.rewrite import leaves


class Reading:
    """The groups that nodes ask, found once for each."""

    def __init__(self) -> None:
        self._found: dict[int, tuple[Predicate, frozenset[Group] | None]] = {}

    def others(self, choices: Sequence[Goal], groups: Iterable[Group]) -> Sequence[Goal]:
        """The choices that may be met otherwise where an event differs in these groups."""
        return [goal for goal in choices if not self.is_apart(goal[0], groups)]

    def is_apart(self, node: Predicate, groups: Iterable[Group]) -> bool:
        """Whether the node asks of none of these groups."""
        found = self._found.get(id(node))
        if found is None:  # with the node, so that no other has its identity
            found = self._found[id(node)] = node, _groups_of(node)
        return found[1] is not None and found[1].isdisjoint(groups)


def _groups_of(node: Predicate) -> frozenset[Group] | None:
    """None where there is no telling: a script, objects in a list, whether something is below a name."""
    found: set[Group] = set()
    for leaf in leaves(node):
        if not isinstance(leaf, OfValues | Regex) or "*" in leaf.field:
            return None
        found.add(group_of(leaf.field))
    return frozenset(found)
