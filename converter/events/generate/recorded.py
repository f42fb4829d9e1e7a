"""Which logs hold an event: Elastic's words that no log tells together are in no event.

event.category [web, iam] beside event.action "New-InboxRule"   ->   none: what is iam is another operation
"""

from __future__ import annotations

from collections.abc import Collection

from converter.evaluate.result import Event
from converter.events.belonging import flatten
from converter.events.derived import possible
from converter.events.row import timeless_row
from converter.taxonomy.model import Record, Taxonomy


def recorded(event: Event, record: Record, asked: Collection[str], taxonomy: Taxonomy) -> frozenset[str]:
    """The profiles whose log holds the record's event, where a rule asks these fields."""
    flat, cased = flatten(event), dict.fromkeys(asked, True)
    return frozenset(
        profile.name
        for profile in taxonomy.profiles.values()
        if profile.name in record.shapes
        if possible(flat, record, profile, taxonomy, cased)
        if timeless_row(flat, record, profile, taxonomy, cased, frozenset(asked))
    )


def is_possible(event: Event, record: Record, asked: Collection[str], taxonomy: Taxonomy) -> bool:
    """Whether no profile knows better: that Elastic writes something else into a field that it derives."""
    flat, cased = flatten(event), dict.fromkeys(asked, True)
    return all(possible(flat, record, taxonomy.profiles[name], taxonomy, cased) for name in record.shapes)
