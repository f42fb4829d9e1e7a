"""Multi-fields of keywords as the field that their values come from.

    process.name.caseless : "MSBuild.exe"   ->   process.name, whatever the case, is "msbuild.exe"

A caseless one is indexed in lower case, and what is asked of it is lowered as well. Source: "normalizer",
Elasticsearch reference.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from converter.elastic.types import CASELESS, TEXT_TYPES, field_type, parent_field
from converter.ir import Equals, Exists, Like, Predicate, Regex
from converter.ir.rewrite import leaves, map_leaves
from converter.lowering.recognise import Itself


def on_parents(predicate: Predicate) -> Predicate:
    """The predicate with each caseless or plain keyword multi-field as its parent; itself without any.

    Each profile asks this of the same predicate, and what is kept of it is kept of this object.
    """
    return _on_parents(Itself(predicate))


@lru_cache(maxsize=64)
def _on_parents(predicate: Itself[Predicate]) -> Predicate:
    if all(_on_parent(leaf) is leaf for leaf in leaves(predicate.value)):
        return predicate.value
    return map_leaves(predicate.value, _on_parent)


def as_stored(predicate: Predicate) -> Predicate:
    """The predicate of ES|QL with each analysed multi-field as its parent.

    A value is read as its source wrote it, not as words. Source: "ES|QL limitations", text fields,
    Elasticsearch reference.
    """
    return map_leaves(predicate, _on_source)


def _on_source(leaf: Predicate) -> Predicate:
    if not isinstance(leaf, Equals | Like | Regex | Exists):
        return leaf
    parent = parent_field(leaf.field) if field_type(leaf.field) in TEXT_TYPES else None
    return leaf if parent is None else replace(leaf, field=parent)


def _on_parent(leaf: Predicate) -> Predicate:
    if not isinstance(leaf, Equals | Like | Regex | Exists):
        return leaf
    parent, kind = parent_field(leaf.field), field_type(leaf.field)
    if parent is None or kind not in (CASELESS, "keyword"):
        return leaf
    if isinstance(leaf, Exists):
        return replace(leaf, field=parent)
    return replace(leaf, field=parent, ignore_case=leaf.ignore_case or kind == CASELESS)
