"""What the records of one rule lack of each other's fields, and which of them can satisfy it all the same."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from converter.ir.predicate import Predicate, Script
from converter.ir.rewrite import decided, leaf_fields
from converter.taxonomy.model import Record


@lru_cache(maxsize=2048)
def elsewhere(record: Record, records: tuple[Record, ...]) -> frozenset[str]:
    """The fields that the other records have and this one lacks."""
    return _of_all(records).difference(record.cells)


@lru_cache(maxsize=64)
def _of_all(records: tuple[Record, ...]) -> frozenset[str]:
    """The fields that some of the records have: a rule for any event speaks of hundreds."""
    return frozenset().union(*(record.cells for record in records))


def held(
    spoken: Sequence[tuple[Record, Predicate]], needed: frozenset[str] = frozenset()
) -> list[tuple[Record, Predicate]]:
    """Without the records that have not a field that the rule needs (as its `needed` keys), though others
    have it."""
    records = tuple(record for record, _ in spoken)
    absent = {record.name: elsewhere(record, records) for record in records}
    able = [(record, rest) for record, rest in spoken if possible(rest, absent[record.name])] or list(spoken)
    return [(record, rest) for record, rest in able if needed.isdisjoint(absent[record.name])] or able


def possible(predicate: Predicate, absent: frozenset[str]) -> bool:
    """Whether an event can satisfy it that has none of these fields."""
    return not absent or (
        decided(predicate, lambda leaf: False if _asks_one_of(leaf, absent) else None) is not False
    )


def _asks_one_of(leaf: Predicate, names: frozenset[str]) -> bool:
    return not isinstance(leaf, Script) and not names.isdisjoint(leaf_fields(leaf))
