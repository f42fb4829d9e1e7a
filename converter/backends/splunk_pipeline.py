"""Counts of ES|QL's pipelines in SPL.

    search terms
    | eval column=expression
    | fillnull value="" user
    | stats count as events dc(host) as hosts by user
    | where hosts>=2

`stats` leaves out events that lack a group-by field, ES|QL counts them as a group of their own: such fields
are filled with the empty text, which is null again behind it. `dc` is exact where `count_distinct` is not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from converter.backends.splunk import TSTATS, events, multisearch, split
from converter.backends.splunk_script import SplunkScript, quote_field
from converter.backends.splunk_where import write_where
from converter.ir.detection import Aggregate, Eval, Stage, Stats, Where
from converter.ir.rewrite import fields_of, value_fields
from converter.ir.value import Call, FieldValue, IsNull, Literal_, Logic, Value
from converter.lowering.fidelity import Refused
from converter.lowering.plan import Part, PipelinePlan
from converter.lowering.scripts import map_children

_FUNCTIONS = {
    "count": "count",
    "count_distinct": "dc",
    "min": "min",
    "max": "max",
    "sum": "sum",
    "avg": "avg",
    "values": "values",
}
_GIVEN = "given"
_WEIGHT = "events"
"""How many events a row of `tstats` stands for."""
_ORDERED = frozenset({"min", "max"})
"""Aggregates that need to know how values compare."""


def write_pipeline(plan: PipelinePlan) -> str:
    """The search. Raises Refused for what Splunk has no equivalent of."""
    writer = SplunkScript(write_where, plan.kinds)
    modelled = any(part.shape.datamodel for part in plan.parts)
    lines = [_model_rows(plan.parts) if modelled else _events(plan.parts)]
    known = set() if modelled else set(plan.known)
    for place, stage in enumerate(plan.stages):
        if modelled and place == 0:
            assert isinstance(stage, Stats)
            stage = _weighted(stage)
        lines += _stage(stage, plan.stages[place + 1 :], writer, known)
    return "\n".join(lines)


def _model_rows(parts: tuple[Part, ...]) -> str:
    """Rows of one data model by all that is asked, with how many events each stands for.

    What is not there is filled, since `tstats` counts no event without one of its fields, and null again
    behind it.
    """
    models = {part.shape.datamodel for part in parts}
    names = dict.fromkeys(name for part in parts for name in part.keys)
    if len(models) > 1 or None in models or len({part.columns for part in parts}) > 1 or "_time" in names:
        raise Refused.because("cim-aggregate", "a count over several data models, or by time")
    terms, rest = split(parts)
    if rest:
        names.update(dict.fromkeys(name for part in parts for name in fields_of(part.predicate)))
        names.update((name, None) for part in parts for name, _ in part.where if len(parts) > 1)
    lines = [f"{TSTATS} as {_WEIGHT} from datamodel={models.pop()}"]
    lines[0] += (f" where {terms}" if terms else "") + (f" by {' '.join(names)}" if names else "")
    emptied = (f'{name}=if({name}=="null", null(), {name})' for name in map(quote_field, names))
    lines += [f"| eval {', '.join(emptied)}"] if names else []
    return "\n".join([*lines, *([f"| where {rest}"] if rest else []), *_columns(parts[0])])


def _weighted(stage: Stats) -> Stats:
    """The first `stats` over rows that stand for several events each."""
    return dataclasses.replace(stage, aggregates=tuple(map(_of_many, stage.aggregates)))


def _of_many(item: Aggregate) -> Aggregate:
    weight = FieldValue(_WEIGHT)
    if item.function == "count":
        there = IsNull(Literal_(1) if item.argument is None else item.argument)
        counted = Call("case", (Logic("not", (there,)), weight, Literal_(0)), language="esql")
        return dataclasses.replace(
            item, function="sum", argument=weight if item.argument is None else counted
        )
    if item.function not in ("count_distinct", "min", "max", "values"):
        raise Refused.because("cim-aggregate", f"{item.function} over a data model", position=item.pos)
    return item


def _events(parts: tuple[Part, ...]) -> str:
    """The events of all parts with their columns; where these differ, a search for each."""
    if len({part.columns for part in parts}) == 1:
        return "\n".join([events(parts), *_columns(parts[0])])
    return multisearch("\n".join([events((part,)), *_columns(part)]) for part in parts)


def _columns(part: Part) -> Iterator[str]:
    writer = SplunkScript(write_where, {})
    texts = [
        f"{quote_field(name)}={writer.value(value)}"
        for name, value in part.columns
        if not _is_own(name, value)
    ]
    if texts:
        yield f"| eval {', '.join(texts)}"


def _is_own(name: str, value: Value) -> bool:
    return isinstance(value, FieldValue) and value.name == name


def _stage(stage: Stage, later: Iterable[Stage], writer: SplunkScript, known: set[str]) -> Iterator[str]:
    match stage:
        case Where(condition):
            yield f"| where {_clauses(condition, writer)}"
        case Eval(assignments):
            texts = [f"{quote_field(name)}={writer.value(value)}" for name, value in assignments]
            yield f"| eval {', '.join(texts)}"
        case Stats():
            yield from _stats(stage, later, writer, known)
        case _:
            raise Refused.because("construct", f"{type(stage).__name__} in Splunk", position=stage.pos)


def _clauses(condition: Value, writer: SplunkScript) -> str:
    items = condition.items if isinstance(condition, Logic) and condition.op == "and" else (condition,)
    return " AND ".join(dict.fromkeys(writer.condition(item) for item in items))


def _stats(stage: Stats, later: Iterable[Stage], writer: SplunkScript, known: set[str]) -> Iterator[str]:
    computed = [(name, value) for name, value in stage.by if not _is_own(name, value)]
    if computed:
        yield "| eval " + ", ".join(f"{quote_field(name)}={writer.value(value)}" for name, value in computed)
    unsure = [name for name, value in stage.by if not _is_known(name, value, known)]
    kept = {
        name: f"{name}_{_GIVEN}" for name in unsure if any(name in _counts(one) for one in stage.aggregates)
    }
    if kept:
        yield "| eval " + ", ".join(f"{copy}={quote_field(name)}" for name, copy in kept.items())
    if unsure:
        yield f'| fillnull value="" {" ".join(unsure)}'
    aggregates = [_aggregate(_of_copies(item, kept), writer) for item in stage.aggregates] or ["count"]
    by = f" by {' '.join(name for name, _ in stage.by)}" if stage.by else ""
    yield f"| stats {' '.join(aggregates)}{by}"
    read = {name for one in later for name in _reads(one)}
    emptied = [name for name in unsure if name in read]
    if emptied:
        yield "| eval " + ", ".join(f'{name}=if({name}=="", null(), {name})' for name in emptied)
    known.clear()
    known.update(name for name, _ in stage.by if name not in unsure)
    known.update(item.name for item in stage.aggregates if item.function in ("count", "count_distinct"))


def _counts(item: Aggregate) -> Iterable[str]:
    return () if item.argument is None else value_fields(item.argument)


def _of_copies(item: Aggregate, copies: Mapping[str, str]) -> Aggregate:
    """The aggregate over columns as they were before they were filled to be groups: none is not counted."""
    argument = item.argument
    return item if argument is None else dataclasses.replace(item, argument=_copied(copies, argument))


def _copied(copies: Mapping[str, str], value: Value) -> Value:
    if isinstance(value, FieldValue) and value.name in copies:
        return dataclasses.replace(value, name=copies[value.name])
    return map_children(value, partial(_copied, copies))


def _is_known(name: str, value: Value, known: set[str]) -> bool:
    return (isinstance(value, FieldValue) and value.name in known) or name in known


def _reads(stage: Stage) -> Iterator[str]:
    if isinstance(stage, Where):
        yield from value_fields(stage.condition)
    elif isinstance(stage, Eval):
        for _, value in stage.assignments:
            yield from value_fields(value)
    elif isinstance(stage, Stats):
        for item in stage.aggregates:
            yield from () if item.argument is None else value_fields(item.argument)
        for _, value in stage.by:
            yield from value_fields(value)


def _aggregate(item: Aggregate, writer: SplunkScript) -> str:
    function = _FUNCTIONS.get(item.function)
    if function is None or (item.rest and item.function != "count_distinct"):
        raise Refused.because("esql-aggregate", f"the aggregate {item.function}", position=item.pos)
    if item.argument is None:
        return f"count as {quote_field(item.name)}"
    if item.function == "count_distinct" and writer.kind(item.argument) == "list":
        raise Refused.because("esql-aggregate", "different values of lists", position=item.pos)
    if item.function in _ORDERED and writer.kind(item.argument) not in ("integer", "double", "date"):
        raise Refused.because("esql-aggregate", f"{item.function} of texts", position=item.pos)
    argument = item.argument
    text = (
        quote_field(argument.name) if isinstance(argument, FieldValue) else f"eval({writer.value(argument)})"
    )
    return f"{function}({text}) as {quote_field(item.name)}"
