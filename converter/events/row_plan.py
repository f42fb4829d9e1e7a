"""How a record's log writes the events of one form: found once for all that have the same fields.

Most events of a rule are another one with a few other values. Which of its fields the log holds, in which
turn and by which names, and what of the rarer things can be there at all, its names alone say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, repeat
from typing import Any

from converter.evaluate.elastic.timeline import FOREIGN
from converter.events.derived import PARTS, TELLING, Part, is_checked
from converter.events.foreign import SPELLING
from converter.events.nearly import NEARLY
from converter.events.row_apart import READING_OTHERS, Apart, Column, apart_of, values_of
from converter.events.row_log import Asked, log_of
from converter.events.row_values import Flat
from converter.events.row_wholes import ITEMS
from converter.frozen import dataclass
from converter.taxonomy.model import Cell, Profile, Record, Shape

_ONE_VALUE = frozenset({str, int, float, bool})


@dataclass(frozen=True, slots=True)
class Form:
    """What events have in common that have the same fields, in whatever order: the names, sorted, and those
    that have a list, an object or nothing for a value."""

    names: tuple[str, ...]
    others: frozenset[str]


def form_of(event: Flat) -> Form:
    """The event's form."""
    others = [name for name, value in event.items() if value.__class__ not in _ONE_VALUE]
    return _form(tuple(event), tuple(others))


@lru_cache(maxsize=4096)
def _form(names: tuple[str, ...], others: tuple[str, ...]) -> Form:
    return _sorted_form(tuple(sorted(names)), frozenset(others))


_sorted_form = lru_cache(maxsize=4096)(Form)
"""One object for equal forms, whose hash is kept then."""


@dataclass(frozen=True, slots=True)
class Copied:
    """Columns that have just what the fields have."""

    columns: tuple[str, ...]
    fields: tuple[str, ...]
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
    apart: Apart | None
    """How rows differ in columns of their own; None where more may be written of any value."""


@lru_cache(maxsize=4096)
def plan_of(form: Form, record: Record, profile: Profile, asked: frozenset[str]) -> Plan:
    """How the record's log in the profile writes events of the form, where a rule asks these fields."""
    checked = is_checked(record, profile.name, asked)
    record = record.with_fields(form.names)
    log = log_of(record, profile.name, asked)
    shape = record.shapes[profile.name]
    own = log.own_names(form.names) if profile.target == "sigma" else ()
    fields = [(ecs, field) for ecs in form.names if (field := log[ecs]) is not None]
    in_turn = sorted(chain(log.open.turns, *[field.turns for _, field in fields]))
    turns, settled, addresses = _turns_of(form, in_turn, own)
    stand_ins = tuple([(ecs, one.instead) for ecs, one in fields if not settled.issuperset(one.instead)])
    held = log.open.conversions.union(*[field.conversions for _, field in fields])
    plan = Plan(
        checked,
        record,
        shape,
        profile,
        asked,
        plain=log.plain,
        parts=log.parts,
        own_names=own,
        turns=turns,
        halves="before" in held and "after" in held,
        stand_ins=stand_ins,
        filled=log.filled,
        hashes="hash" in held,
        items=not held.isdisjoint(ITEMS),
        counts=bool(shape.extend and record.cells_of(profile.name, "told")),
        derives=not held.isdisjoint(TELLING),
        nearly=NEARLY in form.names,
        parts_of_constants=not held.isdisjoint(PARTS),
        constants=log.constants,
        spelled=SPELLING in form.names,
        apart=None,
    )
    if checked or shape.extend or FOREIGN in form.names or log.open.turns or _is_rare(plan):
        return plan
    read = dict.fromkeys([*(ecs for ecs, _ in fields), *own])
    return replace(plan, apart=_apart_of(plan, form, read, addresses))


def _is_rare(plan: Plan) -> bool:
    """Whether something may be written that is no field's own."""
    rare = plan.halves, plan.hashes, plan.items, plan.counts, plan.derives, plan.nearly
    return any(rare) or plan.parts_of_constants or plan.spelled


def _apart_of(plan: Plan, form: Form, read: Iterable[str], addresses: Mapping[str, str]) -> Apart | None:
    """`addresses`: the columns that are there with an address, whatever its value, and its field."""
    columns = [Column(name, name, is_address=False) for name in plan.own_names if name not in form.others]
    otherwise: list[tuple[str, Cell]] = []
    for turn in plan.turns:
        if isinstance(turn, Copied):
            columns += map(Column, turn.columns, turn.fields, repeat(False))
        elif addresses.get(turn.cell.field) == turn.ecs:
            columns.append(Column(turn.cell.field, turn.ecs, is_address=True))
        elif turn.cell.conversion in READING_OTHERS:
            return None
        else:
            otherwise.append((turn.ecs, turn.cell))
    asked = [*(ecs for ecs, _ in plan.stand_ins), *(name for part in plan.parts for name in part[:2])]
    return apart_of(read, columns, otherwise, asked, plan.shape)


def _turns_of(
    form: Form, in_turn: Iterable[Asked], own: Sequence[str]
) -> tuple[tuple[Copied | Written, ...], frozenset[str], Mapping[str, str]]:
    """The fields in their turn, those that are copied side by side together; the columns that are there then,
    whatever the values; and those that are there with an address, each with its field."""
    settled = {name for name in own if name not in form.others}
    open_columns = set(own) - settled
    addresses: dict[str, str] = {}
    found: list[Copied | Written] = []
    beside: dict[str, str] = {}

    def copy() -> None:
        if beside:
            fields = tuple(beside.values())
            found.append(Copied(tuple(beside), fields, values_of(fields)))
            beside.clear()

    for _, ecs, cell, as_it_is, asked in in_turn:
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
        if cell.conversion == "same" and one_value and not asked:
            addresses.setdefault(column, "" if column in open_columns else ecs)
        open_columns.update((column, cell.argument.partition(":")[2]))
    copy()
    return tuple(found), frozenset(settled), {name: ecs for name, ecs in addresses.items() if ecs}
