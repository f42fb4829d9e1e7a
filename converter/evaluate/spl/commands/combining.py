"""Several searches in one: append, appendpipe, join, multisearch, union.

Source: Splunk Search Reference, the pages of these commands.
"""

from __future__ import annotations

from typing import Any

from converter.evaluate.spl.arguments import Cursor, boolean, integer, only, words
from converter.evaluate.spl.commands.filters import row_key
from converter.evaluate.spl.plan import Planner, Step
from converter.evaluate.spl.rows import Results, Row, Rows, Run
from converter.evaluate.spl.split import Command
from converter.evaluate.spl.times import event_time
from converter.source import NotSupportedError, QuerySyntaxError

SUBSEARCH_ROWS = 50_000
"""The most rows that `append` and `join` take from their subsearch (limits.conf)."""

_STREAMING = frozenset({"search", "where", "eval", "regex", "rex", "fields", "rename", "lookup", "spath"})


def _check_rows(rows: Rows, command: Command) -> None:
    if len(rows) > SUBSEARCH_ROWS:
        raise NotSupportedError("a subsearch of more than 50,000 rows", command.position, code="spl-cap")


def append(command: Command, planner: Planner) -> Step:
    """The subsearch's rows behind those there are."""
    cursor = Cursor(command)
    list(cursor.options({"extendtimerange": only(False, boolean), "maxtime": integer, "maxout": integer}))
    plan = planner.plan(command.subsearches[cursor.subsearch()])
    cursor.finish()

    def stage(results: Results, run: Run) -> Results:
        added = plan.run(run)
        _check_rows(added.rows, command)
        return Results([*results.rows, *added.rows], results.columns).with_columns(added.columns)

    return Step(stage, computes=plan.computes)


def append_pipe(command: Command, planner: Planner) -> Step:
    """What the commands make of the rows there are, behind them."""
    cursor = Cursor(command)
    list(cursor.options({"run_in_preview": boolean}))
    plan = planner.plan(command.subsearches[cursor.subsearch()], on_rows=True)
    cursor.finish()

    def stage(results: Results, run: Run) -> Results:
        added = plan.run(run, before=results)
        return Results([*results.rows, *added.rows], results.columns).with_columns(added.columns)

    return Step(stage, computes=plan.computes)


def multisearch(command: Command, planner: Planner) -> Step:
    """The rows of all subsearches, in the order of time, newest first."""
    cursor = Cursor(command)
    numbers = [cursor.subsearch() for _ in command.subsearches]
    cursor.finish()
    if len(numbers) < 2:
        raise QuerySyntaxError(f"{command.name} needs two subsearches", command.position)
    for inner in (one for number in numbers for one in command.subsearches[number]):
        if inner.name not in _STREAMING:
            what = f"{command.name} with {inner.name} in it, which is not a streaming command"
            raise NotSupportedError(what, inner.position, code="spl-multisearch")
    plans = [planner.plan(command.subsearches[number]) for number in numbers]

    def stage(results: Results, run: Run) -> Results:
        parts = [plan.run(run) for plan in plans]
        rows = [row for part in parts for row in part.rows]
        rows.sort(key=_newest_first)
        combined = Results(rows)
        for part in parts:
            combined = combined.with_columns(part.columns)
        return combined

    return Step(stage, generates=True)


def _newest_first(row: Row) -> float:
    moment = row.fields.get("_time")
    return -event_time(moment) if moment is not None else 0.0


_JOIN_OPTIONS = {
    "type": words,
    "max": integer,
    "overwrite": boolean,
    "usetime": only(False, boolean),
    "earlier": boolean,
}


def join(command: Command, planner: Planner) -> Step:
    """Rows with rows of the subsearch that have the same values in the fields; `max` of them, 1 at first.

    The subsearch's fields replace those of the same name, internal ones excepted.
    """
    cursor = Cursor(command)
    found: dict[str, Any] = dict(cursor.options(_JOIN_OPTIONS))
    names: list[str] = []
    while (token := cursor.peek()) is not None and token.type != "SUBSEARCH":
        names.append(cursor.name())
        cursor.takes("COMMA")
        found.update(cursor.options(_JOIN_OPTIONS))
    plan = planner.plan(command.subsearches[cursor.subsearch()])
    cursor.finish()
    kind = found.get("type", "inner")
    if kind not in ("inner", "left", "outer"):
        raise QuerySyntaxError(f"join: unknown type {kind}", command.position)
    if not names:
        raise NotSupportedError("join without fields", command.position, code="spl-join")
    most = found.get("max", 1) or None

    def stage(results: Results, run: Run) -> Results:
        other = plan.run(run)
        _check_rows(other.rows, command)
        index: dict[tuple[Any, ...], Rows] = {}
        for row in other.rows:
            index.setdefault(_key(row, names, command), []).append(row)
        rows: Rows = []
        for row in results.rows:
            key = _key(row, names, command)
            matches = index.get(key, [])[:most] if None not in key else []
            rows += [_joined(row, match, found.get("overwrite", True)) for match in matches]
            if not matches and kind != "inner":
                rows.append(row)
        return results.with_rows(rows).with_columns(other.columns)

    return Step(stage)


def _key(row: Row, names: list[str], command: Command) -> tuple[Any, ...]:
    key = tuple(row_key(row, name) for name in names)
    if any(isinstance(value, tuple) for value in key):
        raise NotSupportedError("join on several values", command.position, code="spl-multivalue")
    return key


def _joined(row: Row, match: Row, overwrite: bool) -> Row:
    fields = dict(row.fields)
    for name, value in match.fields.items():
        if value is None or name.startswith(("_", "$")):
            continue
        if overwrite or fields.get(name) is None:
            fields[name] = value
    if row.events is None:
        return Row(fields)
    return Row(fields, tuple(dict.fromkeys((*row.events, *(match.events or ())))))
