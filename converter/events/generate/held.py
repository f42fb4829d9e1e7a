"""Which of a rule's fields the logs hold, and what is left of a predicate without the others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from converter.events.generate.groups import base_field
from converter.ir import And, Not, Or, Predicate
from converter.ir.predicate import FALSE, TRUE
from converter.ir.rewrite import fields_of, leaf_fields, map_leaves
from converter.lowering.recognise import Itself
from converter.taxonomy.model import Record

_MOST = 6
"""Sets of fields that are tried for a record."""


def unheld_fields(record: Record, asked: Sequence[str]) -> list[frozenset[str]]:
    """The sets of the asked fields that the profiles which hold the record have not."""
    own = [name for name in asked if name not in record.when]
    found = (
        frozenset(name for name in own if record.cell(base_field(name), profile) is None)
        for profile in record.shapes
    )
    return [names for names in dict.fromkeys(found) if names][:_MOST]


def left(predicate: Predicate, names: frozenset[str]) -> Predicate:
    """What is left of the predicate without the leaves on these fields: one object, since tests are compiled,
    and events found, for each. Many records and logs lack the same of the fields that a rule asks."""
    if not isinstance(predicate, And | Or | Not):
        return FALSE if names.intersection(leaf_fields(predicate)) else predicate
    itself = Itself(predicate)
    return _left(itself, names.intersection(_fields_of(itself)))


@lru_cache(maxsize=512)
def _fields_of(predicate: Itself[Predicate]) -> tuple[str, ...]:
    return fields_of(predicate.value)


@lru_cache(maxsize=512)
def _left(predicate: Itself[Predicate], names: frozenset[str]) -> Predicate:
    return map_leaves(predicate.value, lambda leaf: FALSE if names.intersection(leaf_fields(leaf)) else leaf)


class Lefts:
    """What is left of the nodes of predicates without some fields, each found once."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, frozenset[str]], tuple[Predicate, Predicate]] = {}

    def of(self, node: Predicate, names: frozenset[str]) -> Predicate:
        """What is left of a node with items; all of it where that is nothing, or everything."""
        if not isinstance(node, And | Or):
            return node
        key = id(node), names
        if key not in self._found:
            rest = node if names.isdisjoint(fields_of(node)) else left(node, names)
            self._found[key] = node, node if rest in (TRUE, FALSE) else rest
        return self._found[key][1]
