"""Fields with several values, which ES|QL compares to null: what becomes of the events that have them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from converter.ir import Pipeline
from converter.ir.detection import MvExpand, Stats
from converter.ir.predicate import And, Exists, Not, Or, Predicate, Script
from converter.ir.rewrite import conjuncts, fields_of, leaf_fields, leaves, value_fields
from converter.ir.value import FieldValue
from converter.lowering.esql import Normal
from converter.lowering.esql_columns import is_monotone
from converter.lowering.fidelity import Fidelity, Reason
from converter.lowering.nulls import compared_fields
from converter.taxonomy.model import Record

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
UNCOUNTED = frozenset({"count_distinct", "max", "min", "values"})
"""Aggregates to which it makes no difference how often a row is there."""


def several(records: Sequence[Record]) -> frozenset[str]:
    """The fields that can have several values: what ECS says, the logs of these records, and what all of
    their events have in one way."""
    lists = {name for record in records for name in record.lists}
    single = {
        name for name in ARRAYS if records and all(len(record.when.get(name, ())) == 1 for record in records)
    }
    return (ARRAYS - single) | lists


def several_values(
    pipeline: Pipeline,
    form: Normal,
    predicate: Predicate,
    target: str,
    records: Sequence[Record],
    single: frozenset[str] = frozenset(),
) -> list[Reason]:
    """What becomes of events with several values in a field, which ES|QL compares to null.

    `target`: Sigma does not count at all, so that it does not matter how often. `records`: those that the
    pipeline reads; `single`: fields of which all of its events have one value.
    """
    lists = several(records) - single
    rows = {stage.column for stage in pipeline.stages if isinstance(stage, MvExpand)}
    values = (*form.conditions, *(value for _, value in form.columns))
    compared = {name for value in values for name in compared_fields(value)}
    asked = dict.fromkeys(
        name
        for leaf in leaves(predicate)
        if not isinstance(leaf, Exists)
        for name in leaf_fields(leaf)
        if name in lists and name not in rows and name in compared
    )
    message = "ES|QL takes no event with several values of {}; here one of them is enough"
    found = [
        Reason("esql-multivalue", message.format(name), Fidelity.WIDER, name, predicate.pos) for name in asked
    ]
    for stage in form.expanded:
        message = f"an event with several values of {stage.column} is one row, not one for each"
        for direction in _as_one_row(form, predicate, stage.column, target):
            apart = (stage.column,) if target == "splunk" and stage.column in groups_by(form) else ()
            found.append(Reason("esql-mv-expand", message, direction, stage.column, stage.pos, apart))
    return found


def _as_one_row(form: Normal, predicate: Predicate, column: str, target: str) -> Sequence[Fidelity]:
    """How it shows that an event is one row, and not one for each value of the field: in what is asked of the
    value, and in what is counted."""
    found = {*_asked_together(predicate, column), *_counted_once(form, predicate, column, target)}
    return [direction for direction in (Fidelity.NARROWER, Fidelity.WIDER) if direction in found]


def _asked_together(predicate: Predicate, column: str) -> Iterator[Fidelity]:
    """How it shows that conditions are asked of all the values of an event: one value that is excluded
    excludes the others, and two conditions may be met by two values."""
    match predicate:
        case Exists() | Not(item=Exists()):
            return
        case And(items=items) | Or(items=items):
            asking = [item for item in items if column in fields_of(item)]
            if isinstance(predicate, And) and sum(not isinstance(one, Exists | Not) for one in asking) > 1:
                yield Fidelity.WIDER
            for item in asking:
                yield from _asked_together(item, column)
        case Not() | Script() if column in fields_of(predicate):
            yield Fidelity.NARROWER
            if isinstance(predicate, Script):
                yield Fidelity.WIDER


def _counted_once(form: Normal, predicate: Predicate, column: str, target: str) -> Sequence[Fidelity]:
    """How it shows in what is counted.

    Where a single condition takes values, and nothing else reads them, the original has further rows like it:
    they raise counts, and nothing that asks for the most, the least or different values. Splunk has a group
    of each value, also of those that the condition does not take.
    """
    first = form.stages[0] if form.stages and target != "sigma" else None
    if not isinstance(first, Stats):
        return ()
    if target == "splunk" and column in groups_by(form):
        return (Fidelity.WIDER,)
    read = any(column in value_fields(value) for _, value in form.columns)
    if read or not asked_once(predicate, column):
        return Fidelity.NARROWER, Fidelity.WIDER
    if all(item.function in UNCOUNTED for item in first.aggregates):
        return ()
    return (Fidelity.NARROWER,) if is_monotone(form.stages) else (Fidelity.NARROWER, Fidelity.WIDER)


def groups_by(form: Normal) -> frozenset[str]:
    """The fields by whose values rows are grouped, that nothing else reads, where no group is read again."""
    if not form.stages or sum(isinstance(stage, Stats) for stage in form.stages) != 1:
        return frozenset()
    first = form.stages[0]
    assert isinstance(first, Stats)
    counted = {name for item in first.aggregates if item.argument for name in value_fields(item.argument)}
    groups = {name for name, _ in first.by} - counted
    plain = [value.name for name, value in form.columns if name in groups and isinstance(value, FieldValue)]
    others = [
        name
        for column, value in form.columns
        if column not in groups or not isinstance(value, FieldValue)
        for name in value_fields(value)
    ]
    return frozenset(plain).difference(others)


def asked_once(predicate: Predicate, column: str) -> bool:
    """Whether one condition alone asks the field, of nothing else, and no exclusion does."""
    items = conjuncts(predicate)
    asking = [item for item in items if column in fields_of(item)]
    return len(asking) == 1 and set(fields_of(asking[0])) == {column} and not _negates(asking[0])


def _negates(predicate: Predicate) -> bool:
    if isinstance(predicate, And | Or):
        return any(map(_negates, predicate.items))
    return isinstance(predicate, Not | Script)
