"""Elasticsearch types of fields, as the ECS list and Elastic's own integrations map them.

The table `ecs_types.tsv` is written by `scripts/build_ecs_types.py`.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

NUMBER_TYPES = frozenset(
    ("byte", "short", "integer", "long", "unsigned_long", "half_float", "float", "double", "scaled_float")
)
"""Types whose values are numbers."""

TEXT_TYPES = frozenset(("text", "match_only_text"))
"""Types that are analysed: a query asks for words, not for the whole value."""

CASELESS = "caseless"
"""A keyword whose values are indexed in lower case (`process.name.caseless`); not Elasticsearch's name."""

_SUFFIX_TYPES = {"text": "match_only_text", "caseless": CASELESS, "keyword": "keyword"}
"""Multi-fields that integrations add to keywords, by the last part of their name."""


@cache
def _table() -> dict[str, str]:
    text = Path(__file__).with_name("ecs_types.tsv").read_text(encoding="utf-8")
    table = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, _, kind = line.partition("\t")
            table[name] = kind
    return table


@lru_cache(maxsize=4096)
def field_type(name: str) -> str:
    """The type of a field: Elasticsearch's name ("keyword", "long", "ip", ...), or :data:`CASELESS`.

    A field that is not listed is a keyword, as dynamic templates make it in Elastic's integrations.
    """
    kind = _table().get(name)
    if kind is not None:
        return kind
    head, _, suffix = name.rpartition(".")
    return _SUFFIX_TYPES.get(suffix, "keyword") if head else "keyword"


def parent_field(name: str) -> str | None:
    """The field that a multi-field takes its values from: `process.name` for `process.name.text`.

    None for a name that is not of a multi-field's form.
    """
    head, _, suffix = name.rpartition(".")
    return head if head and suffix in _SUFFIX_TYPES else None


def has_text(name: str) -> bool:
    """Whether ECS gives the field a multi-field `.text`, which is analysed."""
    return f"{name}.text" in _table()
