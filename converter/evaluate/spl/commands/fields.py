"""Commands over whole fields: fields, table, rename, fillnull, mvexpand, makemv.

Source: Splunk Search Reference, the pages of these commands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from converter.evaluate.spl.arguments import Cursor, boolean, integer, words
from converter.evaluate.spl.patterns import TextTest, glob_test
from converter.evaluate.spl.plan import Planner, Step, annotating
from converter.evaluate.spl.rows import Fields, Results, Row, Run
from converter.evaluate.spl.split import Command
from converter.evaluate.spl.values import collapsed, several, text
from converter.source import QuerySyntaxError


def _is_internal(name: str) -> bool:
    return name.startswith(("_", "$"))


def _any_of(patterns: Sequence[str]) -> TextTest:
    tests = [glob_test(pattern) for pattern in patterns]
    return lambda name: any(test(name) for test in tests)


def fields(command: Command, planner: Planner) -> Step:
    """`fields a b*` keeps these and internal fields, `fields - a` removes them."""
    cursor = Cursor(command)
    removing = _sign(cursor)
    token = cursor.peek()
    if token is not None and token.startswith(("-", "+")):
        raise cursor.unexpected()
    patterns = cursor.names()
    cursor.finish()
    if not patterns:
        raise cursor.unexpected()
    named = _any_of(patterns)

    def keeps(name: str) -> bool:
        return not named(name) if removing else named(name) or _is_internal(name)

    def stage(results: Results, run: Run) -> Results:
        rows = [
            row.with_fields({name: value for name, value in row.fields.items() if keeps(name)})
            for row in results.rows
        ]
        return Results(rows, tuple(filter(keeps, results.columns)))

    return Step(stage)


def _sign(cursor: Cursor) -> bool:
    token = cursor.peek()
    if token is None or token not in ("-", "+"):
        return False
    return str(cursor.next()) == "-"


def table(command: Command, planner: Planner) -> Step:
    """These columns, in this order."""
    cursor = Cursor(command)
    patterns = cursor.names()
    cursor.finish()
    if not patterns:
        raise cursor.unexpected()

    def stage(results: Results, run: Run) -> Results:
        known = dict.fromkeys(results.columns)
        for row in results.rows:
            known.update(dict.fromkeys(row.fields))
        columns: dict[str, None] = {}
        for pattern in patterns:
            named = glob_test(pattern)
            found = [name for name in known if named(name) and not _is_internal(name)]
            columns.update(dict.fromkeys(found if "*" in pattern else [pattern]))
        rows = [row.with_fields({name: row.fields.get(name) for name in columns}) for row in results.rows]
        return Results(rows, tuple(columns))

    return Step(stage)


def rename(command: Command, planner: Planner) -> Step:
    """`rename a AS b, c.* AS *`; a field that is missing takes its new name's old value with it."""
    cursor = Cursor(command)
    pairs: list[tuple[str, str]] = []
    while not cursor.done:
        position = cursor.position
        source = cursor.name()
        if not cursor.takes_word("as"):
            raise cursor.unexpected()
        target = cursor.name()
        if source.count("*") != target.count("*"):
            raise QuerySyntaxError(f"rename {source} AS {target}: not as many wildcards", position)
        pairs.append((source, target))
        cursor.takes("COMMA")
    if not pairs:
        raise cursor.unexpected()

    def stage(results: Results, run: Run) -> Results:
        rows = [row.with_fields(_renamed(row.fields, pairs)) for row in results.rows]
        columns = tuple(dict.fromkeys(_new_name(name, pairs) for name in results.columns))
        return Results(rows, columns)

    return Step(stage)


def _renamed(before: Fields, pairs: Sequence[tuple[str, str]]) -> Fields:
    after = dict(before)
    for source, target in pairs:
        if "*" not in source:
            value = after.pop(source, None)
            if value is not None or target in after:
                after[target] = value
            continue
        for name in list(after):
            renamed = _by_wildcards(name, source, target)
            if renamed is not None and not name.startswith("$"):
                after[renamed] = after.pop(name)
    return after


def _new_name(name: str, pairs: Sequence[tuple[str, str]]) -> str:
    for source, target in pairs:
        name = _by_wildcards(name, source, target) or name
    return name


def _by_wildcards(name: str, source: str, target: str) -> str | None:
    """The new name; each `*` stands for the least that lets the rest match."""
    if "*" not in source:
        return target if name == source else None
    if not glob_test(source)(name):
        return None
    first, *rest = source.split("*")
    taken: list[str] = []
    offset = len(first)
    for number, piece in enumerate(rest):
        last = number == len(rest) - 1
        place = len(name) - len(piece) if last else name.index(piece, offset)
        taken.append(name[offset:place])
        offset = place + len(piece)
    parts = target.split("*")
    return parts[0] + "".join(value + part for value, part in zip(taken, parts[1:], strict=True))


def fill_null(command: Command, planner: Planner) -> Step:
    """A value (0) for the fields where they are missing; without fields, for all that some row has."""
    cursor = Cursor(command)
    found: dict[str, Any] = dict(cursor.options({"value": words}))
    names = cursor.names()
    cursor.finish()
    filler = found.get("value", "0")

    def stage(results: Results, run: Run) -> Results:
        wanted = dict.fromkeys(names or results.columns)
        if not names:
            for row in results.rows:
                wanted.update(dict.fromkeys(name for name in row.fields if not _is_internal(name)))
        rows: list[Row] = []
        for row in results.rows:
            gaps = {name: filler for name in wanted if row.fields.get(name) is None}
            rows.append(row.with_fields({**row.fields, **gaps}) if gaps else row)
        return results.with_rows(rows).with_columns(names)

    return Step(stage)


def mv_expand(command: Command, planner: Planner) -> Step:
    """A row for each of the field's values."""
    cursor = Cursor(command)
    name = cursor.name()
    found: dict[str, Any] = dict(cursor.options({"limit": integer}))
    cursor.finish()
    limit = found.get("limit", 0)

    def stage(results: Results, run: Run) -> Results:
        rows: list[Row] = []
        for row in results.rows:
            values = several(row.fields.get(name))
            if len(values) < 2:
                rows.append(row)
                continue
            values = values[:limit] if limit else values
            rows += [row.with_fields({**row.fields, name: value}) for value in values]
        return results.with_rows(rows)

    return Step(stage)


def make_mv(command: Command, planner: Planner) -> Step:
    """A text split into several values."""
    cursor = Cursor(command)
    found: dict[str, Any] = dict(cursor.options({"delim": words, "allowempty": boolean}))
    name = cursor.name()
    cursor.finish()
    delimiter = found.get("delim", " ")

    def annotate(row: Row, run: Run) -> Row:
        parts = [part for value in several(row.fields.get(name)) for part in text(value).split(delimiter)]
        kept = [part for part in parts if part or found.get("allowempty")]
        return row.with_fields({**row.fields, name: collapsed(kept)})

    return annotating(annotate)
