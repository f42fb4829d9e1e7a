"""The records as plain data, which is kept between runs, and back: the tables take five times as long.

Records share most of their rows, rows their cells, and both the names of what they hold: each of these is
written once. A row is its profiles' names and the numbers of its cells; a record's cells are the names of its
fields and the numbers of its rows. A record read back has its cells when they are first asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from converter.taxonomy.model import Cell, Hosts, Record, Shape

_Value = TypeVar("_Value")
_Names: TypeAlias = tuple[str, ...]
_Numbered: TypeAlias = tuple[_Names, tuple[int, ...]]
Plain: TypeAlias = tuple[Any, ...]


def _values(cls: type) -> Callable[[Any], Plain]:
    """What gives an object's values, in the order in which its class takes them."""
    return attrgetter(*(one.name for one in fields(cls)))


_of_cell, _of_hosts, _of_shape, _of_record = map(_values, (Cell, Hosts, Shape, Record))


def to_plain(records: Iterable[Record]) -> Plain:
    """The records' values, with the rows and cells that they share."""
    cells: dict[Cell | None, int] = {}
    rows: dict[_Numbered, int] = {}
    names: dict[_Names, _Names] = {}

    def numbered(values: Mapping[str, _Value], number: Callable[[_Value], int]) -> _Numbered:
        name = tuple(values)
        return names.setdefault(name, name), tuple(map(number, values.values()))

    def row(found: Mapping[str, Cell | None]) -> int:
        return rows.setdefault(numbered(found, lambda cell: cells.setdefault(cell, len(cells))), len(rows))

    def shape(found: Shape) -> Plain:
        *values, hosts = _of_shape(found)
        return *values, hosts and _of_hosts(hosts)

    def record(found: Record) -> Plain:
        name, family, title, when, indices, shapes, table, *more = _of_record(found)
        held = {profile: shape(one) for profile, one in shapes.items()}
        return *numbered(table, row), name, family, title, when, indices, held, *more

    written = [record(one) for one in records]
    return written, list(rows), [cell and _of_cell(cell) for cell in cells]


class _Kept(Record):
    """A record whose cells are made when they are first asked: a rule speaks of a few records."""

    @property
    def fields(self) -> Collection[str]:
        names: _Names | None = vars(self).get("_names")
        return super().fields if names is None else names

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            """What is not there yet."""
            if name != "cells" or "_row" not in vars(self):
                raise AttributeError(name)
            rows = map(vars(self)["_row"], vars(self)["_numbers"])
            vars(self)["cells"] = found = dict(zip(vars(self)["_names"], rows, strict=True))
            return found


_PLAIN = ("_names", "_numbers", *(one.name for one in fields(Record) if one.name != "cells"))
"""What a record is written as: the names of its fields and the numbers of their rows stand for its cells."""


class _Cells(dict[int, Cell | None]):
    """By their numbers; each is made when it is first asked."""

    def __init__(self, values: Sequence[Plain | None]) -> None:
        self._values = values

    def __missing__(self, number: int) -> Cell | None:
        values = self._values[number]
        self[number] = found = None if values is None else Cell(*values)
        return found


class _Rows(dict[int, Mapping[str, Cell | None]]):
    """By their numbers; each is made when it is first asked."""

    def __init__(self, numbered: Sequence[_Numbered], values: Sequence[Plain | None]) -> None:
        self._numbered, self._cells = numbered, _Cells(values)

    def __missing__(self, number: int) -> Mapping[str, Cell | None]:
        names, numbers = self._numbered[number]
        self[number] = found = dict(zip(names, map(self._cells.__getitem__, numbers), strict=True))
        return found


def from_plain(plain: Plain) -> tuple[Record, ...]:
    """The records that the values are of."""
    written, numbered, values = plain
    row = _Rows(numbered, values).__getitem__

    def shape(found: Plain) -> Shape:
        *values, hosts = found
        values.append(hosts and Hosts(*hosts))
        return Shape(*values)

    def record(found: Plain) -> Record:
        made = _Kept.__new__(_Kept)
        own = vars(made)
        own.update(zip(_PLAIN, found, strict=True), _row=row)
        own["shapes"] = {profile: shape(one) for profile, one in own["shapes"].items()}
        return made

    return tuple(map(record, written))
