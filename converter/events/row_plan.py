"""How a record's log writes the events of one form: found once for all that have the same fields.

Most events of a rule are another one with a few other values. Which of its fields the log holds, in which
turn and by which names, and what of the rarer things can be there at all, its names alone say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, TypeAlias

from converter.events.derived import PARTS, Part, is_checked, tells, wholes_of_parts
from converter.events.foreign import SPELLING
from converter.events.nearly import NEARLY
from converter.events.row_values import Flat, written_as_it_is
from converter.events.row_wholes import ITEMS
from converter.frozen import dataclass
from converter.lowering.conversions.values import named_account
from converter.taxonomy.model import Cell, Profile, Record, Shape

_ONE_VALUE = frozenset({str, int, float, bool})
_Turn: TypeAlias = tuple[int, str, Cell, bool]
_Asked: TypeAlias = tuple[int, str, Cell, bool, bool]
"""A turn; last whether its column is one that the rule asks as it is, by another field."""


@dataclass(frozen=True, slots=True)
class Form:
    """What events have in common that have the same fields: the names, in their order, and those that have
    a list, an object or nothing for a value."""

    names: tuple[str, ...]
    others: frozenset[str]


def form_of(event: Flat) -> Form:
    """The event's form."""
    others = [name for name, value in event.items() if value.__class__ not in _ONE_VALUE]
    return _form(tuple(event), tuple(others))


@lru_cache(maxsize=4096)
def _form(names: tuple[str, ...], others: tuple[str, ...]) -> Form:
    return Form(names, frozenset(others))


