"""What a record's log in one profile has of each ECS field, by itself and as a rule asks it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from converter.events.derived import wholes_of_parts
from converter.events.row_values import writes, written_as_it_is
from converter.lowering.conversions.values import named_account
from converter.taxonomy.model import Cell, Record

_OPEN = "*"
"""Stands for all fields of a log whose names are patterns."""
_NONE: frozenset[str] = frozenset()
_PLAINLY = ("same", "fallback")
"""Conversions of fields whose value a column holds as it is: the one, or the second of two."""
_Turn: TypeAlias = tuple[int, str, Cell, bool]
Asked: TypeAlias = tuple[int, str, Cell, bool, bool]
"""A turn; last whether its column is one that the rule asks as it is, by another field."""
_Whole: TypeAlias = tuple[Sequence[_Turn], tuple[str, ...], frozenset[str]]


class Field(NamedTuple):
    """What a log has of one field by itself: the turns in which it is written, first those of values that are
    the field's own; the columns that have a text in its place; and the conversions of its cells."""

    turns: tuple[Asked, ...]
    instead: tuple[str, ...]
    conversions: frozenset[str]


class Log(dict[str, Field | None]):
    """A record's log in one profile, as a rule asks it: what it has of each field, None where it has nothing;
    `open`: of the fields whose names are patterns."""

    def __init__(self, record: Record, profile: str, asked: frozenset[str]) -> None:
        super().__init__()
        self._record = record
        self._asked = asked
        self._table = _table(record, profile)
        self._keyed = _keyed(record, profile, asked)
        self.filled = tuple(cell.field for _, cell in record.cells_of(profile, "filled"))
        self.constants = {name: values[0] for name, values in record.shapes[profile].where.items()}
        self.parts = tuple(part for part in wholes_of_parts(record, profile) if part[0] in asked)
        self.parted = frozenset(cell.field for _, _, cell in self.parts)
        cells = {ecs: cell for ecs in asked if (cell := record.cell(ecs, profile)) is not None}
        self.plain = frozenset(cell.field for cell in cells.values() if cell.conversion == "same")
        self._asked_in: dict[str, set[str]] = {}
        for ecs, cell in cells.items():
            self._asked_in.setdefault(cell.field, set()).add(ecs)
        self.open = self[_OPEN] or Field((), (), _NONE)

    def own_names(self, names: Iterable[str]) -> tuple[str, ...]:
        """The fields that have their ECS names in a log without columns of its own."""
        taken = self._table.taken
        return tuple(name for name in names if name[0] != "$" and name not in taken)

    def __missing__(self, ecs: str) -> Field | None:
        found, whole = None, self._table[ecs]
        if whole is not None:
            turns, instead, conversions = whole
            found = Field(
                tuple(self._with_asked(turns)),
                tuple([one for one in instead if self._asked_in.get(one, _NONE) <= {ecs}]),
                conversions,
            )
        self[ecs] = found
        return found

    def _with_asked(self, turns: Iterable[_Turn]) -> Iterator[Asked]:
        """Those that write their columns; not where the rule asks the column as it is, by another field."""
        for number, ecs, cell, as_it_is in turns:
            column = cell.field
            if ecs != self._keyed.get(column, "" if cell.conversion == "key" else ecs):
                continue
            asked = cell.conversion in _PLAINLY and not self.may_write(ecs)
            if not asked or self.plain.isdisjoint((column, cell.argument.partition(":")[2])):
                yield number, ecs, cell, as_it_is, asked and column in self.parted

    def may_write(self, ecs: str) -> bool:
        """Whether a field may give the value of one that is asked: itself, or a path that other versions of
        the source write in its place (`file.path` for `dll.path`)."""
        cells = self._record.cells
        return ecs in self._asked or (
            ecs.endswith(".path")
            and any(other.endswith(".path") and cells.get(other) == cells[ecs] for other in self._asked)
        )


class _Table(dict[str, _Whole | None]):
    """A record's log in one profile, whatever a rule asks of it: each field's turns, the columns with a text
    in the field's place, and the conversions of its cells; None where it has nothing of the field."""

    def __init__(self, record: Record, profile: str) -> None:
        super().__init__()
        self._record, self._profile = record, profile
        self._turns = _turns(record, profile)
        cells = record.cells_of(profile)
        self.taken = frozenset(
            cell.field for ecs, cell in cells if (ecs, "same") != (cell.field, cell.conversion)
        )
        """ECS names by which the log calls something else, or the same thing in other words."""

    def __missing__(self, ecs: str) -> _Whole | None:
        found, turns, instead = None, self._turns.get(ecs, ()), self._instead(ecs)
        if turns or instead:
            conversions = frozenset([cell.conversion for _, _, cell, _ in turns])
            found = tuple([turn for turn in turns if writes(turn[2])]), instead, conversions
        self[ecs] = found
        return found

    def _instead(self, ecs: str) -> tuple[str, ...]:
        """None where a column holds the value itself."""
        cell, account = (self._record.cell(one, self._profile) for one in (ecs, named_account(ecs)))
        if cell is not None and cell.conversion != "values":
            return ()
        return tuple(dict.fromkeys(one.field for one in (cell, account) if one is not None))


log_of = lru_cache(maxsize=1024)(Log)
_table = lru_cache(maxsize=4096)(_Table)


def _turns(record: Record, profile: str) -> Mapping[str, Sequence[_Turn]]:
    """ECS field -> its cells, each with its turn and whether the log writes the value as it is; those with a
    pattern for a name together."""
    cells = dict.fromkeys(
        item
        for conversions in (("key",), ("same",), ("fallback",), ())
        for item in record.cells_of(profile, *conversions)
    )
    turns: dict[str, list[_Turn]] = {}
    for turn, (ecs, cell) in enumerate(cells):
        found = turn, ecs, cell, written_as_it_is(ecs, cell)
        turns.setdefault(ecs if "*" not in ecs else _OPEN, []).append(found)
    return turns


def _keyed(record: Record, profile: str, asked: frozenset[str]) -> Mapping[str, str]:
    """Which ECS field each key field is written from, where several name the same thing (a machine by its id
    and its name): the one that the rule asks, else the key. Not where the rule asks for a part of the field
    (the name in an account): then it holds what it is asked for."""
    chosen: dict[str, str] = {}
    parted: set[str] = set()
    for ecs, cell in record.cells_of(profile, "key"):
        chosen[cell.field] = ecs
    for ecs, cell in record.cells_of(profile) if chosen else ():
        if cell.field not in chosen or ecs not in asked:
            continue
        if cell.conversion in ("key", "same"):
            chosen[cell.field] = ecs
        elif cell.conversion != "joined":
            parted.add(cell.field)
    return {name: ecs for name, ecs in chosen.items() if name not in parted}
