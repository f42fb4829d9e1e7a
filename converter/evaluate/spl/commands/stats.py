"""stats and eventstats. Source: Splunk Search Reference, "stats", "eventstats"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from converter.evaluate.spl.arguments import Cursor, boolean, integer, only
from converter.evaluate.spl.ordering import SortKey, sorted_rows
from converter.evaluate.spl.plan import Planner, Step
from converter.evaluate.spl.rows import Results, Row, Rows, Run
from converter.evaluate.spl.split import Command
from converter.evaluate.spl.statistics import (
    Group,
    Grouping,
    Statistic,
    expanded,
    grouping,
    read_by,
    read_statistics,
)
from converter.source import NotSupportedError

_OPTIONS = {"allnum": only(False, boolean), "partitions": integer}


def stats(command: Command, planner: Planner) -> Step:
    """A row for each combination of the BY fields' values; rows without one of the fields don't count."""
    cursor = Cursor(command)
    list(cursor.options(_OPTIONS))
    statistics = read_statistics(cursor, wildcards=True)
    by = read_by(cursor)
    cursor.finish()

    groups_of = grouping(by)

    def stage(results: Results, run: Run) -> Results:
        terms = expanded(statistics, by, results.rows)
        columns = (*by, *(term.column for term in terms))
        return Results(aggregated(results.rows, terms, by, run, groups_of), columns)

    return Step(stage, computes=True)


def aggregated(
    rows: Rows, statistics: Sequence[Statistic], by: Sequence[str], run: Run, groups_of: Grouping
) -> Rows:
    """One row a group, in the order of the BY fields; without BY one row, if it holds anything."""
    groups: dict[tuple[str, ...], tuple[tuple[Any, ...], Group]] = {}
    if not by:
        groups[()] = ((), Group(statistics))
    for row in rows:
        for name, key in groups_of(row.fields):
            if name not in groups:
                groups[name] = (key, Group(statistics))
            groups[name][1].add(row, run)
    found = [Row({**dict(zip(by, key, strict=True)), **group.results()}) for key, group in groups.values()]
    if not by:
        return [row for row in found if any(value is not None for value in row.fields.values())]
    return sorted_rows(found, [SortKey(name) for name in by])


def event_stats(command: Command, planner: Planner) -> Step:
    """Each row with the statistics of its group; rows without one of the BY fields stay as they are."""
    cursor = Cursor(command)
    list(cursor.options(_OPTIONS))
    statistics = read_statistics(cursor)
    groups_of = grouping(read_by(cursor))
    cursor.finish()

    def stage(results: Results, run: Run) -> Results:
        groups: dict[tuple[str, ...], Group] = {}
        places: list[tuple[str, ...] | None] = []
        for row in results.rows:
            place = single_key(row, groups_of, command)
            places.append(place)
            if place is not None:
                groups.setdefault(place, Group(statistics)).add(row, run)
        found = {place: group.results() for place, group in groups.items()}
        rows = [
            row if place is None else row.with_fields({**row.fields, **found[place]})
            for row, place in zip(results.rows, places, strict=True)
        ]
        return results.with_rows(rows).with_columns([term.column for term in statistics])

    return Step(stage)


def single_key(row: Row, groups_of: Grouping, command: Command) -> tuple[str, ...] | None:
    """The one group that a row is in; None where a field is missing.

    Raises NotSupportedError where a field has several values.
    """
    found = groups_of(row.fields)
    if len(found) > 1:
        what = f"{command.name} by a field with several values"
        raise NotSupportedError(what, command.position, code="spl-multivalue")
    return found[0][0] if found else None
