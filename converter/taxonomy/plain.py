"""The records as plain data, which is kept between runs, and back: the tables take five times as long.

Records share most of their rows, rows their cells, and both the names of what they hold: each of these is
written once. A row is its profiles' names and the numbers of its cells; a record's cells are the names of its
fields and the numbers of its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar

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
        return name, family, title, when, indices, held, numbered(table, row), *more

    written = [record(one) for one in records]
    return written, list(rows), [cell and _of_cell(cell) for cell in cells]


def from_plain(plain: Plain) -> tuple[Record, ...]:
    """The records that the values are of."""
    written, numbered, values = plain
    cell = [one and Cell(*one) for one in values].__getitem__
    row = [dict(zip(names, map(cell, numbers), strict=True)) for names, numbers in numbered].__getitem__

    def shape(found: Plain) -> Shape:
        *values, hosts = found
        values.append(hosts and Hosts(*hosts))
        return Shape(*values)

    def record(found: Plain) -> Record:
        name, family, title, when, indices, shapes, (fields_of, numbers), *more = found
        held = {profile: shape(one) for profile, one in shapes.items()}
        table = dict(zip(fields_of, map(row, numbers), strict=True))
        return Record(name, family, title, when, indices, held, table, *more)

    return tuple(map(record, written))