@dataclass(frozen=True, slots=True)
class Copied:
    """Columns that have just what the fields have."""

    columns: tuple[str, ...]
    values: Callable[[Flat], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Written:
    """A field of which its value says what is written, and whether it is at all. `asked`: its column is one
    that the rule asks as it is, by another field."""

    ecs: str
    cell: Cell
    as_it_is: bool
    asked: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What is written of the events of one form, in this order, and which things there can be at all.
    `is_checked`: no log may hold some of them."""

    is_checked: bool
    record: Record
    shape: Shape
    profile: Profile
    asked: frozenset[str]
    """The ECS fields that the rule asks; `plain`: by the names that hold them as they are."""
    plain: frozenset[str]
    parts: tuple[Part, ...]
    own_names: tuple[str, ...]
    """The fields that stand there under their ECS names."""
    turns: tuple[Copied | Written, ...]
    halves: bool
    stand_ins: tuple[tuple[str, tuple[str, ...]], ...]
    filled: tuple[str, ...]
    hashes: bool
    items: bool
    counts: bool
    derives: bool
    nearly: bool
    parts_of_constants: bool
    constants: Mapping[str, str]
    """What every such event says, in its first spelling; `spelled`: the event may say in which."""
    spelled: bool


@lru_cache(maxsize=4096)
def plan_of(form: Form, record: Record, profile: Profile, asked: frozenset[str]) -> Plan:
    """How the record's log in the profile writes events of the form, where a rule asks these fields."""
    checked = is_checked(record, profile.name, asked)
    record = record.with_fields(form.names)
    log = _log(record, profile.name, asked)
    shape, names = record.shapes[profile.name], frozenset(form.names)
    own = log.own_names(form) if profile.target == "sigma" else ()
    turns, settled = _turns_of(form, log, own)
    has = partial(log.has, names)
    return Plan(
        checked,
        record,
        shape,
        profile,
        asked,
        plain=log.plain,
        parts=log.parts,
        own_names=own,
        turns=turns,
        halves=has("before") and has("after"),
        stand_ins=log.stand_ins(form.names, settled),
        filled=log.filled,
        hashes=has("hash"),
        items=has(*ITEMS),
        counts=bool(shape.extend and record.cells_of(profile.name, "told")),
        derives=tells(record, profile.name, names),
        nearly=NEARLY in names,
        parts_of_constants=has(*PARTS),
        constants=log.constants,
        spelled=SPELLING in names,
    )


def _turns_of(
    form: Form, log: _Log, own: Sequence[str]
) -> tuple[tuple[Copied | Written, ...], frozenset[str]]:
    """The fields in their turn, those that are copied side by side together; and the columns that are there
    then, whatever the values."""
    settled = {name for name in own if name not in form.others}
    open_columns = set(own) - settled
    found: list[Copied | Written] = []
    beside: dict[str, str] = {}

    def copy() -> None:
        if beside:
            found.append(Copied(tuple(beside), _values(tuple(beside.values()))))
            beside.clear()

    for _, ecs, cell, as_it_is, asked in log.in_turn(form.names):
        column = cell.field
        if column in settled:
            continue
        one_value = ecs not in form.others and "*" not in ecs
        if as_it_is and one_value and not asked and column not in open_columns:
            beside[column] = ecs
            settled.add(column)
            continue
        copy()
        found.append(Written(ecs, cell, as_it_is, asked))
        open_columns.update((column, cell.argument.partition(":")[2]))
    copy()
    return tuple(found), frozenset(settled)


def _values(names: tuple[str, ...]) -> Callable[[Flat], tuple[Any, ...]]:
    """What gives the values of these fields of an event."""
    if len(names) > 1:
        return itemgetter(*names)
    (name,) = names
    return lambda event: (event[name],)


class _Log:
    """A record's log in one profile, as a rule asks it: what it has of each field by itself."""

    def __init__(self, record: Record, profile: str, asked: frozenset[str]) -> None:
        self._record = record
        self._profile = profile
        self._asked = asked
        self._turns, self._open_turns = _turns(record, profile)
        self._keyed = _keyed(record, profile, asked)
        self._taken = _taken(record, profile)
        self.filled = tuple(cell.field for _, cell in record.cells_of(profile, "filled"))
        self.constants = {name: values[0] for name, values in record.shapes[profile].where.items()}
        self.parts = tuple(part for part in wholes_of_parts(record, profile) if part[0] in asked)
        self.parted = frozenset(cell.field for _, _, cell in self.parts)
        cells = {ecs: cell for ecs in asked if (cell := record.cell(ecs, profile)) is not None}
        self.plain = frozenset(cell.field for cell in cells.values() if cell.conversion == "same")
        self._asked_in: dict[str, set[str]] = {}
        for ecs, cell in cells.items():
            self._asked_in.setdefault(cell.field, set()).add(ecs)
        self._standing_in: dict[str, tuple[str, ...]] = {}
        self._held: dict[tuple[str, ...], tuple[bool, frozenset[str]]] = {}
        self._written: dict[str, tuple[_Asked, ...]] = {}
        self._open_written = tuple(self._with_asked(self._open_turns))

    def own_names(self, form: Form) -> tuple[str, ...]:
        """The fields that have their ECS names in a log without columns of its own."""
        return tuple(name for name in form.names if name[0] != "$" and name not in self._taken)

    def in_turn(self, names: Sequence[str]) -> list[_Asked]:
        """The fields that the log holds, first those whose values are the field's own; of those that name the
        same thing the one that its field is written from."""
        known = self._written
        for ecs in names:
            if ecs not in known:
                known[ecs] = tuple(self._with_asked(self._turns.get(ecs, ())))
        return sorted([*self._open_written, *(turn for ecs in names for turn in known[ecs])])

    def _with_asked(self, turns: Iterable[_Turn]) -> Iterator[_Asked]:
        """Those that write their columns; not where the rule asks the column as it is, by another field."""
        for number, ecs, cell, as_it_is in turns:
            column = cell.field
            if ecs != self._keyed.get(column, "" if cell.conversion == "key" else ecs):
                continue
            asked = cell.conversion == "same" and not self.may_write(ecs)
            if not asked or column not in self.plain:
                yield number, ecs, cell, as_it_is, asked and column in self.parted

    def has(self, names: frozenset[str], *conversions: str) -> bool:
        """Whether the log holds one of the fields by one of the conversions."""
        held = self._held.get(conversions)
        if held is None:
            found = [ecs for ecs, _ in self._record.cells_of(self._profile, *conversions)]
            held = self._held[conversions] = any("*" in ecs for ecs in found), frozenset(found)
        is_open, fields = held
        return is_open or not fields.isdisjoint(names)

    def may_write(self, ecs: str) -> bool:
        """Whether a field may give the value of one that is asked: itself, or a path that other versions of
        the source write in its place (`file.path` for `dll.path`)."""
        cells = self._record.cells
        return ecs in self._asked or (
            ecs.endswith(".path")
            and any(other.endswith(".path") and cells.get(other) == cells[ecs] for other in self._asked)
        )

    def stand_ins(
        self, names: Iterable[str], settled: frozenset[str]
    ) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The fields in whose place columns may have a text, with these; not where they are all settled."""
        known = self._standing_in
        for ecs in names:
            if ecs not in known:
                known[ecs] = self._stand_ins(ecs)
        return tuple(
            [(ecs, found) for ecs in names if (found := known[ecs]) and not settled.issuperset(found)]
        )

    def _stand_ins(self, ecs: str) -> tuple[str, ...]:
        """The columns that have a text in the field's place: none where one holds the value itself, nor those
        that the rule asks for something else."""
        record, profile = self._record, self._profile
        cell, account = record.cell(ecs, profile), record.cell(named_account(ecs), profile)
        if cell is not None and cell.conversion != "values":
            return ()
        columns = dict.fromkeys(one.field for one in (cell, account) if one is not None)
        return tuple(one for one in columns if self._asked_in.get(one, set()) <= {ecs})


_log = lru_cache(maxsize=1024)(_Log)


@lru_cache(maxsize=4096)
def _taken(record: Record, profile: str) -> frozenset[str]:
    """ECS names by which the log calls something else, or the same thing in other words."""
    cells = record.cells_of(profile)
    return frozenset(cell.field for ecs, cell in cells if (ecs, "same") != (cell.field, cell.conversion))


@lru_cache(maxsize=4096)
def _turns(record: Record, profile: str) -> tuple[Mapping[str, Sequence[_Turn]], Sequence[_Turn]]:
    """ECS field -> its cells, each with its turn and whether the log writes the value as it is; and the names
    that are patterns."""
    cells = dict.fromkeys(
        item
        for conversions in (("key",), ("same",), ("fallback",), ())
        for item in record.cells_of(profile, *conversions)
    )
    turns: dict[str, list[_Turn]] = {}
    for turn, (ecs, cell) in enumerate(cells):
        found = turn, ecs, cell, written_as_it_is(ecs, cell)
        turns.setdefault(ecs if "*" not in ecs else "*", []).append(found)
    return turns, turns.pop("*", ())


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
