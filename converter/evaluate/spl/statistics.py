"""`count dc(x) as y values(eval(...)) BY a b`: read once for all commands that aggregate."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from converter.evaluate.remembered import of_kinds
from converter.evaluate.spl.aggregates import AGGREGATES, OVER_ROWS, Accumulator
from converter.evaluate.spl.arguments import Cursor
from converter.evaluate.spl.evaluation import compile_expression
from converter.evaluate.spl.patterns import glob_test
from converter.evaluate.spl.rows import Row, Rows, Run
from converter.evaluate.spl.times import event_time
from converter.evaluate.spl.values import Value, several, text
from converter.frozen import dataclass
from converter.source import NotSupportedError, QuerySyntaxError

Read = Callable[[Row, Run], Sequence[Any]]
Key = tuple[str, ...]
Grouping = Callable[[Mapping[str, Any]], Sequence[tuple[Key, tuple[Any, ...]]]]
_STOPS = ("by", "from", "where", "groupby")


@dataclass(frozen=True)
class Statistic:
    """One term: the function's accumulators, what it reads, and the column it writes."""

    function: str
    column: str
    read: Read
    field: str = ""

    def accumulator(self) -> Accumulator:
        """A new, empty accumulator."""
        return AGGREGATES[self.function]()

    def over(self, rows: Sequence[Sequence[Any]], times: Sequence[float | None]) -> Value:
        """The statistic of rows of which it read these values."""
        at_once = OVER_ROWS.get(self.function)
        if at_once is not None:
            return at_once(rows)
        accumulator = self.accumulator()
        for values, when in zip(rows, times, strict=True):
            if values:
                accumulator.add(values, when)
        return accumulator.result()

    def for_field(self, name: str) -> Statistic:
        """A term over `x*`, for one of these fields."""
        column = name if self.column == "*" else f"{self.function}({name})"
        return Statistic(self.function, column, _field_reader(name), name)


def read_statistics(cursor: Cursor, wildcards: bool = False) -> list[Statistic]:
    """Terms up to BY (or FROM) or an option. Raises QuerySyntaxError and NotSupportedError."""
    found: list[Statistic] = []
    while not cursor.done and not cursor.sees_word(*_STOPS) and not cursor.sees_option():
        found.append(_statistic(cursor, wildcards))
        cursor.takes("COMMA")
    if not found:
        raise cursor.unexpected()
    return found


def _statistic(cursor: Cursor, wildcards: bool) -> Statistic:
    position = cursor.position
    name = cursor.name()
    function = name.lower()
    if function not in AGGREGATES:
        raise NotSupportedError(f"statistic {name}", position, code="spl-statistic")
    after = cursor.peek()
    if after is None or after.type != "OPEN":
        if function not in ("count", "c"):
            raise QuerySyntaxError(f"{name} needs a field", position)
        return Statistic("count", _alias(cursor, "count"), lambda row, run: (True,))
    inner, offset = cursor.group()
    field, read = _argument(inner, offset, cursor)
    if "*" in field and not wildcards:
        raise NotSupportedError(f"{cursor.command.name} over {field}", position, code="spl-wildcard")
    column = _alias(cursor, f"{name}({inner.strip()})")
    if "*" in field and column not in ("*", f"{name}({inner.strip()})"):
        raise NotSupportedError(f"{name}({field}) AS {column}", position, code="spl-wildcard")
    return Statistic(function, column, read, field)


def _argument(inner: str, offset: int, cursor: Cursor) -> tuple[str, Read]:
    stripped = inner.strip()
    if stripped.startswith("eval(") and stripped.endswith(")"):
        start = offset + inner.index("eval(") + 5
        return "", _expression_reader(stripped[5:-1], start, cursor)
    if not stripped:
        return "", lambda row, run: (True,)
    if stripped[0] in "\"'" and stripped[-1] == stripped[0]:
        stripped = stripped[1:-1]
    elif any(char in stripped for char in "()=<> ,"):
        raise NotSupportedError(f"the argument {stripped}", cursor.command.at(offset), code="spl-statistic")
    return stripped, _field_reader(stripped)


def _expression_reader(source: str, offset: int, cursor: Cursor) -> Read:
    expression = compile_expression(source, cursor.command, offset)
    evaluate = expression.evaluate
    if expression.boolean:
        return lambda row, run: (True,) if evaluate(row.fields, run) is True else ()
    return lambda row, run: several(evaluate(row.fields, run))


def _field_reader(name: str) -> Read:
    def read(row: Row, run: Run) -> Sequence[Any]:
        value = row.fields.get(name)
        return () if value is None else value if isinstance(value, list) else (value,)

    return read


def _alias(cursor: Cursor, default: str) -> str:
    return cursor.name() if cursor.takes_word("as") else default


def read_by(cursor: Cursor) -> tuple[str, ...]:
    """The fields behind BY; none without it."""
    if not cursor.takes_word("by"):
        return ()
    position = cursor.position
    names = tuple(cursor.names())
    if not names:
        raise QuerySyntaxError("BY needs fields", position)
    return names


def expanded(statistics: Sequence[Statistic], by: Sequence[str], rows: Rows) -> list[Statistic]:
    """Terms over `x*` as one for each such field that the rows have."""
    result: list[Statistic] = []
    for statistic in statistics:
        if "*" not in statistic.field:
            result.append(statistic)
            continue
        named = glob_test(statistic.field)
        names = dict.fromkeys(name for row in rows for name in row.fields)
        result += [
            statistic.for_field(name)
            for name in names
            if named(name) and name not in by and not name.startswith(("_", "$"))
        ]
    return result


def grouping(by: Sequence[str]) -> Grouping:
    """The groups that a row is in: none where a field is missing, one for each of several values. Each with
    what makes two groups the same: the texts of their values."""

    def groups_of(fields: Mapping[str, Any]) -> Sequence[tuple[Key, tuple[Any, ...]]]:
        keys = itertools.product(*[several(fields.get(name)) for name in by])
        return [(tuple(map(text, key)), key) for key in keys]

    return of_kinds(groups_of, by)


def moment(row: Row) -> float | None:
    """The row's time."""
    value = row.fields.get("_time")
    return value if value is None or value.__class__ is float else event_time(value)


class Group:
    """The accumulators of one group."""

    __slots__ = ("accumulators", "statistics")

    def __init__(self, statistics: Sequence[Statistic]) -> None:
        self.statistics = statistics
        self.accumulators = [statistic.accumulator() for statistic in statistics]

    def add(self, row: Row, run: Run) -> None:
        """Take a row."""
        when = moment(row)
        for statistic, accumulator in zip(self.statistics, self.accumulators, strict=True):
            values = statistic.read(row, run)
            if values:
                accumulator.add(values, when)

    def results(self) -> dict[str, Any]:
        """The columns."""
        return {
            statistic.column: accumulator.result()
            for statistic, accumulator in zip(self.statistics, self.accumulators, strict=True)
        }
