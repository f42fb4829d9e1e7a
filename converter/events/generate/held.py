"""Which of a rule's fields the logs hold, and what is left of a predicate without the others."""

from __future__ import annotations

from collections.abc import Sequence

from converter.events.generate.solve import base_field
from converter.ir import Predicate
from converter.ir.predicate import FALSE
from converter.ir.rewrite import leaf_fields, map_leaves
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
    """What is left of the predicate without the leaves on these fields."""
    return map_leaves(predicate, lambda leaf: FALSE if names.intersection(leaf_fields(leaf)) else leaf)
