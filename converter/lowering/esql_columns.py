"""What a pipeline computes of an event before it counts, and what the names and kinds of that are."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from converter.ir import Pipeline
from converter.ir.detection import Eval, MvExpand, Stage, Stats, Where
from converter.ir.predicate import And, Exists, Not, Or, Predicate, Script
from converter.ir.rewrite import fields_of, leaf_fields, leaves, present_in, value_fields
from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, Holds, Literal_, Logic, Value
from converter.lowering.esql import Normal, columns_read, renamed
from converter.lowering.fidelity import Fidelity, Reason, Refused, flip
from converter.lowering.kinds import Kind, kind_of
from converter.lowering.plan import Part
from converter.taxonomy.model import Record

_GROWING = frozenset({"count", "count_distinct", "max", "values", "mv_count"})
_UNCOUNTED = frozenset({"count_distinct", "max", "min", "values"})
"""Aggregates to which it makes no difference how often a row is there."""
ARRAYS = frozenset(
    {
        "event.category",
        "event.type",
        "host.ip",
        "host.mac",
        "process.args",
        "process.parent.args",
        "process.env_vars",
        "registry.data.strings",
        "dns.resolved_ip",
        "dns.header_flags",
        "file.attributes",
        "related.ip",
        "related.user",
        "related.hosts",
        "related.hash",
        "tags",
        "user.roles",
    }
)
"""Fields that ECS declares as arrays."""
_KEYWORDS = frozenset(
    (
        "and",
        "as",
        "asc",
        "between",
        "bool",
        "by",
        "contains",
        "datatable",
        "date",
        "datetime",
        "decimal",
        "desc",
        "double",
        "dynamic",
        "endswith",
        "false",
        "find",
        "first",
        "float",
        "guid",
        "has",
        "in",
        "int",
        "invoke",
        "is",
        "kind",
        "last",
        "like",
        "limit",
        "long",
        "materialize",
        "not",
        "notcontains",
        "null",
        "of",
        "on",
        "or",
        "print",
        "project",
        "real",
        "sample",
        "search",
        "set",
        "startswith",
        "string",
        "time",
        "timespan",
        "title",
        "to",
        "true",
        "union",
        "verbose",
        "where",
        "xor",
    )
)
"""Names that one of the targets' languages reads as its own."""
_CLOCKS = frozenset({"_time", "TimeGenerated", "Timestamp"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column over fields; `identity`: only which values are the same matters, not what they are; `group`:
    rows are grouped by it, and nothing else is asked of it."""

    name: str
    value: Value
    identity: bool
    group: bool = False


def columns_of(form: Normal) -> tuple[Column, ...]:
    """The columns that the first `stats` reads."""
    read = columns_read(form.stages)
    first = form.stages[0]
    assert isinstance(first, Stats)
    grouped = {name for name, _ in first.by}
    counted: dict[str, bool] = {}
    for item in first.aggregates:
        if isinstance(item.argument, FieldValue):
            plain = item.function in ("count", "count_distinct")
            counted[item.argument.name] = counted.get(item.argument.name, True) and plain
    return tuple(
        Column(
            name,
            value,
            counted.get(name, True) and not (name in grouped and name in read),
            name in grouped and name not in read and name not in counted,
        )
        for name, value in form.columns
    )


def is_monotone(stages: Sequence[Stage]) -> bool:
    """Whether more events can only give more rows: each condition asks that something be large enough."""
    growing: set[str] = set()
    for stage in stages:
        if isinstance(stage, Stats):
            groups = {name for name, _ in stage.by}
            growing = {item.name for item in stage.aggregates if item.function in _GROWING} | groups
        elif isinstance(stage, Eval) or (isinstance(stage, Where) and not _grows(stage.condition, growing)):
            return False
    return sum(isinstance(stage, Stats) for stage in stages) < 2


def _grows(condition: Value, growing: set[str]) -> bool:
    if isinstance(condition, Logic):
        return condition.op != "not" and all(_grows(item, growing) for item in condition.items)
    if isinstance(condition, Comparison) and condition.op in (">", ">="):
        return isinstance(condition.right, Literal_) and _is_column(condition.left, growing)
    return False


def _is_column(value: Value, names: set[str]) -> bool:
    return isinstance(value, FieldValue) and value.name in names


def several(records: Sequence[Record]) -> frozenset[str]:
    """The fields that can have several values: what ECS says, the logs of these records, and what all of
    their events have in one way."""
    lists = {name for record in records for name in record.lists}
    single = {
        name for name in ARRAYS if records and all(len(record.when.get(name, ())) == 1 for record in records)
    }
    return (ARRAYS - single) | lists


def several_values(
    pipeline: Pipeline, form: Normal, predicate: Predicate, counts: bool, records: Sequence[Record]
) -> list[Reason]:
    """What becomes of events with several values in a field, which ES|QL compares to null.

    `counts`: whether the target counts at all, so that it matters how often. `records`: those that the
    pipeline reads.
    """
    lists = several(records)
    rows = {stage.column for stage in pipeline.stages if isinstance(stage, MvExpand)}
    asked = dict.fromkeys(
        name
        for leaf in leaves(predicate)
        if not isinstance(leaf, Exists)
        for name in leaf_fields(leaf)
        if name in lists and name not in rows
    )
    message = "ES|QL takes no event with several values of {}; here one of them is enough"
    found = [
        Reason("esql-multivalue", message.format(name), Fidelity.WIDER, name, predicate.pos) for name in asked
    ]
    for stage in form.expanded:
        message = f"an event with several values of {stage.column} counts once"
        for direction in _counted_once(form, predicate, stage.column) if counts else ():
            found.append(Reason("esql-mv-expand", message, direction, stage.column, stage.pos))
    return found


def _counted_once(form: Normal, predicate: Predicate, column: str) -> Sequence[Fidelity]:
    """How it shows that an event is one row, and not one for each value of the field.

    Where a single condition takes values, and nothing else reads them, the original has further rows like it:
    they raise counts, and nothing that asks for the most, the least or different values.
    """
    first = form.stages[0] if form.stages else None
    if not isinstance(first, Stats):
        return ()
    read = any(column in value_fields(value) for _, value in form.columns)
    if read or not _asked_once(predicate, column):
        return Fidelity.NARROWER, Fidelity.WIDER
    if all(item.function in _UNCOUNTED for item in first.aggregates):
        return ()
    return (Fidelity.NARROWER,) if is_monotone(form.stages) else (Fidelity.NARROWER, Fidelity.WIDER)


def _asked_once(predicate: Predicate, column: str) -> bool:
    """Whether one condition alone asks the field, of nothing else, and no exclusion does."""
    items = predicate.items if isinstance(predicate, And) else (predicate,)
    asking = [item for item in items if column in fields_of(item)]
    return len(asking) == 1 and set(fields_of(asking[0])) == {column} and not _negates(asking[0])


def _negates(predicate: Predicate) -> bool:
    if isinstance(predicate, And | Or):
        return any(map(_negates, predicate.items))
    return isinstance(predicate, Not | Script)


def both_ways(reasons: Iterable[Reason]) -> list[Reason]:
    """The same reasons in the other direction."""
    return [dataclasses.replace(reason, direction=flip(reason.direction)) for reason in reasons]


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
        if isinstance(stage, Stats):
            kinds.update({name: kind_of(value, kinds) for name, value in stage.by})
            for item in stage.aggregates:
                arguments = () if item.argument is None else (item.argument,)
                kinds[item.name] = kind_of(Call(item.function, arguments, language="esql"), kinds)
        elif isinstance(stage, Eval):
            for name, value in stage.assignments:
                kinds[name] = kind_of(value, kinds)
    return parts, stages, kinds, known


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
