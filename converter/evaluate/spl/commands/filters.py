"""Commands that choose or order rows: search, where, regex, dedup, head, tail, reverse, sort.

Source: Splunk Search Reference, the pages of these commands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from converter.evaluate.remembered import of_kinds
from converter.evaluate.result import Choice, all_of
from converter.evaluate.spl.arguments import Cursor, boolean, integer, plain
from converter.evaluate.spl.evaluation import compile_condition
from converter.evaluate.spl.expression import BEYOND, read_as
from converter.evaluate.spl.ordering import SortKey, sort_keys, sorted_rows
from converter.evaluate.spl.plan import Plan, Planner, Step, filtering
from converter.evaluate.spl.rows import Results, Row, Rows, Run, of_event
from converter.evaluate.spl.search import compile_terms, compile_terms_in_run
from converter.evaluate.spl.split import Command
from converter.evaluate.spl.terms import Group, Term, fields_of, read_terms
from converter.evaluate.spl.values import several, text
from converter.frozen import dataclass
from converter.regex import compile_regex
from converter.source import NotSupportedError, QuerySyntaxError, SourceError

SORT_LIMIT = 10_000
"""`sort` without a count gives no more rows than this."""


def search(command: Command, planner: Planner) -> Step:
    """Search terms."""
    return term_step(read_terms(command.arguments, command), command, planner)


def term_step(term: Term, command: Command, planner: Planner) -> Step:
    """A filter by search terms, whose subsearches are the command's."""
    plans = [planner.plan(commands) for commands in command.subsearches]
    test = compile_terms(term)
    if test is not None:
        names = fields_of(term)
        reads = None if names is None else read_as(names)
        holds_for = test if reads is None else of_kinds(test, reads)

        def static(results: Results, run: Run) -> Results:
            return results.with_rows([row for row in results.rows if holds_for(row.fields)])

        keeps = None if reads is None else Choice(lambda event: holds_for(of_event(event)), reads)
        return Step(static, keeps=keeps)
    in_run = compile_terms_in_run(term)

    def stage(results: Results, run: Run) -> Results:
        holds = in_run(run, _subsearches(plans, run))
        return results.with_rows([row for row in results.rows if holds(row.fields)])

    return Step(stage, keeps=_kept_in_any_run(term))


def _kept_in_any_run(term: Term) -> Choice:
    """The events of which more than what the run says is true."""
    items = term.items if isinstance(term, Group) and term.every else ()
    always = [
        Choice(lambda event, test=test: test(of_event(event)), read_as(names))  # type: ignore[misc]
        for item in items
        if (names := fields_of(item)) is not None and (test := compile_terms(item)) is not None
    ]
    return all_of(always)


def _subsearches(plans: Sequence[Plan], run: Run) -> Callable[[int], Rows]:
    return lambda number: plans[number].run(run).rows


def where(command: Command, planner: Planner) -> Step:
    """Keeps the rows for which the condition is true: neither false nor null."""
    refuse_subsearches(command)
    expression = compile_condition(command.arguments, command)
    condition, keeps = expression.evaluate, None

    def stage(results: Results, run: Run) -> Results:
        return results.with_rows([row for row in results.rows if condition(row.fields, run) is True])

    if BEYOND not in expression.fields:
        no_run = Run((), None, {})
        reads = read_as(expression.fields)
        keeps = Choice(lambda event: condition(of_event(event), no_run) is True, reads)
    return Step(stage, keeps=keeps)


def refuse_subsearches(command: Command) -> None:
    """Raises NotSupportedError for a subsearch in an expression."""
    if command.subsearches:
        place = command.subsearches[0][0].position
        raise NotSupportedError(f"a subsearch in {command.name}", place, code="spl-subsearch")


def regex(command: Command, planner: Planner) -> Step:
    """`regex f="..."` keeps rows that match, `f!="..."` removes them: rows without the field stay."""
    cursor = Cursor(command)
    field, negated = "_raw", False
    after = cursor.peek(1)
    if after is not None and after.type == "OPERATOR":
        field = cursor.name()
        sign = cursor.next()
        if sign not in ("=", "!="):
            raise QuerySyntaxError(f"regex: unexpected {str(sign)!r}", cursor.at(sign))
        negated = sign == "!="
    position = cursor.position
    token = cursor.takes("STRING")
    if token is None:
        raise NotSupportedError("regex with an expression that is not quoted", position, code="spl-regex")
    cursor.finish()
    try:
        matches = compile_regex(plain(token), "pcre").search
    except SourceError as error:
        error.position = position
        raise

    def keep(row: Row, run: Run) -> bool:
        verdicts = {matches(text(value)) for value in several(row.fields.get(field))}
        if len(verdicts) > 1:
            what = f"regex on {field}, of whose values some match and some do not"
            raise NotSupportedError(what, position, code="spl-multivalue")
        return (verdicts == {True}) is not negated

    return filtering(keep)


