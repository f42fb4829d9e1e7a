"""One record's part: what the profile can say of its events, and of the keys and columns that are read."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import NamedTuple

from converter.frozen import dataclass
from converter.ir import Constant, Exists, Key, Predicate
from converter.ir.cover import without_covered
from converter.ir.rewrite import conjunction, decided, leaf_fields, present_in, value_fields
from converter.ir.value import Value
from converter.lowering.conversions.base import Lost
from converter.lowering.emptiness import without_unshown
from converter.lowering.esql_columns import Column
from converter.lowering.expressions import Expressions
from converter.lowering.fidelity import Assumption, Fidelity, Reason
from converter.lowering.given import Given
from converter.lowering.impossible import columns_of_one, never_holds
from converter.lowering.keys import PARTS, KeyField, called, key_field
from converter.lowering.marks import with_marks
from converter.lowering.plan import Part
from converter.lowering.predicates import lower_predicate
from converter.lowering.record_fields import RecordFields
from converter.lowering.settle import settle
from converter.taxonomy.model import Profile, Record

_OF_PATHS = ("executable", "name", "path", "directory", "extension")
"""A path and its parts: where an event has not the one, it has not the others."""
_MAY_STAY = ("filled", "address", "extension", "directory", "hash", *PARTS)
"""Conversions of fields in whose place a log may have a filler, a name, or the rest of a value: a path
without an extension is there, and so are hashes of another kind."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What a plan reads of the events beside the predicate: keys to join or group by, a pipeline's columns.

    Not `grouped`: the translation takes the events whatever they have in the keys. `single`: fields of which
    the original takes no event with several values. `counted`: those of the keys of which different values
    are counted, while nothing is grouped by them.
    """

    keys: tuple[Key, ...] = ()
    columns: tuple[Column, ...] = ()
    grouped: bool = True
    single: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()

    def needed(self, names: Sequence[str]) -> frozenset[str]:
        """Those of the keys' fields without which an event is in no group."""
        if not self.grouped or self.columns:
            return frozenset()
        return frozenset(name for name, key in zip(names, self.keys, strict=True) if not key.optional)


class Made(NamedTuple):
    """One record's part, None where the profile can't say it, and why it differs or there is none.

    `uncounted`: of a part that is not there for a column alone, what it would ask of the events.
    """

    part: Part | None
    reasons: Sequence[Reason]
    assumed: Sequence[Assumption] = ()
    uncounted: Predicate | None = None


def part_of(record: Record, rest: Predicate, given: Given, absent: frozenset[str], beside: Beside) -> Made:
    """What the profile can say of one record. `rest`: what is asked of its events; `absent`: the fields that
    only other records of the rule have."""
    fields = given.fields(record, absent)
    if left_out := list(_fillers_left_out(fields, beside, present_in(rest))):
        rest = conjunction((rest, *left_out))
    settled, assumed = settle(without_covered(rest), record, given.profile.name, given.taxonomy)
    fields.reasons.extend(assumed)
    lowered = lower_predicate(fields, settled)
    without_unshown(fields, settled, lowered, [key.field for key in beside.keys if not key.optional])
    if lowered == Constant(False) or (fields.lost and never_holds(lowered, columns_of_one(fields))):
        return Made(None, fields.lost)
    if lowered == Constant(True) != rest and any(r.code == "sigma-script" for r in fields.reasons):
        return Made(None, as_refusal(fields.reasons))
    keys, missing = _keys(fields, beside, present_in(rest))
    if missing is not None:
        return Made(None, [missing])
    columns, missing = _columns(fields, beside)
    if missing is not None:
        return Made(None, [missing], uncounted=lowered)
    shape = record.shapes[given.profile.name]
    told = with_marks(without_covered(lowered), shape)
    if paths := _unmarked_by(rest, record, given.profile, beside.keys):
        message = f"{given.profile.title} tells {record.title} by a path: an event without one is missed"
        missed = Reason(
            "log-source-by-path", message, Fidelity.NARROWER, None, rest.pos, tuple(sorted(paths))
        )
        fields.reasons.append(missed)
    names = [key.name for key in keys]
    if beside.columns:
        names += [name for _, value in columns for name in value_fields(value)]
        names = list(dict.fromkeys(names))
    computed = tuple((key.name, key.computed) for key in keys if key.computed is not None)
    part = Part(record, shape, told, tuple(names), computed, tuple(shape.where.items()), columns)
    return Made(part, fields.reasons, fields.assumed)


def _fillers_left_out(fields: RecordFields, beside: Beside, present: Set[str]) -> Iterator[Predicate]:
    """That keys are there, of which the log has something else where they are not: events without a key count
    in no group. `present`: what the rule asks for already."""
    for key in beside.keys if beside.grouped else ():
        cell = fields.cell(key.field)
        held = cell is not None and cell.conversion in _MAY_STAY
        if held and not key.optional and key.field not in present:
            yield Exists(key.field, pos=key.pos)


def _keys(fields: RecordFields, beside: Beside, present: Set[str]) -> tuple[list[KeyField], Reason | None]:
    """The keys' fields in the record, or why it has none for one of them. `present`: what events have."""
    found: list[KeyField] = []
    for key in beside.keys:
        one = (
            key_field(fields, key.field, key.field in present, key.field in beside.counted)
            if beside.grouped
            else called(fields, key.field)
        )
        if one is None:
            message = fields.unmapped(key.field).message
            return [], Reason("unmapped-key", message, Fidelity.NONE, key.field, key.pos)
        found.append(one)
    return found, None


def _columns(fields: RecordFields, beside: Beside) -> tuple[tuple[tuple[str, Value], ...], Reason | None]:
    """A pipeline's columns in the record, or why it can't have one that more than groups rows."""
    found: list[tuple[str, Value]] = []
    expressions = Expressions(fields, lower_predicate, single=beside.single)
    for column in beside.columns:
        position = column.value.pos
        try:
            found.append((column.name, expressions.column(column)))
        except Lost as lost:
            name = next(value_fields(column.value), None)
            if not column.group:
                return (), Reason(lost.code, lost.message, Fidelity.NONE, name, position)
            message = f"{lost.message}: groups that differ in it alone are one"
            fields.reasons.append(Reason("unmapped-group", message, Fidelity.WIDER, name, position))
    return tuple(found), None


def _unmarked_by(
    predicate: Predicate, record: Record, profile: Profile, keys: Sequence[Key]
) -> frozenset[str]:
    """The path by which the record is told from others, and its parts, where events without it can satisfy
    the predicate and have the keys; else nothing."""
    marks = record.shapes[profile.name].like
    bearers = [
        ecs
        for ecs in record.cells
        if (cell := record.cell(ecs, profile.name)) is not None and cell.field in marks
    ]
    paths = frozenset(f"{ecs.rpartition('.')[0]}.{part}" for ecs in bearers for part in _OF_PATHS)
    if any(key.field in paths for key in keys if not key.optional):
        return frozenset()
    asked = decided(predicate, lambda leaf: None if paths.isdisjoint(leaf_fields(leaf)) else False)
    return frozenset() if asked is False else paths


def as_refusal(reasons: Iterable[Reason]) -> list[Reason]:
    """The reasons, each once, as those of a refusal."""
    return [dataclasses.replace(reason, direction=Fidelity.NONE) for reason in dict.fromkeys(reasons)]
