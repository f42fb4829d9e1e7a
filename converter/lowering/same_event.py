"""A sample wants an event for each step: where one could be of two steps, targets count it for both.

[process.name == "a"] and [process.name == "b"]      no event is of both
[process.name : "a*"] and [process.args : "/x"]      one may be: a target takes more
"""

from __future__ import annotations

from itertools import combinations

from converter.ir.cover import implies
from converter.ir.predicate import Equals, Like, Not, Or, Predicate
from converter.ir.rewrite import conjuncts
from converter.lowering.fidelity import Fidelity, Reason
from converter.lowering.plan import Part, SequencePlan
from converter.lowering.recognise import holds


def same_event(plan: SequencePlan) -> list[Reason]:
    """That one event can be of several steps of a sample, if it can."""
    pairs = combinations(plan.steps, 2)
    if all(_apart(one, other) for first, second in pairs for one in first.parts for other in second.parts):
        return []
    message = "one event counts for several steps, where the original wants one for each"
    return [Reason("same-event", message, Fidelity.WIDER)]


def _apart(one: Part, other: Part) -> bool:
    """Whether no event is of both parts: it is of another record, or of what it has one cannot be."""
    if one.records.isdisjoint(other.records):
        return True
    return any(_differ(a, b) for a in conjuncts(one.predicate) for b in conjuncts(other.predicate))


def _differ(one: Predicate, other: Predicate) -> bool:
    """Whether no event with one value in a field satisfies both."""
    for first, second in ((one, other), (other, one)):
        if isinstance(first, Or):
            return all(_differ(item, second) for item in first.items)
        if isinstance(first, Not) and implies(second, first.item):
            return True
    if not isinstance(one, Equals | Like) or not isinstance(other, Equals | Like):
        return False
    if one.field != other.field or "{}" in one.field:
        return False
    if isinstance(one, Equals):
        return not holds(_caseless(other), str(one.value).lower())
    if isinstance(other, Equals):
        return not holds(_caseless(one), str(other.value).lower())
    return _ends_differ(one, other)


def _caseless(leaf: Equals | Like) -> Predicate:
    if isinstance(leaf, Like):
        return Like(leaf.field, leaf.pattern, ignore_case=True)
    return Equals(leaf.field, str(leaf.value), ignore_case=True)


def _ends_differ(one: Like, other: Like) -> bool:
    """Whether the texts with which both begin, or end, are not those of one value."""
    for at, begins in ((0, True), (-1, False)):
        first, second = one.pattern[at], other.pattern[at]
        if isinstance(first, str) and isinstance(second, str):
            short, long = sorted((first.lower(), second.lower()), key=len)
            if not (long.startswith(short) if begins else long.endswith(short)):
                return True
    return False
