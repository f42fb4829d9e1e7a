"""Fields that hold words of the log itself, which it always writes alike: their case tells nothing."""

from __future__ import annotations

from converter.taxonomy.model import Profile, Taxonomy

_WORDS = frozenset({"always", "enum", "fallback", "told", "values"})
"""Conversions to one of few words of the log."""
METADATA = frozenset({"source", "sourcetype", "index"})
"""Splunk's own fields: each event has one value of them."""


def own_words(profile: Profile, taxonomy: Taxonomy) -> frozenset[str]:
    """The profile's fields that its tables give constants or one of a list of words, and nothing else.

    >>> from converter.taxonomy import load_taxonomy
    >>> "ActionType" in own_words(load_taxonomy().profiles["defender_xdr"], load_taxonomy())
    True
    """
    words: set[str] = set(METADATA)
    others: set[str] = set()
    for record in taxonomy.records:
        if profile.name not in record.shapes:
            continue
        words.update(record.shapes[profile.name].where)
        for _, cell in record.cells_of(profile.name):
            (words if cell.conversion in _WORDS else others).add(cell.field)
    return frozenset(words - others)
