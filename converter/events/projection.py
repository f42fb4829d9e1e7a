"""An ECS event as a target's log source would have recorded it.

The taxonomy says in which record an event belongs (`when`) and what its fields are called; `row.py` writes
the record. The values come from the event alone, never from a translation.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from converter.evaluate.elastic.timeline import FOREIGN
from converter.evaluate.remembered import hashable
from converter.evaluate.result import Event
from converter.events.belonging import Belonging, Membership
from converter.events.derived import possible
from converter.events.foreign import ALONE, KINDS, foreign
from converter.events.indicators import table_rows
from converter.events.logged import Kind, Logged, kind_of
from converter.events.row import Untimed, nested, planned_row
from converter.events.row_plan import Form, Plan, plan_of
from converter.events.row_values import Flat
from converter.events.told import Tellings, Told
from converter.frozen import dataclass
from converter.taxonomy.generic import DATASETS, dataset_of_event, logsource
from converter.taxonomy.model import Hosts, Profile, Record, Shape, Taxonomy

Idle: TypeAlias = Callable[[Record], frozenset[str]]
"""Of a record the fields that the rule asks of its events to no avail: in an alternative that another one
takes in."""
_NOTHING: Mapping[str, bool] = {}
_TIME = "@timestamp"


def project(
    timeline: Sequence[Event], profile: Profile, taxonomy: Taxonomy, asked: Mapping[str, bool] = _NOTHING
) -> list[dict[str, Any]]:
    """The timeline in the profile's shapes: an event may be in several records, or in none.

    `asked` are the fields that the rule asks: an event must have those by which the record is known; they
    are compared with their case where the rule does so (True).
    """
    return Projector(taxonomy, asked).project(timeline, profile)


@dataclass(frozen=True, slots=True)
class _Recording:
    """How a record's log has the events of one form: what is known of their rows without their values.

    `shape`: the record's own; the plan's has a column for each field with an open name. `always`, `hosts`:
    what a row has where the event says nothing else: in a column that every event has, and the host, but
    where the rule asks for it.
    """

    record: Record
    shape: Shape
    plan: Plan
    always: Mapping[str, str]
    hosts: Mapping[str, str]
    is_foreign: bool
    written: dict[Hashable, dict[str, Any] | None]
    """Rows by the values that change more of a row than columns of their own."""


_Write: TypeAlias = Callable[[Flat, _Recording], dict[str, Any] | None]


class Projector:
    """Projects the timelines of one rule's cases; what an event is of is found once for all profiles."""

    def __init__(
        self, taxonomy: Taxonomy, asked: Mapping[str, bool], idle: Idle = lambda _: frozenset()
    ) -> None:
        self._taxonomy = taxonomy
        self._idle = cache(idle)
        self._asked = asked
        self._names = frozenset(asked)
        self._by_name = {record.name: record for record in taxonomy.records}
        self._others = tuple(record for record in taxonomy.records if record.unless)
        self._tellings = Tellings(Membership(taxonomy.records, asked))
        self._sources: dict[str | None, Mapping[str, str] | None] = {}
        self._kinds_in: dict[str, dict[int, Kind]] = {}
        self._asking: dict[Hashable, bool] = {}
        self._recordings: dict[Hashable, Sequence[_Recording]] = {}

    def project(self, timeline: Sequence[Event], profile: Profile) -> list[dict[str, Any]]:
        """The timeline in the profile's shapes, as :func:`project`."""
        return self.rows(self.told_of(timeline), profile)

    def rows(self, told: Told, profile: Profile) -> list[dict[str, Any]]:
        """The rows of a timeline of which this is told."""
        found = table_rows(told.with_indicators, profile) if told.with_indicators else []
        return found + self.logged(told, profile).rows()

    def logged(self, told: Told, profile: Profile) -> Logged:
        """The events of a timeline in the profile's log. Where there are several in a timeline most are in
        others too: of those that differ in their times alone all else is written once."""
        if not told.several:
            alone = [
                (self._rows_of(item, profile, self._whole_row), moment, place)
                for place, moment, _, item in told.events
            ]
            held = [one for one in alone if one[0]]
            return Logged(held, None if held else ())
        known = self._kinds_in.setdefault(profile.name, {})
        found: list[tuple[Sequence[Untimed], Any, int]] = []
        key: list[tuple[int, Any, int]] = []
        for place, moment, number, item in told.events:
            kind = known.get(number)
            if kind is None:
                rows = [row.of_a_kind() for row in self._rows_of(item, profile, self._row)]
                kind = known[number] = kind_of(rows)
            if kind.rows:
                found.append((kind.rows, moment, place))
                key.append((number, moment, place if kind.is_ordered else 0))
        return Logged(found, tuple(key))

    def told_of(self, timeline: Sequence[Event]) -> Told:
        """What is found of the timeline: kept of one that does not change."""
        return self._tellings.of(timeline)

    def _rows_of(self, item: Belonging, profile: Profile, write: _Write) -> list[Untimed]:
        """The event in each record that it is of."""
        found: list[Untimed] = []
        for recording in self._recordings_of(item, profile):
            row = write(item.event, recording)
            if row is None:
                continue
            found.append(Untimed(row, recording.plan.shape, profile.target))
            if recording.shape.hosts is not None and recording.shape.hosts.key in row:
                found.append(_host_of(row, recording.shape.hosts, profile))
        if profile.target == "sigma":
            found += self._unknown(item)
        return found

    def _recordings_of(self, item: Belonging, profile: Profile) -> Sequence[_Recording]:
        """How logs have the event, and all others of its form and of its records."""
        key = item.form, item.records, profile.name
        found = self._recordings.get(key)
        if found is None:
            found = self._recordings[key] = tuple(
                self._recording(item.form, record, profile)
                for record in item.records
                if profile.name in record.shapes
                if not (ALONE in item.form.names and self._taxonomy.is_guest(record, profile.name))
            )
        return found

    def _recording(self, form: Form, record: Record, profile: Profile) -> _Recording:
        plan, shape = plan_of(form, record, profile, self._names), record.shapes[profile.name]
        always = shape.always and not self._asks_for(shape.always, record, profile, self._idle(record))
        hosts = shape.hosts
        return _Recording(
            record,
            shape,
            plan,
            {shape.always: "-"} if always else {},
            {hosts.key: "host-1"} if hosts and not self._asks_for(hosts.key, record, profile) else {},
            FOREIGN in form.names,
            {},
        )

    def _row(self, event: Flat, recording: _Recording) -> dict[str, Any] | None:
        """As `_whole_row`, by the row of another event that differs in columns of its own: of the events of a
        long timeline most do."""
        apart = recording.plan.apart
        if apart is None:
            return self._whole_row(event, recording)
        rest = hashable(apart.rest(event))
        if rest not in recording.written:
            recording.written[rest] = self._whole_row(event, recording)
        like = recording.written[rest]
        return None if like is None else apart.row(like, event)

    def _whole_row(self, event: Flat, recording: _Recording) -> dict[str, Any] | None:
        """The event's row in one record, without its time but with what every such event has; None where no
        log could hold it."""
        plan = recording.plan
        profile = plan.profile
        if plan.is_checked and not possible(event, recording.record, profile, self._taxonomy, self._asked):
            return None
        row: dict[str, Any] | None = planned_row(event, plan, self._taxonomy, self._asked)
        if not row:
            return None
        for name, value in recording.always.items():
            row.setdefault(name, value)
        if profile.target == "kql":
            row = nested(row)
        if not marked(row, recording.shape):
            return None
        if recording.is_foreign:
            row = foreign(row, recording.shape, event)
            if row is None or self._has_record(row, profile, event):
                return None
        for name, value in recording.hosts.items():
            row.setdefault(name, value)
        return row

    def _asks_for(
        self, column: str, record: Record, profile: Profile, idle: frozenset[str] = frozenset()
    ) -> bool:
        """Whether the rule asks a field that the record's log holds in the column; not one asked to no
        avail."""
        key = column, record.name, profile.name, idle
        found = self._asking.get(key)
        if found is None:
            cells = (record.cell(ecs, profile.name) for ecs in self._names - idle)
            found = self._asking[key] = any(cell is not None and cell.field == column for cell in cells)
        return found

    def _has_record(self, row: Flat, profile: Profile, event: Flat) -> bool:
        """Whether a record for whatever the others leave, or one that the rule speaks of, holds such a row: a
        log writes it."""
        spoken_of = (self._by_name[name] for name in event.get(KINDS, ()) if name in self._by_name)
        return any(
            _holds(record.shapes[profile.name], row)
            for record in (*self._others, *spoken_of)
            if profile.name in record.shapes
        )

    def _unknown(self, item: Belonging) -> Iterator[Untimed]:
        """The event under its ECS names in a log source that is its whole data stream; one that a table
        describes holds what the table says."""
        source = self._undescribed(dataset_of_event(item.event))
        if source is None:
            return
        others = DATASETS if FOREIGN in item.event else ()  # what another log source holds is of its stream
        row = {
            name: value
            for name, value in item.event.items()
            if value is not None and name[0] != "$" and name != _TIME and name not in others
        }
        row["$logsource"] = source
        shape = Shape("sigma", logsource=source)
        found = foreign(row, shape, item.event)
        if found is not None:
            yield Untimed(found, shape, "sigma")

    def _undescribed(self, dataset: str | None) -> Mapping[str, str] | None:
        """The log source that is the whole data stream; None where a table describes it."""
        if dataset not in self._sources:
            source = None if dataset is None else logsource(dataset)
            self._sources[dataset] = None if source in self._taxonomy.logsources else source
        return self._sources[dataset]


