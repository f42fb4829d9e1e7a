"""Groups that a target does not tell apart, where a pipeline asks that something be little.

... by user, app | where min(t) >= now() - 9m     ->     by user: a row where each app of the user has one

Of such groups the one that is left gives a row only where each of them gives one: a difference that narrows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence, Set

from converter.ir.detection import Stage, Stats, Where
from converter.ir.predicate import Predicate
from converter.ir.rewrite import sub_values, value_conjuncts, value_fields
from converter.ir.value import Call, Comparison, FieldValue, Value
from converter.lowering.esql import Normal
from converter.lowering.esql_columns import both_ways
from converter.lowering.esql_several import UNCOUNTED, asked_once, groups_by
from converter.lowering.fidelity import Fidelity, Reason
from converter.lowering.plan import Part

_LITTLE = {"<": ("count", "count_distinct", "max"), ">": ("min",)}
"""By how a column is compared, aggregates that only grow, or only fall, where groups become one."""
_SHORTENING = frozenset({"left", "ltrim", "replace", "right", "rtrim", "substring", "trim"})
"""Functions that may leave nothing of a text."""


def against(
    reasons: Sequence[Reason], form: Normal, predicate: Predicate, parts: Sequence[Part]
) -> list[Reason]:
    """The reasons of a pipeline to which more events are not always more: they count in both directions, but
    for groups that are one in all parts, where that only narrows."""
    one = _undivided(form, parts) if asks_for_little(form.stages) else frozenset()
    merged = [reason for reason in reasons if reason.code == "unmapped-group" and reason.field in one]
    rows = {reason.field for reason in merged if _is_row_apart(form, predicate, reason.field)}
    others = [
        reason
        for reason in reasons
        if reason not in merged and not (reason.code == "esql-mv-expand" and reason.field in rows)
    ]
    narrower = (dataclasses.replace(reason, direction=Fidelity.NARROWER) for reason in merged)
    return [*others, *both_ways(others, groups_by(form)), *dict.fromkeys(narrower)]


def emptied(form: Normal, present: Set[str]) -> Iterator[Reason]:
    """What becomes of groups by a text that is computed, and may be empty, or missing where a field is: a
    target's groups are filled with the empty text. `present`: the fields that every event has."""
    first = form.stages[0]
    assert isinstance(first, Stats)
    columns = dict(form.columns)
    for name, value in first.by:
        made = columns.get(value.name, value) if isinstance(value, FieldValue) else value
        missing = [field for field in value_fields(made) if field not in present]
        calls = {node.function for node in sub_values(made) if isinstance(node, Call)}
        if missing and not calls.isdisjoint(_SHORTENING) and "coalesce" not in calls:
            message = f"events without {missing[0]} are in one group with those of which {name} is empty"
            yield Reason("empty-group", message, Fidelity.WIDER, missing[0], made.pos)


def asks_for_little(stages: Sequence[Stage]) -> bool:
    """Whether the conditions hold of several groups as one only if they hold of each of them."""
    first, *rest = stages
    if not isinstance(first, Stats) or not all(isinstance(stage, Where) for stage in rest):
        return False
    functions = {item.name: item.function for item in first.aggregates}
    asked = [item for stage in rest if isinstance(stage, Where) for item in value_conjuncts(stage.condition)]
    found = [_little(item, functions) for item in asked]
    # Of two groups one may have nothing of which to take the least, and the other not what else is asked.
    return None not in found and (len(found) == 1 or not {"min", "max"}.intersection(found))


def _little(condition: Value, functions: dict[str, str]) -> str | None:
    """The aggregate that is compared with a constant, where it may only be little."""
    if not isinstance(condition, Comparison) or not isinstance(condition.left, FieldValue):
        return None
    function = functions.get(condition.left.name)
    is_constant = not any(value_fields(condition.right))
    return function if is_constant and function in _LITTLE.get(condition.op[:1], ()) else None


def _undivided(form: Normal, parts: Sequence[Part]) -> frozenset[str]:
    """The fields of the groups that no part has, which nothing else reads."""
    held = {name for part in parts for name, _ in part.columns}
    lost, read = set[str](), set[str]()
    for name, value in form.columns:
        (read if name in held else lost).update(value_fields(value))
    return frozenset(lost - read)


def _is_row_apart(form: Normal, predicate: Predicate, field: str | None) -> bool:
    """Whether it makes no difference how many rows an event has, one for each of the field's values."""
    first = form.stages[0]
    assert isinstance(first, Stats) and field is not None
    return asked_once(predicate, field) and all(item.function in UNCOUNTED for item in first.aggregates)
