"""Window functions: they look at other rows of a serialized table.

Source: "Window functions overview" and the pages of its functions in the KQL reference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.expression import Expression, coerce, constant, convert, null
from converter.evaluate.kusto.functions.registry import Builder, argument, special
from converter.evaluate.kusto.relation import Rows
from converter.evaluate.kusto.types import INTEGERS, Type
from converter.evaluate.kusto.values import wrap_long
from converter.source import NotSupportedError, QuerySyntaxError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder

Compute = Callable[[Rows], list[Any]]


def _window(binder: Binder, node: ast.Call, kind: Type, compute: Compute) -> Expression:
    """An expression that reads what `compute` gave for its row."""
    if binder.windows is None:
        raise NotSupportedError(f"{node.function}() in this place", node.position, code="kql-window")
    if not binder.windows.serialized:
        raise QuerySyntaxError(
            f"{node.function}() needs a serialized table (sort or serialize)", node.position
        )
    slot = binder.windows.add(compute)
    return Expression(kind, lambda row: row[slot])


def _count(node: ast.Call, least: int, most: int) -> None:
    if not least <= len(node.arguments) <= most:
        raise QuerySyntaxError(
            f"{node.function}() does not take {len(node.arguments)} arguments", node.position
        )


@special("prev next", beyond=True)
def neighbour(binder: Binder, node: ast.Call) -> Expression:
    """The value that an expression has some rows before or after; a default, or null, beyond the ends."""
    _count(node, 1, 3)
    subject = binder.bind(node.arguments[0])
    offset = (
        binder.constant(node.arguments[1], Type.LONG, f"{node.function}()") if len(node.arguments) > 1 else 1
    )
    if offset is None:
        raise QuerySyntaxError(f"{node.function}() of a null offset", node.position)
    default = null(subject.type)
    if len(node.arguments) > 2:
        default = convert(binder.bind(node.arguments[2]), subject.type)
    step = -offset if node.function == "prev" else offset
    read, otherwise = subject.evaluate, default.evaluate

    def compute(rows: Rows) -> list[Any]:
        return [
            read(rows[number + step]) if 0 <= number + step < len(rows) else otherwise(row)
            for number, row in enumerate(rows)
        ]

    return _window(binder, node, subject.type, compute)


def _restart(binder: Binder, node: ast.Call, place: int) -> Expression:
    if len(node.arguments) <= place:
        return constant(False, Type.BOOL)
    return coerce(binder.bind(node.arguments[place]), Type.BOOL, node.position, f"{node.function}()")


@special("row_number", beyond=True)
def row_number(binder: Binder, node: ast.Call) -> Expression:
    _count(node, 0, 2)
    first = (
        binder.typed(node.arguments[0], Type.LONG, "row_number()")
        if node.arguments
        else constant(1, Type.LONG)
    )
    start, restart = first.evaluate, _restart(binder, node, 1).evaluate

    def compute(rows: Rows) -> list[Any]:
        numbers: list[Any] = []
        for row in rows:
            numbers.append(numbers[-1] + 1 if numbers and not restart(row) else start(row))
        return numbers

    return _window(binder, node, Type.LONG, compute)


@special("row_cumsum", beyond=True)
def row_cumsum(binder: Binder, node: ast.Call) -> Expression:
    _count(node, 1, 2)
    term = binder.bind(node.arguments[0])
    if term.type is not Type.TIMESPAN:
        term = argument(term, "number", node.position, "row_cumsum()")
    read, restart = term.evaluate, _restart(binder, node, 1).evaluate
    whole = term.type in INTEGERS

    def compute(rows: Rows) -> list[Any]:
        sums: list[Any] = []
        total: Any = 0
        for row in rows:
            value = read(row)
            if restart(row):
                total = 0
            if value is not None:
                total = value.__class__(total + value)
                total = wrap_long(total) if whole else total
            sums.append(total)
        return sums

    return _window(binder, node, term.type, compute)


def _rank(dense: bool) -> Builder:
    def build(binder: Binder, node: ast.Call) -> Expression:
        _count(node, 1, 2)
        term = binder.bind(node.arguments[0])
        read, restart = term.evaluate, _restart(binder, node, 1).evaluate

        def compute(rows: Rows) -> list[Any]:
            ranks: list[int] = []
            previous: Any = None
            place = 0
            for row in rows:
                value = read(row)
                place = 1 if restart(row) or not ranks else place + 1
                if place == 1:
                    ranks.append(1)
                elif value == previous:
                    ranks.append(ranks[-1])
                else:
                    ranks.append(ranks[-1] + 1 if dense else place)
                previous = value
            return ranks

        return _window(binder, node, Type.LONG, compute)

    return build


special("row_rank_dense row_rank", beyond=True)(_rank(dense=True))
special("row_rank_min", beyond=True)(_rank(dense=False))


@special("row_window_session", beyond=True)
def session(binder: Binder, node: ast.Call) -> Expression:
    """The time at which the session of a row began."""
    _count(node, 3, 4)
    when = binder.typed(node.arguments[0], Type.DATETIME, "row_window_session()").evaluate
    longest = binder.typed(node.arguments[1], Type.TIMESPAN, "row_window_session()").evaluate
    gap = binder.typed(node.arguments[2], Type.TIMESPAN, "row_window_session()").evaluate
    restart = _restart(binder, node, 3).evaluate

    def compute(rows: Rows) -> list[Any]:
        starts: list[Any] = []
        start: Any = None
        previous: Any = None
        for row in rows:
            now = when(row)
            fresh = start is None or previous is None or restart(row) is True
            if fresh or now is None or now >= start + longest(row) or now >= previous + gap(row):
                start = now
            previous = now
            starts.append(start)
        return starts

    return _window(binder, node, Type.DATETIME, compute)
