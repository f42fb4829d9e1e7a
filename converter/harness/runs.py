"""A case as a profile's log records it, and a translation's query run over that.

A rule runs once, at the time of the latest event: so does each translation that looks at the clock.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from converter.evaluate.kusto.query import KustoQuery
from converter.evaluate.result import Choice, CompiledQuery, Event, Matches, Table, TargetQuery
from converter.evaluate.spl import CompiledSearch
from converter.events.case import Case, Timeline
from converter.events.indicators import lookup_of, table_rows
from converter.events.logged import Kind, Logged, kind_of
from converter.events.projection import Projector
from converter.events.row import Untimed
from converter.events.told import Told
from converter.frozen import dataclass
from converter.source import SourceError
from converter.taxonomy.model import Profile

_FEW = 20
"""Events of a timeline, from which on hardly another one has the same but for those not looked at."""


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

    def __init__(self, query: TargetQuery, profile: Profile, projector: Projector) -> None:
        self._query = query
        self._profile = profile
        self._projector = projector
        self._found: dict[Hashable, Matches | Table] = {}
        self._choice: Choice | None = query.looked_at
        self._looked_at: dict[int, tuple[int, Kind]] = {}
        self._same: dict[Hashable, int] = {}

    def of(self, timeline: Timeline) -> Matches | Table:
        """What the query finds in the timeline's rows. Raises SourceError where it can't be run."""
        told = self._projector.told_of(timeline)
        logged = self._projector.logged(told, self._profile)
        if logged.key is None:
            return run(self._query, _recorded(timeline, told, logged, self._profile))
        logged = self._without_others(logged)
        key = told.latest, told.indicators if self._profile.indicators else None, logged.key
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = run(self._query, _recorded(timeline, told, logged, self._profile))
        return found

    def _without_others(self, logged: Logged) -> Logged:
        """The rows at which the query looks: many timelines differ in others alone. All of them where there
        is one without a time, whose place is beside the earliest."""
        if self._choice is None or logged.key is None or len(logged.key) > _FEW:
            return logged
        if None in [moment for _, moment, _ in logged.found]:
            return logged
        found: list[tuple[Sequence[Untimed], Any, int]] = []
        key: list[tuple[int, Any, int]] = []
        for (rows, moment, place), (number, *_) in zip(logged.found, logged.key, strict=True):
            if number not in self._looked_at:
                kept = [row for row in rows if self._looks_at(row, moment, place, self._choice)]
                self._looked_at[number] = self._number(number, rows, kept), kind_of(kept)
            number, kind = self._looked_at[number]
            if kind.rows:
                found.append((kind.rows, moment, place))
                key.append((number, moment, place if kind.is_ordered else 0))
        return Logged(found, tuple(key))

    def _number(self, number: int, rows: Sequence[Untimed], kept: Sequence[Untimed]) -> int:
        """What tells the kept rows from others: the event's number, where they are all that it has. Other
        events may have the same (the host's)."""
        if len(kept) == len(rows):
            return number
        return self._same.setdefault(tuple(map(Untimed.content, kept)), -1 - len(self._same))

    def _looks_at(self, row: Untimed, moment: Any, place: int, choice: Choice) -> bool:
        """Whether it looks at rows of this kind, as far as what they have in common says that."""
        if row.kind is None or not row.kind.own.isdisjoint(choice.reads):
            return True
        try:
            return choice.takes(row.at(moment, place))
        except SourceError:
            return True
