"""Fields of which a row has each value in a column of its own, whatever the others are.

Most events of a rule that counts differ from one another in such fields alone: their rows are one row with
other values in a few columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from converter.events.row_values import Flat, as_address
from converter.taxonomy.model import Cell, Shape

READING_OTHERS = frozenset({"file_name", "line"})
"""Conversions that read other fields than their own."""


class Column(NamedTuple):
    """A column that holds a field's value, as an address where it is one."""

    name: str
    ecs: str
    is_address: bool


class Apart(NamedTuple):
    """How rows of one form differ. `own`: the columns of such fields; `rest`: the values of all others that
    the log reads; `address`: how it spells addresses."""

    rest: Callable[[Flat], tuple[Any, ...]]
    own: tuple[Column, ...]
    address: str

    def row(self, like: Mapping[str, Any], event: Flat) -> dict[str, Any]:
        """The event's row, by that of an event with the same rest."""
        row = dict(like)
        for name, ecs, is_address in self.own:
            value = event[ecs]
            row[name] = as_address(value, self.address) if is_address else value
        return row


def apart_of(
    read: Iterable[str],
    columns: Sequence[Column],
    otherwise: Iterable[tuple[str, Cell]],
    asked: Iterable[str],
    shape: Shape,
) -> Apart:
    """`read`: the fields that the log holds; `columns`: those that hold a field's value; `otherwise`: fields
    of which it writes something else; `asked`: those of which the row asks the value elsewhere."""
    otherwise = list(otherwise)
    others = {name for _, cell in otherwise for name in (cell.field, cell.argument.partition(":")[2])}
    others |= shape.where.keys() | shape.like.keys() | shape.unlike.keys()
    names = [column.name for column in columns]
    paths = {name.partition(".")[0] for name in (*names, *others) if "." in name}
    bound = {ecs for ecs, _ in otherwise} | set(asked)
    for column in columns:
        in_object = shape.table is not None and ("." in column.name or column.name in paths)
        if column.name in others or in_object:
            bound.add(column.ecs)
    own = tuple([column for column in columns if column.ecs not in bound])
    free = {column.ecs for column in own}
    return Apart(values_of(tuple([name for name in read if name not in free])), own, shape.address)


def values_of(names: tuple[str, ...]) -> Callable[[Flat], tuple[Any, ...]]:
    """What gives the values of these fields of an event."""
    if len(names) > 1:
        return itemgetter(*names)
    if not names:
        return lambda event: ()
    (name,) = names
    return lambda event: (event[name],)
