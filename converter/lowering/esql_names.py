"""What a pipeline's columns are called in a target, of which kind they are, and which are never null."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence

from converter.ir.detection import Eval, Stage, Stats
from converter.ir.rewrite import present_in, value_fields
from converter.ir.value import Arithmetic, Call, FieldValue, Holds, Literal_, Value
from converter.lowering.esql import renamed
from converter.lowering.fidelity import Refused
from converter.lowering.kinds import Kind, kind_of
from converter.lowering.plan import Part

_OWN_WORDS = """
and as asc between bool by contains datatable date datetime decimal desc double dynamic endswith false
find first float guid has in int invoke is kind last like limit long materialize not notcontains null of
on or print project real sample search set startswith string time timespan title to true union verbose
where xor
"""
_KEYWORDS = frozenset(_OWN_WORDS.split())
"""Names that one of the targets' languages reads as its own."""
_CLOCKS = frozenset({"_time", "TimeGenerated", "Timestamp"})


def named(
    parts: tuple[Part, ...], stages: Sequence[Stage]
) -> tuple[tuple[Part, ...], tuple[Stage, ...], Mapping[str, Kind], frozenset[str]]:
    """Parts and stages with names that every target takes; all columns' kinds, and which are never null.

    A group that not every part has is left out. Raises Refused where none is left.
    """
    parts, stages = _common(parts, stages)
    names = _names(parts, stages)
    parts = tuple(
        dataclasses.replace(part, columns=tuple({names[name]: value for name, value in part.columns}.items()))
        for part in parts
    )
    stages = renamed(stages, names)
    kinds: dict[str, Kind] = {}
    for part in parts:
        for name, value in part.columns:
            found = kind_of(value, {})
            kinds[name] = found if kinds.get(name, "null") == "null" else kinds[name]
    known = frozenset(
        name
        for name in kinds
        if all(_always(dict(part.columns)[name], present_in(part.predicate)) for part in parts)
    )
    for stage in stages:
        _add_kinds(stage, kinds)
    return parts, stages, kinds, known


def _add_kinds(stage: Stage, kinds: dict[str, Kind]) -> None:
    """The kinds of the columns that a stage makes, by those that there are."""
    if isinstance(stage, Stats):
        kinds.update({name: kind_of(value, kinds) for name, value in stage.by})
        for item in stage.aggregates:
            arguments = () if item.argument is None else (item.argument,)
            kinds[item.name] = kind_of(Call(item.function, arguments, language="esql"), kinds)
    elif isinstance(stage, Eval):
        for name, value in stage.assignments:
            kinds[name] = kind_of(value, kinds)


def _common(parts: tuple[Part, ...], stages: Sequence[Stage]) -> tuple[tuple[Part, ...], Sequence[Stage]]:
    """The parts with the columns that all of them have, and the first `stats` by these."""
    first, *later = stages
    assert isinstance(first, Stats)
    shared = set.intersection(*({name for name, _ in part.columns} for part in parts))
    by = tuple((name, value) for name, value in first.by if set(value_fields(value)) <= shared)
    if first.by and not by:
        message = "none of the fields that it counts by has a counterpart"
        raise Refused.because("unmapped-key", message, position=first.pos)
    for part in parts:
        _refuse_counted_groups(first, part)
    parts = tuple(
        dataclasses.replace(part, columns=tuple(column for column in part.columns if column[0] in shared))
        for part in parts
    )
    return parts, (dataclasses.replace(first, by=by), *later)


def _refuse_counted_groups(first: Stats, part: Part) -> None:
    """Two fields that the log holds as one: what is counted would always be one in a group."""
    columns = dict(part.columns)
    grouped = {name: columns.get(name) for _, value in first.by for name in value_fields(value)}
    for item in first.aggregates:
        argument = item.argument
        if isinstance(argument, FieldValue) and argument.name not in grouped:
            held = columns.get(argument.name)
            if isinstance(held, FieldValue) and held in grouped.values():
                message = f"{held.name} stands for what is counted as well as for what it is counted by"
                raise Refused.because("keys-same", message, argument.name, first.pos)


def _names(parts: Sequence[Part], stages: Sequence[Stage]) -> dict[str, str]:
    """A name of letters, digits and `_` for each column: the field's own where it is just that."""
    wanted = dict.fromkeys(name for name, _ in parts[0].columns)
    for stage in stages:
        if isinstance(stage, Stats):
            wanted.update(dict.fromkeys(item.name for item in stage.aggregates))
            wanted.update(dict.fromkeys(name for name, _ in stage.by))
        elif isinstance(stage, Eval):
            wanted.update(dict.fromkeys(name for name, _ in stage.assignments))
    fields = {name for part in parts for _, value in part.columns for name in value_fields(value)}
    names: dict[str, str] = {}
    for name in wanted:
        plain = re.sub(r"\W", "_", name).strip("_") or "column"
        plain = f"c_{plain}" if plain[0].isdigit() else plain
        while plain in names.values() or plain in fields or plain.lower() in _KEYWORDS:
            plain += "_"
        own = {value for part in parts for column, value in part.columns if column == name}
        if len(own) == 1 and isinstance(field := own.pop(), FieldValue) and field.name.isidentifier():
            plain = field.name
        names[name] = plain
    return names


def _always(value: Value, present: frozenset[str]) -> bool:
    """Whether an expression is never null."""
    match value:
        case Literal_(constant):
            return constant is not None
        case FieldValue(name):
            return name in present or name in _CLOCKS
        case Holds():
            return True
        case Call(function="case", arguments=items):
            branches = (*items[1::2], items[-1]) if len(items) % 2 else (Literal_(None),)
            return all(_always(item, present) for item in branches)
        case Call(function="coalesce", arguments=items):
            return any(_always(item, present) for item in items)
        case Call(function="to_lower" | "to_upper" | "concat" | "length" | "date_trunc", arguments=items):
            return all(_always(item, present) or _is_span(item) for item in items)
        case Call(function="to_datetime", arguments=(FieldValue(name),)):
            return name in _CLOCKS
        case Arithmetic(op, left, right):
            return op in "+-*" and _always(left, present) and _always(right, present)
    return False


def _is_span(value: Value) -> bool:
    return isinstance(value, Call) and value.function == "timespan"
