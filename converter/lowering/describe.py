"""Sentences about predicates, for reasons."""

from __future__ import annotations

from collections.abc import Sequence

from converter.ir.predicate import Equals, Predicate
from converter.ir.rewrite import leaves
from converter.taxonomy.model import Taxonomy

_SELECTING = (
    "event.category",
    "event.type",
    "event.action",
    "event.dataset",
    "data_stream.dataset",
    "event.module",
)


def selectors(predicate: Predicate, taxonomy: Taxonomy, index: Sequence[str]) -> str:
    """By which values the rule says what it speaks of: its selecting equalities and index patterns."""
    said = dict.fromkeys(
        f"{leaf.field}: {leaf.value}"
        for leaf in leaves(predicate)
        if isinstance(leaf, Equals) and leaf.field in _SELECTING
    )
    return ", ".join([*said, *(f"index {pattern}" for pattern in index)][:6]) or "no selector and no index"
