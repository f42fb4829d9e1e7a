"""What a pipeline's counts ask of its events, as far as Sigma can say it.

    stats n = count(*) by user.id | where n >= 5                       at least 5 events of one user.id
    stats n = count_distinct(host.id) by user.id | where n > 2         at least 3 values of host.id, of one
    stats hit = max(case(a, 1, 0)) by host.id | where hit == 1         some event is a
    stats v = values(f) | eval t = mv_concat(v, ",") | where t like "*x*"      some event's f is like "*x*"

Each is needed for a row, so that what Sigma says takes every event that leads to one, and others too where
the pipeline asks more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace

from converter.frozen import dataclass
from converter.ir.detection import Aggregate, Eval, Key, Stage, Stats, Where
from converter.ir.rewrite import value_conjuncts
from converter.ir.value import Call, Comparison, FieldValue, Literal_, Value
from converter.lowering.esql import Normal

MAX_COUNT = 1_000_000
"""A number beyond this is no count of events."""


@dataclass(frozen=True, slots=True)
class Counts:
    """At least `least` events with the same `fields`, or so many different values of `counted` in them.

    `whole`: the pipeline asks nothing else.
    """

    fields: tuple[Key, ...]
    least: int
    counted: str | None
    whole: bool


def counts_of(form: Normal, present: Set[str], lists: Set[str]) -> Counts | None:
    """What its first `stats` counts, or None where nothing that Sigma could count is needed for a row.

    `present`: the fields that every event has: without one, ES|QL has a group of its own, and Sigma none.
    `lists`: those that can have several values, each of which is a group of ES|QL's.
    """
    first = _first(form)
    if first is None or form.expanded:
        return None
    columns = dict(form.columns)
    named = [(value, _field(value, columns)) for _, value in first.by]
    fields = [name for _, name in named if name is not None and name in present - lists]
    asked = list(_conditions(form.stages[1:]))
    found = [(one, told) for one in asked if (told := _least(one, first, columns, lists)) is not None]
    if not found:
        return None
    condition, (least, counted) = max(found, key=lambda one: one[1][0])
    whole = (
        len(fields) == len(named)
        and asked == [condition]
        and condition.op != "=="
        and all(isinstance(stage, Where) for stage in form.stages[1:])
    )
    return Counts(tuple(Key(name) for name in fields), least, counted, whole)


def needed(form: Normal) -> Iterator[Value]:
    """The conditions that are plain to see of which each is satisfied by some event of each row."""
    first = _first(form)
    if first is None:
        return
    columns = dict(form.columns)
    aggregates = {item.name: item for item in first.aggregates}
    for condition in _conditions(form.stages[1:]):
        item = aggregates.get(condition.left.name) if isinstance(condition.left, FieldValue) else None
        if item is not None and (found := _chosen(item, condition, columns)) is not None:
            yield found
    yield from _listed(form.stages[1:], aggregates, columns)


def _listed(
    stages: Sequence[Stage], aggregates: Mapping[str, Aggregate], columns: Mapping[str, Value]
) -> Iterator[Value]:
    """Of `mv_concat(values(f), ",") like "*x*"` that the field of an event is like that."""
    known, joined = dict(aggregates), dict[str, tuple[Value, str]]()
    for stage in stages:
        if isinstance(stage, Eval):
            for name, value in stage.assignments:
                made = _joined(value, known)
                known.pop(name, None)
                joined.pop(name, None)
                joined |= {} if made is None else {name: made}
        elif isinstance(stage, Where):
            found = (_of_a_value(one, joined, columns) for one in _all(stage.condition))
            yield from filter(None, found)
        else:
            return


def _of_a_value(
    condition: Comparison, joined: Mapping[str, tuple[Value, str]], columns: Mapping[str, Value]
) -> Value | None:
    """What the condition on joined values asks of one of them."""
    match condition:
        case Comparison("like", FieldValue(name), Literal_(str(pattern))) if name in joined:
            column, separator = joined[name]
            if isinstance(column, FieldValue) and _is_part(pattern, separator):
                return replace(condition, left=columns.get(column.name, column))
    return None


def _joined(value: Value, aggregates: Mapping[str, Aggregate]) -> tuple[Value, str] | None:
    """The column whose values are joined, and what stands between them."""
    match value:
        case Call(function="mv_concat", arguments=(FieldValue(name), Literal_(str(separator)))):
            item = aggregates.get(name)
            if item is not None and item.function == "values" and item.argument is not None:
                return item.argument, separator
    return None


def _is_part(pattern: str, separator: str) -> bool:
    """Whether it asks for one text somewhere, which the separator has no part of."""
    text = pattern[1:-1]
    return pattern[:1] == pattern[-1:] == "*" and bool(text) and not {*"*?\\", *separator}.intersection(text)


def _first(form: Normal) -> Stats | None:
    return form.stages[0] if form.stages and isinstance(form.stages[0], Stats) else None


def _conditions(stages: Sequence[Stage]) -> Iterator[Comparison]:
    """The comparisons that each row must satisfy, up to where columns are computed anew."""
    for stage in stages:
        if not isinstance(stage, Where):
            return
        yield from _all(stage.condition)


def _all(value: Value) -> Iterator[Comparison]:
    for item in value_conjuncts(value):
        if isinstance(item, Comparison):
            yield item
        else:
            yield Comparison("==", item, Literal_(True), pos=item.pos)


def _field(value: Value, columns: Mapping[str, Value]) -> str | None:
    """The field that a column is."""
    if isinstance(value, FieldValue):
        value = columns.get(value.name, value)
    return value.name if isinstance(value, FieldValue) else None


def _least(
    condition: Comparison, first: Stats, columns: Mapping[str, Value], lists: Set[str]
) -> tuple[int, str | None] | None:
    """How many events there must be, two or more, or values of which field."""
    item = next((one for one in first.aggregates if FieldValue(one.name) == condition.left), None)
    number = condition.right.value if isinstance(condition.right, Literal_) else None
    if item is None or not isinstance(number, int) or isinstance(number, bool):
        return None
    least = {">": number + 1, ">=": number, "==": number}.get(condition.op, 0)
    if not 2 <= least <= MAX_COUNT:
        return None
    if item.function == "count" and item.argument is None:
        return least, None
    counted = _field(item.argument, columns) if item.argument is not None else None
    if item.function == "count_distinct" and counted is not None and counted not in lists:
        return least, counted
    return None


def _chosen(item: Aggregate, condition: Comparison, columns: Mapping[str, Value]) -> Value | None:
    """The condition of `max(case(condition, yes, no))`, where `yes` is as asked and `no` is not; of a sum or
    a count, to which no other event adds."""
    value = columns.get(item.argument.name) if isinstance(item.argument, FieldValue) else None
    match value:
        case Call(function="case", arguments=(chosen, Literal_(int(yes)), Literal_(int(no)))):
            one_of_them = _holds(condition, yes) and not _holds(condition, no)
            adds = no == 0 and not _holds(condition, 0)
            return (
                chosen
                if (item.function == "max" and one_of_them) or (item.function == "sum" and adds)
                else None
            )
        case Call(function="case", arguments=(chosen, _) | (chosen, _, Literal_(None))):
            counts = item.function in ("count", "count_distinct") and not _holds(condition, 0)
            return chosen if counts else None
    return None


def _holds(condition: Comparison, number: int) -> bool:
    asked = condition.right.value if isinstance(condition.right, Literal_) else None
    if not isinstance(asked, int):
        return False
    return {
        ">": number > asked,
        ">=": number >= asked,
        "==": number == asked,
        "<": number < asked,
        "<=": number <= asked,
    }.get(condition.op, False)