def head(command: Command, planner: Planner) -> Step:
    """The first rows: so many, or as long as a condition is true."""
    cursor = Cursor(command)
    options = {"limit": integer, "keeplast": boolean, "null": boolean}
    found: dict[str, Any] = dict(cursor.options(options))
    condition = None
    token = cursor.peek()
    if token is not None and token.type == "OPEN":
        source, offset = cursor.group()
        condition = compile_condition(source, command, offset).evaluate
    elif token is not None:
        found["limit"] = integer(cursor)
    found.update(cursor.options(options))
    cursor.finish()
    limit = found.get("limit", None if condition else 10)

    def stage(results: Results, run: Run) -> Results:
        rows = results.rows
        if condition is not None:
            accepted = (True, None) if found.get("null") else (True,)
            stop = next(
                (place for place, row in enumerate(rows) if condition(row.fields, run) not in accepted), None
            )
            if stop is not None:
                rows = rows[: stop + bool(found.get("keeplast"))]
        return results.with_rows(rows[:limit])

    return Step(stage)


def tail(command: Command, planner: Planner) -> Step:
    """The last rows, the very last first."""
    cursor = Cursor(command)
    count = 10 if cursor.done else integer(cursor)
    cursor.finish()
    return Step(
        lambda results, run: results.with_rows(results.rows[::-1][:count]),
        orders=True,
    )


def reverse(command: Command, planner: Planner) -> Step:
    """The rows in the other order."""
    Cursor(command).finish()
    return Step(lambda results, run: results.with_rows(results.rows[::-1]), orders=True)


def sort(command: Command, planner: Planner) -> Step:
    """`sort 0 -a, +b`: rows without a field come last; without a count the first 10,000 are kept."""
    cursor = Cursor(command)
    limit = SORT_LIMIT
    if cursor.sees_option():
        (limit,) = (value for _, value in cursor.options({"limit": integer}))
    else:
        token = cursor.peek()
        if token is not None and token.isdecimal():
            limit = integer(cursor)
    keys = sort_keys(cursor)
    backwards = cursor.takes_word("d", "desc")
    cursor.finish()
    if not keys:
        raise cursor.unexpected()
    if backwards:
        keys = [SortKey(key.field, not key.descending, key.kind) for key in keys]

    def stage(results: Results, run: Run) -> Results:
        rows = sorted_rows(results.rows, keys)
        return results.with_rows(rows[:limit] if limit else rows)

    return Step(stage, orders=True)


@dataclass(frozen=True)
class _Dedup:
    count: int
    fields: tuple[str, ...]
    consecutive: bool
    keep_events: bool
    keep_empty: bool

    def rows(self, rows: Rows) -> Rows:
        """The first rows of each combination of values."""
        kept: Rows = []
        seen: dict[tuple[Any, ...], int] = {}
        last: tuple[Any, ...] | None = None
        for row in rows:
            key = tuple(row_key(row, name) for name in self.fields)
            if None in key:
                if self.keep_empty:
                    kept.append(row)
                continue
            if self.consecutive and key != last:
                seen = {}
            last = key
            seen[key] = seen.get(key, 0) + 1
            if seen[key] <= self.count:
                kept.append(row)
            elif self.keep_events:
                kept.append(row.with_fields({**row.fields, **dict.fromkeys(self.fields)}))
        return kept


def row_key(row: Row, name: str) -> Any:
    """A field's value as something to group by; None where it is missing."""
    value = row.fields.get(name)
    if value is None:
        return None
    return tuple(map(text, value)) if isinstance(value, list) else text(value)


def dedup(command: Command, planner: Planner) -> Step:
    """The first rows of each combination of the fields' values; rows without one of the fields go."""
    cursor = Cursor(command)
    options = {"keepevents": boolean, "keepempty": boolean, "consecutive": boolean}
    found: dict[str, Any] = dict(cursor.options(options))
    token = cursor.peek()
    count = integer(cursor) if token is not None and token.isdecimal() else 1
    found.update(cursor.options(options))
    names = cursor.names("sortby")
    found.update(cursor.options(options))
    keys = sort_keys(cursor) if cursor.takes_word("sortby") else []
    cursor.finish()
    if not names or count < 1:
        raise QuerySyntaxError("dedup needs fields, and a count of 1 or more", command.position)
    task = _Dedup(
        count,
        tuple(names),
        bool(found.get("consecutive")),
        bool(found.get("keepevents")),
        bool(found.get("keepempty")),
    )

    def stage(results: Results, run: Run) -> Results:
        rows = task.rows(results.rows)
        return results.with_rows(sorted_rows(rows, keys) if keys else rows)

    return Step(stage, orders=bool(keys))
