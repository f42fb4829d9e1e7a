"""What a pipeline asks of the events that it counts: its filter, and what is counted and grouped.

The filter in front of the first `stats` is solved as any rule's predicate; for each condition inside of what
is counted (`case`, `where`) there is an event as well that satisfies it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from converter.elastic.esql.filter import to_predicate
from converter.events.generate.atoms import atoms
from converter.ir import And, Equals, Or, Pipeline, Predicate
from converter.ir.detection import Stats
from converter.ir.rewrite import conjunction, value_fields
from converter.ir.value import Arithmetic, Call, FieldValue, IsNull, Logic, Value
from converter.lowering.esql import Normal, normal
from converter.lowering.fidelity import Refused
from converter.source import NotSupportedError

_MAX_CONDITIONS = 8


def pipeline_predicates(pipeline: Pipeline) -> Iterator[tuple[Predicate, tuple[str, ...]]]:
    """The filter, and the filter with each condition of what is counted; with the fields that are counted."""
    try:
        form = normal(pipeline)
    except (Refused, NotSupportedError):
        return
    filtered = conjunction(map(to_predicate, form.conditions))
    fields = tuple(dict.fromkeys(name for _, value in form.columns for name in value_fields(value)))
    plain = tuple(name for name in fields if not name.startswith("_") and name != "@timestamp")
    counted = frozenset(counted_fields(form)) if form.stages else frozenset()
    direct = {value.name for _, value in form.columns if isinstance(value, FieldValue)}
    asked = tuple(name for name in plain if name in direct or name in counted)
    yield filtered, asked
    keys = tuple(to_predicate(Logic("not", (IsNull(key),))) for key in _computed_keys(form))
    conditions = dict.fromkeys(item for _, value in form.columns for item in _conditions(value))
    chosen = [to_predicate(condition) for condition in islice(conditions, _MAX_CONDITIONS)]
    chosen.extend(islice(_alternatives(filtered, counted), _MAX_CONDITIONS))
    if keys:
        yield conjunction((filtered, *keys)), asked
    for condition in chosen:
        yield conjunction((filtered, condition, *keys)), asked


def _computed_keys(form: Normal) -> Iterator[Value]:
    """The groups that are computed, but not of the time alone: without a value most pipelines drop them."""
    columns = dict(form.columns)
    for stage in form.stages[:1]:
        for _, value in stage.by if isinstance(stage, Stats) else ():
            found = columns[value.name] if isinstance(value, FieldValue) else value
            if not isinstance(found, FieldValue) and set(value_fields(found)) - {"@timestamp"}:
                yield found


def _alternatives(filtered: Predicate, counted: frozenset[str]) -> Iterator[Predicate]:
    """The values of what is counted that the filter takes only beside something else."""
    for atom in atoms(filtered):
        if not isinstance(atom.leaf, Equals) or atom.leaf.field not in counted:
            continue
        branches = [place for place, node in enumerate(atom.path) if isinstance(node, Or)]
        if branches and any(isinstance(node, And) for node in atom.path[branches[0] :]):
            yield atom.leaf


def _conditions(value: Value) -> Iterator[Value]:
    """The conditions of each `case` in an expression: each where those before it are not true."""
    match value:
        case Call(function="case", arguments=items):
            earlier: list[Value] = []
            for item in items[: len(items) - len(items) % 2 : 2]:
                yield Logic("and", (item, *(Logic("not", (one,)) for one in earlier))) if earlier else item
                earlier.append(item)
            for item in items:
                yield from _conditions(item)
        case Call(arguments=items):
            for item in items:
                yield from _conditions(item)
        case Arithmetic(left=left, right=right):
            yield from (*_conditions(left), *_conditions(right))


def counted_fields(form: Normal) -> Iterable[str]:
    """The fields whose different values are counted."""
    first = form.stages[0]
    assert isinstance(first, Stats)
    columns = dict(form.columns)
    names = [
        name
        for item in first.aggregates
        if item.function == "count_distinct" and isinstance(item.argument, FieldValue)
        for name in value_fields(columns[item.argument.name])
        if not any(name in value_fields(condition) for condition in _conditions(columns[item.argument.name]))
    ]
    return dict.fromkeys(name for name in names if name != "@timestamp")


def grouped_fields(form: Normal) -> Iterable[str]:
    """The fields that are groups as they are."""
    first = form.stages[0]
    assert isinstance(first, Stats)
    columns = dict(form.columns)
    found = (columns[value.name] for _, value in first.by if isinstance(value, FieldValue))
    return dict.fromkeys(value.name for value in found if isinstance(value, FieldValue))
