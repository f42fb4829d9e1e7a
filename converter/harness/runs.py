"""A case as a profile's log records it, and a translation's query run over that.

A rule runs once, at the time of the latest event: so does each translation that looks at the clock.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from converter.evaluate.kusto.query import KustoQuery
from converter.evaluate.result import CompiledQuery, Event, Matches, Table
from converter.evaluate.spl import CompiledSearch
from converter.events.case import Case, Timeline
from converter.events.indicators import lookup_of, table_rows
from converter.events.logged import Logged
from converter.events.projection import Projector
from converter.events.told import Told
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
    told = projector.told_of(case.timeline)
    return _recorded(case.timeline, told, projector.logged(told, profile), profile)


def _recorded(timeline: Timeline, told: Told, logged: Logged, profile: Profile) -> Recorded:
    entries = timeline if told.with_indicators else ()
    return Recorded(
        table_rows(told.with_indicators, profile) + logged.rows(), lookup_of(entries, profile), told.latest
    )


def run(query: CompiledQuery, found: Recorded) -> Matches | Table:
    """What the query finds. Raises SourceError where it can't be run."""
    match query:
        case KustoQuery():
            return query.run(found.rows, now=found.now)
        case CompiledSearch():
            return query.run(found.rows, now=found.now, lookups=found.lookups)
    return query.run(found.rows)


class Answers:
    """What one profile's query finds in a rule's cases: it runs once over those of which the log has the same
    rows."""

    def __init__(self, query: CompiledQuery, profile: Profile, projector: Projector) -> None:
        self._query = query
        self._profile = profile
        self._projector = projector
        self._found: dict[Hashable, Matches | Table] = {}

    def of(self, timeline: Timeline) -> Matches | Table:
        """What the query finds in the timeline's rows. Raises SourceError where it can't be run."""
        told = self._projector.told_of(timeline)
        logged = self._projector.logged(told, self._profile)
        if logged.key is None:
            return run(self._query, _recorded(timeline, told, logged, self._profile))
        key = told.latest, told.indicators if self._profile.indicators else None, logged.key
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = run(self._query, _recorded(timeline, told, logged, self._profile))
        return found
