"""What a condition on one field says of another that Elastic looks up by it (`by` in the taxonomy).

    event.action : "AttachUserPolicy" and event.category : "iam"   ->   event.action : "AttachUserPolicy"

for CloudTrail, where Elastic writes the category by the action. `conversions/by_value` says what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from converter.ir.predicate import FALSE, TRUE, And, Equals, Exists, Like, Not, Or, Predicate, Regex
from converter.ir.rewrite import conjunction, disjunction, negation
from converter.lowering.conversions.by_value import words_of
from converter.lowering.recognise import holds
from converter.taxonomy.model import Record, Taxonomy

Known = Mapping[str, frozenset[str]]
"""ECS field -> the only values that it can have here."""
Sources = Mapping[str, tuple[str, Mapping[str, str]]]
"""Looked-up field -> the ECS field that it is looked up by, and the table."""


def settle(predicate: Predicate, record: Record, profile: str, taxonomy: Taxonomy) -> Predicate:
    """The predicate without the conditions on looked-up fields that others decide."""
    sources = lookups(record, profile, taxonomy)
    return _settle(predicate, sources, {}) if sources else predicate


def lookups(record: Record, profile: str, taxonomy: Taxonomy) -> Sources:
    """The looked-up fields of the record in the profile."""
    plain = {
        cell.field: ecs
        for ecs in reversed(tuple(record.cells))
        if (cell := record.cell(ecs, profile)) is not None and cell.conversion == "same"
    }
    found = {}
    for ecs in record.cells:
        cell = record.cell(ecs, profile)
        if cell is not None and cell.conversion == "by" and cell.field in plain:
            found[ecs] = (plain[cell.field], taxonomy.maps[cell.argument])
    return found


def _settle(predicate: Predicate, sources: Sources, known: Known) -> Predicate:
    if isinstance(predicate, Or):
        return disjunction([_settle(item, sources, known) for item in predicate.items], predicate)
    if isinstance(predicate, Not):
        return negation(_settle(predicate.item, sources, known), predicate)
    if not isinstance(predicate, And):
        return _decided(predicate, sources, known)
    told = dict(known)
    for item in predicate.items:
        if (values := _values(item)) is not None:
            told[values[0]] = values[1] & told.get(values[0], values[1])
    return conjunction([_settle(item, sources, told) for item in predicate.items], predicate)


def _values(item: Predicate) -> tuple[str, frozenset[str]] | None:
    """The field and the values that the condition leaves it; None where it is of another kind."""
    leaves: Iterable[Predicate] = item.items if isinstance(item, Or) else (item,)
    found: dict[str, set[str]] = {}
    for leaf in leaves:
        if not isinstance(leaf, Equals) or leaf.ignore_case or not isinstance(leaf.value, str):
            return None
        found.setdefault(leaf.field, set()).add(leaf.value)
    if len(found) != 1:
        return None
    name, values = next(iter(found.items()))
    return name, frozenset(values)


def _decided(leaf: Predicate, sources: Sources, known: Known) -> Predicate:
    if not isinstance(leaf, Equals | Like | Regex | Exists) or leaf.field not in sources:
        return leaf
    source, table = sources[leaf.field]
    if source not in known:
        return leaf
    verdicts = {any(holds(leaf, word) for word in words_of(value, table)) for value in known[source]}
    if len(verdicts) != 1:
        return leaf
    return TRUE if verdicts.pop() else FALSE
