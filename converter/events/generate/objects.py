"""Kuery's `path:{ ... }`: arrays of objects, one of which satisfies several conditions.

x.deltas:{ action:ADD and role:(a or b) }
    holds       [{action: ADD, role: a}], [{action: ADD, role: b}]
    nearly      [{action: ADD, role: x7}], and both in two objects: beside it {action: x7, role: a}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product

from converter.events.generate.changed_texts import Pin
from converter.events.generate.goals import Goal
from converter.ir import And, Nested, Not, Predicate
from converter.ir.rewrite import conjuncts, disjuncts

_MOST = 12
"""Alternatives that are told apart, at most."""


def near_objects(leaf: Nested) -> Iterator[Pin]:
    """Each alternative of the conditions; objects that fail one of them; the conditions in two objects."""
    conditions = list(conjuncts(leaf.item))
    ways = islice(product(*map(disjuncts, conditions)), 1, _MOST)
    yield from (("another alternative of one object", [[_one(leaf, way)]]) for way in ways)
    for place in range(len(conditions) if len(conditions) > 1 else 0):
        failing = _one(leaf, [_negated(one, number == place) for number, one in enumerate(conditions)])
        other = _one(leaf, [_negated(one, number != place) for number, one in enumerate(conditions)])
        yield "all but one condition of one object", [[(leaf, False), failing]]
        yield "its conditions in two objects", [[(leaf, False), failing, other]]


def _negated(condition: Predicate, fails: bool) -> Predicate:
    return Not(condition) if fails else condition


def _one(leaf: Nested, conditions: Sequence[Predicate]) -> Goal:
    """An object of the array with these conditions."""
    item = conditions[0] if len(conditions) == 1 else And(tuple(conditions))
    return Nested(leaf.path, item), True
