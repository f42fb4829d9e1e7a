"""What an expression reads of a row, where it reads nothing else: then its answer is kept for other rows.

The events of a log differ in few fields; most conditions ask few.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.expression import Column, Expression, Row
from converter.evaluate.kusto.types import Type
from converter.evaluate.remembered import MOST_ANSWERS, pays, reading_of, remembering
from converter.evaluate.result import Alike, Kind

if TYPE_CHECKING:
    from collections.abc import Hashable

    from converter.evaluate.kusto.bind import Binder


class Reads(NamedTuple):
    """The columns that an expression reads, how many parts it has, and what it reads of the events: their
    properties, and properties of these."""

    columns: frozenset[Column]
    parts: int
    paths: frozenset[str] = frozenset()


NOTHING = Reads(frozenset(), 0)


def of_kinds(expression: Expression, own: Reads | None) -> Expression:
    """The expression, evaluated once for all events of a kind, where it reads nothing but columns of one
    event. `own`: what it reads; None where that is more than columns."""
    keys = keys_of(own)
    if own is None or keys is None or own.parts == 1 or expression.constant:
        return expression
    slot, evaluate = next(column.slot for column in own.columns), expression.evaluate
    kept: dict[Kind, Any] = {}

    def evaluate_once(row: Row) -> Any:
        event = row[slot]
        if event.__class__ is not Alike:
            return evaluate(row)
        kind = event.kind
        if kind not in kept:
            if not kind.own.isdisjoint(keys):
                return evaluate(row)
            if len(kept) >= MOST_ANSWERS:
                kept.clear()
            kept[kind] = evaluate(row)
        return kept[kind]

    return replace(expression, evaluate=evaluate_once)


def keys_of(own: Reads | None) -> frozenset[str] | None:
    """The properties of an event that are read, where nothing but one event is."""
    if own is None or any(column.key is None for column in own.columns):
        return None
    return own.paths if len({column.slot for column in own.columns}) == 1 else None


def remembered(expression: Expression, own: Reads | None, beside: Reads | None = NOTHING) -> Expression:
    """The expression, evaluated once for all rows with the same values in its columns, where that costs less.

    `own`: what it reads; None where that is more than columns. `beside`: what that reads which it is a part
    of, and which is remembered itself.
    """
    if own is None or beside is None or own.columns == beside.columns:
        return expression
    if expression.constant or not pays(own.parts, len(own.columns)):
        return expression
    slots = {column.slot for column in own.columns}
    keys = [column.key for column in own.columns if column.key is not None and _is_simple(column)]
    if len(slots) > 1 or len(keys) < len(own.columns):
        return expression
    (slot,) = slots
    read_event = reading_of(keys)

    def read(row: Row) -> Hashable:
        return read_event(row[slot])

    return replace(expression, evaluate=remembering(read, expression.evaluate))


def _is_simple(column: Column) -> bool:
    """Whether the column is there in each row, with one value: not an object, of which a part is asked."""
    return not column.optional and column.type is not Type.DYNAMIC


def reads(binder: Binder, node: ast.Node) -> Reads | None:
    """What the node reads; None where it reads more than columns: the time, other rows, another table."""
    match node:
        case ast.Literal():
            return Reads(frozenset(), 1)
        case ast.Name(name=name):
            column = binder.scope.find(name)
            return None if column is None else _of_column(column)
        case ast.Member(base=ast.Name(name=name)) if name in binder.scope.records:
            return None
        case ast.Member(base=base):
            column = binder.dotted_column(node)
            if column is not None:
                return _of_column(column)
            found = _all(binder, (base,))
            if found is None or not isinstance(base, ast.Name):
                return found
            return found._replace(paths=frozenset(f"{path}.{node.key}" for path in found.paths))
        case ast.Index(base=base, index=index):
            return _all(binder, (base, index))
        case ast.Parenthesis(inner=inner):
            return binder.reads(inner)
        case ast.Unary(operand=operand):
            return _all(binder, (operand,))
        case ast.Binary(left=left, right=right):
            return _all(binder, (left, right))
        case ast.Logical(operands=operands):
            return _all(binder, operands)
        case ast.Between(operand=operand, low=low, high=high):
            return _all(binder, (operand, low, high))
        case ast.Membership(operand=operand, candidates=candidates):
            return _all(binder, (operand, *candidates))
        case ast.Call(function=name, arguments=arguments):
            return _all(binder, arguments) if _is_plain(binder, name) else None
    return None


def _of_column(column: Column) -> Reads:
    return Reads(frozenset((column,)), 1, frozenset(() if column.key is None else (column.key,)))


def _is_plain(binder: Binder, function: str) -> bool:
    """Whether the function's value is that of its arguments."""
    from converter.evaluate.kusto.aggregates import is_aggregate
    from converter.evaluate.kusto.functions.calls import BEYOND, FUNCTIONS  # with all functions

    if binder.environment.find(function) is not None or function in BEYOND:
        return False
    return function in FUNCTIONS and (binder.aggregates is None or not is_aggregate(function))


def _all(binder: Binder, nodes: tuple[ast.Node, ...]) -> Reads | None:
    columns: set[Column] = set()
    paths: set[str] = set()
    parts = 1
    for node in nodes:
        found = binder.reads(node)
        if found is None:
            return None
        columns |= found.columns
        paths |= found.paths
        parts += found.parts
    return Reads(frozenset(columns), parts, frozenset(paths))