def _host_of(row: Flat, hosts: Hosts, profile: Profile) -> Untimed:
    """The row of the row's host in the table that says which system the host has."""
    told: dict[str, Any] = {hosts.key: row[hosts.key], hosts.column: hosts.values[0]}
    if profile.target == "splunk":
        where = {"index": row["index"], **dict(hosts.where), **told}
        return Untimed(where, Shape(profile.name), profile.target)
    return Untimed({"$table": hosts.table, **told}, None, profile.target)


def _holds(shape: Shape, row: Flat) -> bool:
    """Whether the row has the place and the constants of the shape."""
    source = row.get("$logsource", {})
    return (
        shape.table == row.get("$table")
        and all(row.get(name) in values for name, values in shape.where.items())
        and all(source.get(name) == value for name, value in shape.logsource.items())
    )


def marked(projected: Flat, shape: Shape) -> bool:
    """Whether the event bears the marks of its record in a shared table: without, no log would hold it so."""
    if not shape.like and not shape.unlike:
        return True
    for name, pattern in shape.like.items():
        if not fnmatch.fnmatchcase(str(projected.get(name, "")), pattern):
            return False
    return not any(
        fnmatch.fnmatchcase(str(projected.get(name, "")), pattern) for name, pattern in shape.unlike.items()
    )
