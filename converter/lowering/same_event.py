"""A rule wants an event for each step: where one could be of two steps, a target may count it for both.

[process.name == "a"] and [process.name == "b"]      no event is of both
[process.name : "a*"] and [process.args : "/x"]      one may be: a sample takes more

In Sigma, a data stream that no table has is a log source as a whole. An event of it that is of a record too
is in the record's log source once more, and no rule sees that it is the same one:

[process where event.type == "start"] [process where event.type == "x"]      an event has several types
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, permutations

from converter.ir.cover import implies
from converter.ir.predicate import FALSE, Equals, Like, Not, Or, Predicate
from converter.ir.rewrite import conjuncts, fields_of
from converter.lowering.esql_several import ARRAYS
from converter.lowering.fidelity import Fidelity, Reason
from converter.lowering.plan import Part, SequencePlan
from converter.lowering.recognise import ONE_OF, holds, in_record
from converter.taxonomy.generic import is_stream, may_hold
from converter.taxonomy.model import Record, Taxonomy

_ONE_FOR_SEVERAL = Reason(
    "same-event",
    "one event counts for several steps, where the original wants one for each",
    Fidelity.WIDER,
)


def same_event(plan: SequencePlan) -> list[Reason]:
    """That one event can be of several steps of a sample, if it can."""
    pairs = combinations(plan.steps, 2)
    if all(_apart(one, other) for first, second in pairs for one in first.parts for other in second.parts):
        return []
    return [_ONE_FOR_SEVERAL]


def in_two_logs(plan: SequencePlan, asked: Sequence[Predicate], taxonomy: Taxonomy) -> list[Reason]:
    """The same of Sigma's log sources, if an event of one of the plan's steps can be that of another one in
    another log source: as a record's, and as one of a whole data stream. `asked`: what the rule asks of each
    step."""
    steps = [(step.parts, one) for step, one in zip(plan.steps, asked, strict=True) if not step.absent]
    found = any(
        _in_two(one, other, taxonomy) and not _contradict(one[1], other[1])
        for one, other in permutations(steps, 2)
    )
    return [_ONE_FOR_SEVERAL] if found else []


def _in_two(
    step: tuple[Sequence[Part], Predicate], other: tuple[Sequence[Part], Predicate], taxonomy: Taxonomy
) -> bool:
    """Whether an event of a record of the first step may be one of a data stream of the other."""
    streams = [part.record for part in other[0] if is_stream(part.record)]
    names = frozenset[str]().union(*(part.records for part in step[0])) if streams else ()
    records = [record for record in taxonomy.records if record.name in names] if names else ()
    return any(
        may_hold(stream, record) and _may_take(other[1], record) for stream in streams for record in records
    )


def _may_take(predicate: Predicate, record: Record) -> bool:
    """Whether the predicate may take an event of the record, which has one of the record's values in some
    fields, and may have further ones in others."""
    when = {name: values for name, values in record.when.items() if name in ONE_OF}
    return in_record(predicate, replace(record, when=when)) != FALSE


def _contradict(one: Predicate, other: Predicate) -> bool:
    """Whether no event satisfies both, by a field that has one value."""
    first, second = (
        [item for item in conjuncts(predicate) if ARRAYS.isdisjoint(fields_of(item))]
        for predicate in (one, other)
    )
    return any(_differ(a, b) for a in first for b in second)


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
