"""streamstats: statistics of each row and those before it. Source: Splunk Search Reference, "streamstats"."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from converter.evaluate.spl.arguments import Cursor, boolean, duration, integer, only
from converter.evaluate.spl.commands.stats import single_key
from converter.evaluate.spl.evaluation import compile_condition
from converter.evaluate.spl.expression import Evaluate
from converter.evaluate.spl.plan import Planner, Step
from converter.evaluate.spl.rows import Results, Row, Rows, Run
from converter.evaluate.spl.split import Command
from converter.evaluate.spl.statistics import (
    Group,
    Grouping,
    Statistic,
    grouping,
    moment,
    read_by,
    read_statistics,
)
from converter.frozen import dataclass
from converter.source import NotSupportedError

Key = tuple[str, ...]


@dataclass(frozen=True)
class _Task:
    command: Command
    statistics: Sequence[Statistic]
    groups_of: Grouping
    current: bool = True
    window: int = 0
    time_window: float = 0
    over_all: bool = True
    on_change: bool = False
    before: Evaluate | None = None
    after: Evaluate | None = None

    @property
    def windowed(self) -> bool:
        return bool(self.window or self.time_window)


def stream_stats(command: Command, planner: Planner) -> Step:
    """Each row with the statistics of its group so far, or in a window that ends with it."""
    cursor = Cursor(command)
    found: dict[str, Any] = dict(cursor.options(_OPTIONS))
    statistics = read_statistics(cursor)
    found.update(cursor.options(_OPTIONS))
    by = read_by(cursor)
    found.update(cursor.options(_OPTIONS))
    cursor.finish()
    task = _Task(
        command,
        statistics,
        grouping(by),
        found.get("current", True),
        found.get("window", 0),
        found.get("time_window", 0),
        found.get("global", True),
        found.get("reset_on_change", False),
        found.get("reset_before"),
        found.get("reset_after"),
    )

    def stage(results: Results, run: Run) -> Results:
        rows = _Stream(task, run).rows(results.rows)
        return results.with_rows(rows).with_columns([term.column for term in statistics])

    return Step(stage)


def _condition(cursor: Cursor) -> Evaluate:
    source, offset = cursor.group()
    return compile_condition(source, cursor.command, offset).evaluate


_OPTIONS: dict[str, Callable[[Cursor], Any]] = {
    "current": boolean,
    "window": integer,
    "time_window": duration,
    "global": boolean,
    "allnum": only(False, boolean),
    "reset_on_change": boolean,
    "reset_before": _condition,
    "reset_after": _condition,
}


class _Member(NamedTuple):
    """A row of a window: its group, its time, and the values that each statistic reads of it."""

    key: Key
    when: float | None
    values: Sequence[Sequence[Any]]


class _Stream:
    """The state between one row and the next. A reset clears every group."""

    def __init__(self, task: _Task, run: Run) -> None:
        self.task = task
        self.run = run
        self.groups: dict[Key, Group] = {}
        self.windows: dict[Key, deque[_Member]] = {}
        self.last: Key | None = None

    def rows(self, rows: Rows) -> Rows:
        """All rows, in order."""
        return [self._one(row) for row in rows]

    def _one(self, row: Row) -> Row:
        task = self.task
        key = single_key(row, task.groups_of, task.command)
        if key is None:
            return row
        fields = row.fields
        if task.before is not None and task.before(fields, self.run) is True:
            self._reset()
        if task.on_change and self.last is not None and key != self.last:
            self._reset()
        self.last = key
        results = self._windowed(key, row) if task.windowed else self._running(key, row)
        after = {**fields, **results}
        if task.after is not None and task.after(after, self.run) is True:
            self._reset()
        return row.with_fields(after)

    def _reset(self) -> None:
        self.groups.clear()
        self.windows.clear()

    def _running(self, key: Key, row: Row) -> dict[str, Any]:
        group = self.groups.setdefault(key, Group(self.task.statistics))
        if self.task.current:
            group.add(row, self.run)
            return group.results()
        results = group.results()
        group.add(row, self.run)
        return results

    def _windowed(self, key: Key, row: Row) -> dict[str, Any]:
        task = self.task
        window = self.windows.setdefault(() if task.over_all else key, deque())
        member = _Member(key, moment(row), [one.read(row, self.run) for one in task.statistics])
        if task.current:
            window.append(member)
        self._shrink(window, row)
        members = [other for other in window if other.key == key]
        if not task.current:
            window.append(member)
        return {
            statistic.column: statistic.over(
                [other.values[place] for other in members], [other.when for other in members]
            )
            for place, statistic in enumerate(task.statistics)
        }

    def _shrink(self, window: deque[_Member], row: Row) -> None:
        task = self.task
        while task.window and len(window) > task.window:
            window.popleft()
        if not task.time_window:
            return
        now = moment(row)
        while window:
            then = window[0].when
            if now is None or then is None:
                raise NotSupportedError("time_window over rows without _time", task.command.position)
            distance = round(abs(now - then), 6)
            if distance == task.time_window:
                what = "time_window with a row exactly at its edge, which is not documented"
                raise NotSupportedError(what, task.command.position, code="spl-time-window")
            if distance < task.time_window:
                break
            window.popleft()
