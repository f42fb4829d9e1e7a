"""What a condition on one field says of another that Elastic looks up by it (`by` in the taxonomy).

    event.action : "AttachUserPolicy" and event.category : "iam"   ->   event.action : "AttachUserPolicy"

for CloudTrail, where Elastic writes the category by the action. `conversions/by_value` says what is left.
Where it is not known what Elastic writes, the condition is taken to hold, and a reason says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import field
from functools import lru_cache

from converter.frozen import dataclass
from converter.ir.predicate import FALSE, TRUE, And, Equals, Exists, Like, Not, Or, Predicate, Regex
from converter.ir.rewrite import conjunction, conjuncts, disjunction, disjuncts, negation
from converter.lowering.conversions.by_value import UNKNOWN, words_of
from converter.lowering.fidelity import Fidelity, Reason
from converter.lowering.recognise import holds
from converter.taxonomy.model import Record, Taxonomy

Known = Mapping[str, frozenset[str]]
"""ECS field -> the only values that it can have here."""
Sources = Mapping[str, tuple[str, Mapping[str, str]]]
"""Looked-up field -> the ECS field that it is looked up by, and the table."""


def settle(
    predicate: Predicate, record: Record, profile: str, taxonomy: Taxonomy
) -> tuple[Predicate, list[Reason]]:
    """The predicate without the conditions on looked-up fields that others decide, and what was assumed."""
    settling = _Settling(lookups(record, profile, taxonomy))
    return (settling.settle(predicate, {}) if settling.sources else predicate), settling.reasons


@lru_cache(maxsize=4096)
def lookups(record: Record, profile: str, taxonomy: Taxonomy) -> Sources:
    """The looked-up fields of the record in the profile."""
    looked_up = record.cells_of(profile, "by")
    plain = {cell.field: ecs for ecs, cell in reversed(record.cells_of(profile, "same"))} if looked_up else {}
    return {
        ecs: (plain[cell.field], taxonomy.maps[cell.argument])
        for ecs, cell in looked_up
        if cell.field in plain
    }


def told_once(predicate: Predicate, record: Record, profile: str, taxonomy: Taxonomy) -> frozenset[str]:
    """The looked-up fields of which each event of the record that the predicate takes has one value: by what
    the predicate asks of the others, Elastic writes one word.

    event.action == "git.clone" and event.type == "change"   ->   event.type
    """
    known = dict(found for item in conjuncts(predicate) if (found := values_left(item)) is not None)
    return frozenset(
        name
        for name, (source, table) in lookups(record, profile, taxonomy).items()
        if source in known
        and all(len(found) == 1 and UNKNOWN not in found for found in _words(known[source], table))
    )


def _words(values: Iterable[str], table: Mapping[str, str]) -> list[Set[str]]:
    return [words_of(value, table) for value in sorted(values)]


@dataclass
class _Settling:
    sources: Sources
    reasons: list[Reason] = field(default_factory=list)

    def settle(self, predicate: Predicate, known: Known, negated: bool = False) -> Predicate:
        if isinstance(predicate, Or):
            return disjunction([self.settle(item, known, negated) for item in predicate.items], predicate)
        if isinstance(predicate, Not):
            return negation(self.settle(predicate.item, known, not negated), predicate)
        if not isinstance(predicate, And):
            return self._leaf(predicate, known, negated)
        told = dict(known)
        for item in predicate.items:
            if (values := values_left(item)) is not None:
                told[values[0]] = values[1] & told.get(values[0], values[1])
        return conjunction([self.settle(item, told, negated) for item in predicate.items], predicate)

    def _leaf(self, leaf: Predicate, known: Known, negated: bool) -> Predicate:
        if not isinstance(leaf, Equals | Like | Regex | Exists) or leaf.field not in self.sources:
            return leaf
        source, table = self.sources[leaf.field]
        if source not in known:
            return leaf
        words = _words(known[source], table)
        if all(found == {UNKNOWN} for found in words):
            message = f"what Elastic writes into {leaf.field} for this {source} is not known: taken to hold"
            self.reasons.append(Reason("looked-up-value", message, Fidelity.WIDER, leaf.field, leaf.pos))
            return FALSE if negated else TRUE
        verdicts = {any(holds(leaf, word) for word in found) for found in words}
        if len(verdicts) != 1 or any(found == {UNKNOWN} for found in words):
            return leaf
        return TRUE if verdicts.pop() else FALSE


def values_left(item: Predicate) -> tuple[str, frozenset[str]] | None:
    """The field and the values that the condition leaves it; None where it is of another kind.

    >>> values_left(Or((Equals("a", "x"), Equals("a", "y")))) == ("a", frozenset({"x", "y"}))
    True
    """
    found: dict[str, set[str]] = {}
    for leaf in disjuncts(item):
        if not isinstance(leaf, Equals) or leaf.ignore_case or not isinstance(leaf.value, str):
            return None
        found.setdefault(leaf.field, set()).add(leaf.value)
    if len(found) != 1:
        return None
    name, values = next(iter(found.items()))
    return name, frozenset(values)
