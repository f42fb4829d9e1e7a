"""How alternatives are held together: the first or the last holds, and what stands beside them does not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from converter.events.generate.atoms import Atom, deciding
from converter.events.generate.drafts import Named
from converter.events.generate.goals import apart
from converter.events.generate.world import World
from converter.ir import And, Or
from converter.ir.rewrite import fields_of, leaves

_BESIDE = 2
"""Conditions on either side of alternatives that are turned."""


def end_branches(world: World, atom: Atom, number: int) -> Iterator[Named]:
    """Events in which one of some alternatives holds, and what stands next to them does not.

    They tell `a and (b or c) and d` from `a and b or c and d`.
    """
    goals = apart(deciding(atom)[0])
    told = {*world.shape.selecting, *world.shape.derived}  # a source always writes these
    for place, (above, node) in enumerate(pairwise(atom.path), 1):
        if not isinstance(above, And) or not isinstance(node, Or):
            continue
        below = atom.path[place + 1]
        if next(iter(leaves(below))) is not atom.leaf:
            continue
        if below is atom.leaf and below not in (node.items[0], node.items[-1]):
            continue  # of single conditions, which targets write as lists, the ends do
        at = next(index for index, item in enumerate(above.items) if item is node)
        # Both neighbours, whichever end: a target may write what is asked in another order.
        for item in (*above.items[:at][-_BESIDE:], *above.items[at + 1 :][:_BESIDE]):
            if not told.isdisjoint(fields_of(item)):
                continue
            others = [goal for goal in goals if goal[0] is not item]
            event = world.solve([*others, (item, False), (atom.leaf, True)])
            if event is not None and not world.invents(event, atom.path[0]):
                yield f"{number}: holds, what stands beside its alternatives does not", event
