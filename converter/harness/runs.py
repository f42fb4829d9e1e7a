"""A case as a profile's log records it, and a translation's query run over that.

A rule runs once, at the time of the latest event: so does each translation that looks at the clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from converter.evaluate.kusto.query import KustoQuery
from converter.evaluate.result import CompiledQuery, Event, Matches, Table
from converter.evaluate.spl import CompiledSearch
from converter.events.case import Case
from converter.events.indicators import lookup_of
from converter.events.projection import Projector
from converter.frozen import dataclass
from converter.taxonomy.model import Profile


@dataclass(frozen=True, slots=True)
class Recorded:
    """The rows in the log, Splunk's lookup tables, and when the rule runs (seconds; None without times)."""

    rows: Sequence[Event]
    lookups: Mapping[str, list[dict[str, Any]]]
    now: float | None


def recorded(case: Case, profile: Profile, projector: Projector) -> Recorded:
    """The case in the profile's log."""
    timeline = case.timeline
    rows = projector.project(timeline, profile)
    entries = timeline if projector.has_indicators(timeline) else ()
    return Recorded(rows, lookup_of(entries, profile), projector.latest(timeline))


def run(query: CompiledQuery, found: Recorded) -> Matches | Table:
    """What the query finds. Raises SourceError where it can't be run."""
    match query:
        case KustoQuery():
            return query.run(found.rows, now=found.now)
        case CompiledSearch():
            return query.run(found.rows, now=found.now, lookups=found.lookups)
    return query.run(found.rows)
