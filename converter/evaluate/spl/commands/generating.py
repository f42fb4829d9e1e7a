"""Commands that make rows without events: makeresults, inputlookup."""

from __future__ import annotations

from typing import Any

from converter.evaluate.spl.arguments import Cursor, boolean, integer, only
from converter.evaluate.spl.commands.lookup import table_rows
from converter.evaluate.spl.plan import Planner, Step
from converter.evaluate.spl.rows import Results, Row, Run
from converter.evaluate.spl.search import compile_terms
from converter.evaluate.spl.split import Command
from converter.evaluate.spl.terms import read_terms
from converter.source import NotSupportedError

_MOST = 1_000_000
"""Rows that `makeresults` may give: more are a slip, and take all memory."""


def make_results(command: Command, planner: Planner) -> Step:
    """So many rows with nothing but a `_time`: the time of the search, where one is known."""
    cursor = Cursor(command)
    position = cursor.position
    found: dict[str, Any] = dict(cursor.options({"count": integer, "annotate": only(False, boolean)}))
    cursor.finish()
    if found.get("count", 1) > _MOST:
        raise NotSupportedError(f"makeresults of more than {_MOST:,} rows", position, code="spl-cap")

    def stage(results: Results, run: Run) -> Results:
        known = run.given_now is not None or run.latest is not None
        fields = {"_time": run.now()} if known else {}
        return Results([Row(dict(fields)) for _ in range(found.get("count", 1))], tuple(fields))

    return Step(stage, computes=True, generates=True)


def input_lookup(command: Command, planner: Planner) -> Step:
    """The rows of a lookup table."""
    cursor = Cursor(command)
    options = {"append": boolean, "max": integer, "start": integer, "strict": boolean}
    found: dict[str, Any] = dict(cursor.options(options))
    position = cursor.position
    name = cursor.name()
    found.update(cursor.options(options))
    test = None
    if cursor.takes_word("where"):
        terms, offset = cursor.rest_until()
        test = compile_terms(read_terms(terms, command, offset))
        if test is None:
            raise NotSupportedError("a subsearch or time modifier in inputlookup", position)
    cursor.finish()
    first = found.get("start", 0)

    def stage(results: Results, run: Run) -> Results:
        rows = [Row(dict(fields)) for fields in table_rows(run, name, position)][first:]
        rows = [row for row in rows if test is None or test(row.fields)][: found.get("max")]
        names = tuple(dict.fromkeys(name for row in rows for name in row.fields))
        if found.get("append"):
            return Results([*results.rows, *rows], results.columns).with_columns(names)
        return Results(rows, names)

    return Step(stage, computes=True, generates=True)
