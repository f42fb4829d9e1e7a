"""transaction: events of the same keys grouped, from the newest to the oldest.

A transaction ends (is complete) at the event that satisfies `startswith`, since older events come
later; without `startswith` it is complete when the next older event is too far away. Incomplete ones
are left out unless `keepevicted`. Source: Splunk Search Reference, "transaction";
`transactiontypes.conf.spec`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Any

from converter.evaluate.spl.arguments import Cursor, boolean, duration, plain, whole, words
from converter.evaluate.spl.commands.stats import single_key
from converter.evaluate.spl.evaluation import compile_condition, search_predicate
from converter.evaluate.spl.plan import Planner, Step
from converter.evaluate.spl.rows import Fields, Results, Row, Rows, Run
from converter.evaluate.spl.split import Command
from converter.evaluate.spl.statistics import grouping, moment
from converter.evaluate.spl.values import collapsed, several, text
from converter.frozen import dataclass
from converter.source import NotSupportedError

Test = Callable[[Row, Run], bool]
MAX_EVENTS = 1000


@dataclass(frozen=True)
class _Task:
    command: Command
    fields: tuple[str, ...]
    span: float = -1
    pause: float = -1
    most: int = MAX_EVENTS
    starts: Test | None = None
    ends: Test | None = None
    keep_evicted: bool = False


@dataclass
class _Open:
    """A transaction that is being collected: its rows from the newest on."""

    rows: Rows = field(default_factory=list)


def transaction(command: Command, planner: Planner) -> Step:
    """Groups of events; `events` of a group are in the order of time."""
    cursor = Cursor(command)
    found: dict[str, Any] = {}
    names: list[str] = []
    while not cursor.done:
        found.update(cursor.options(_OPTIONS))
        if not cursor.done:
            names.append(cursor.name())
            cursor.takes("COMMA")
    task = _Task(
        command,
        tuple(names or found.get("fields", ())),
        found.get("maxspan", -1),
        found.get("maxpause", -1),
        found.get("maxevents", MAX_EVENTS),
        found.get("startswith"),
        found.get("endswith"),
        found.get("keepevicted", False),
    )

    def stage(results: Results, run: Run) -> Results:
        return results.with_rows(_Collector(task, run).collect(results.rows))

    return Step(stage)


def _filter(cursor: Cursor) -> Test:
    """`"search terms"`, `(search terms)` or `eval(condition)`."""
    token = cursor.peek()
    if token is not None and token.type == "STRING":
        cursor.next()
        test = search_predicate(plain(token), cursor.command, (token.start_pos or 0) + 1)
        return lambda row, run: test(row.fields)
    if cursor.sees_word("eval"):
        cursor.next()
        source, offset = cursor.group()
        condition = compile_condition(source, cursor.command, offset).evaluate
        return lambda row, run: condition(row.fields, run) is True
    if token is not None and token.type == "OPEN":
        source, offset = cursor.group()
        terms = search_predicate(source, cursor.command, offset)
        return lambda row, run: terms(row.fields)
    raise NotSupportedError("a filter that is not quoted or in parentheses", cursor.position)


_OPTIONS: dict[str, Callable[[Cursor], Any]] = {
    "maxspan": duration,
    "maxpause": duration,
    "maxevents": whole,
    "startswith": _filter,
    "endswith": _filter,
    "keepevicted": boolean,
    "fields": lambda cursor: words(cursor).replace(",", " ").split(),
}


class _Collector:
    def __init__(self, task: _Task, run: Run) -> None:
        self.task = task
        self.run = run
        self.groups_of = grouping(task.fields)
        self.open: dict[tuple[str, ...], _Open] = {}
        self.complete: Rows = []

    def collect(self, rows: Sequence[Row]) -> Rows:
        """The transactions, the newest first. Raises NotSupportedError for rows in another order."""
        last: float | None = None
        for row in rows:
            when = moment(row)
            if when is None or (last is not None and when > last):
                what = "transaction over events that are not in descending order of _time"
                raise NotSupportedError(what, self.task.command.position, code="spl-transaction")
            last = when
            self._take(row, when)
        for key in list(self.open):
            self._close(key, complete=self.task.starts is None)
        self.complete.sort(key=lambda row: -row.fields["_time"])
        return self.complete

    def _take(self, row: Row, when: float) -> None:
        task = self.task
        key = single_key(row, self.groups_of, task.command)
        if key is None:
            what = "transaction over events without one of its fields"
            raise NotSupportedError(what, task.command.position, code="spl-transaction")
        starts = task.starts is not None and task.starts(row, self.run)
        ends = task.ends is not None and task.ends(row, self.run)
        if starts and ends:
            what = "transaction with an event that satisfies startswith and endswith"
            raise NotSupportedError(what, task.command.position, code="spl-transaction")
        if key in self.open and self._too_far(self.open[key], when):
            self._close(key, complete=task.starts is None)
        if ends and key in self.open:
            self._close(key, complete=task.starts is None)
        if key not in self.open and (task.ends is None or ends):
            self.open[key] = _Open()
        if key in self.open:
            self.open[key].rows.append(row)
            if starts:
                self._close(key, complete=True)

    def _too_far(self, candidate: _Open, when: float) -> bool:
        task = self.task
        newest, oldest = (moment(candidate.rows[place]) or 0.0 for place in (0, -1))
        return (
            (0 <= task.span < round(newest - when, 6))
            or (0 <= task.pause < round(oldest - when, 6))
            or (0 <= task.most <= len(candidate.rows))
        )

    def _close(self, key: tuple[str, ...], complete: bool) -> None:
        rows = self.open.pop(key).rows
        if complete or self.task.keep_evicted:
            self.complete.append(_merged(rows[::-1], complete))


def _merged(rows: Rows, complete: bool) -> Row:
    """One row of a transaction: the union of its values, the time of its first event."""
    values: dict[str, set[str]] = {}
    for row in rows:
        for name, value in row.fields.items():
            if not name.startswith("_"):
                values.setdefault(name, set()).update(map(text, several(value)))
    fields: Fields = {name: collapsed(sorted(found)) for name, found in values.items()}
    first, last = moment(rows[0]) or 0.0, moment(rows[-1]) or 0.0
    fields["_raw"] = "\n".join(text(row.fields["_raw"]) for row in rows if "_raw" in row.fields) or None
    fields.update(
        _time=first, duration=round(last - first, 6), eventcount=len(rows), closed_txn=int(complete)
    )
    events = tuple(number for row in rows for number in (row.events or ()))
    return Row(fields, events if all(row.events is not None for row in rows) else None)
