"""Counts of ES|QL's pipelines in Kusto.

    Table
    | where condition
    | project column = expression
    | summarize events = count(), hosts = count_distinctif(host, isnotempty(host)) by user
    | where hosts >= 2

`summarize` keeps rows without a group-by value as a group, as ES|QL does; a text that is not there is the
empty text, which counts leave out. `count_distinct` is exact here.
"""

from __future__ import annotations

from collections.abc import Mapping

from converter.backends.kusto import Schemas, columns, events, union
from converter.backends.kusto_script import KustoScript
from converter.backends.kusto_where import write_where
from converter.ir.detection import Aggregate, Eval, Stage, Stats, Where
from converter.ir.value import FieldValue, Logic
from converter.lowering.fidelity import Refused
from converter.lowering.kinds import Kind, Kinds
from converter.lowering.plan import Part, PipelinePlan

_TYPES: Mapping[Kind, str] = {
    "integer": "long",
    "double": "real",
    "boolean": "bool",
    "date": "datetime",
    "timespan": "timespan",
    "list": "dynamic",
}
_ZERO = {"integer": "long(null)", "double": "real(null)"}


def write_pipeline(plan: PipelinePlan, schemas: Schemas) -> str:
    """The query. Raises Refused for what Kusto has no equivalent of."""
    lines = [union([_events(part, schemas) for part in plan.parts])]
    types = {name: _TYPES.get(kind, "string") for name, kind in plan.kinds.items()}
    known = set(plan.known)
    for stage in plan.stages:
        lines.append(_stage(stage, types, plan.kinds, known))
    return "\n".join(lines)


def _events(part: Part, schemas: Schemas) -> str:
    """The part's events with its columns alone."""
    writer = KustoScript(write_where, columns(part, schemas), {})
    texts = []
    for name, value in part.columns:
        text = writer.value(value)
        texts.append(name if text == name else f"{name} = {text}")
    text = events(part, schemas)
    return f"{text}\n| project {', '.join(texts)}" if texts else text


def _stage(stage: Stage, types: Mapping[str, str], kinds: Kinds, known: set[str]) -> str:
    writer = KustoScript(write_where, types, kinds, known)
    match stage:
        case Where(condition):
            items = (
                condition.items if isinstance(condition, Logic) and condition.op == "and" else (condition,)
            )
            return f"| where {' and '.join(dict.fromkeys(map(writer.condition, items)))}"
        case Eval(assignments):
            return "\n".join(f"| extend {name} = {writer.value(value)}" for name, value in assignments)
        case Stats():
            return _stats(stage, writer, known)
    raise Refused.because("construct", f"{type(stage).__name__} in Kusto", position=stage.pos)


def _stats(stage: Stats, writer: KustoScript, known: set[str]) -> str:
    aggregates = [f"{item.name} = {_aggregate(item, writer)}" for item in stage.aggregates]
    groups = []
    for name, value in stage.by:
        text = writer.value(value)
        groups.append(name if text == name else f"{name} = {text}")
    by = f" by {', '.join(groups)}" if groups else ""
    kept = {name for name, value in stage.by if isinstance(value, FieldValue) and value.name in known}
    known.clear()
    known.update(kept)
    known.update(item.name for item in stage.aggregates if item.function in ("count", "count_distinct"))
    return f"| summarize {', '.join(aggregates)}{by}" if aggregates or by else "| count"


def _aggregate(item: Aggregate, writer: KustoScript) -> str:
    """One column of `summarize`."""
    if item.argument is None:
        return "count()"
    if item.rest and item.function != "count_distinct":
        raise Refused.because("esql-aggregate", f"the aggregate {item.function}", position=item.pos)
    text, there = writer.value(item.argument), writer.present(item.argument)
    kind = writer.kind(item.argument)
    match item.function:
        case "count":
            return "count()" if there == "true" else f"countif({there})"
        case "count_distinct" if kind != "list":
            return f"count_distinct({text})" if there == "true" else f"count_distinctif({text}, {there})"
        case "values":
            return f"make_set({text})" if there == "true" else f"make_set_if({text}, {there})"
        case "min" | "max" if kind in ("integer", "double", "date"):
            return f"{item.function}({text})"
        case "avg" if kind in _ZERO:
            return f"avg({text})"
        case "sum" if kind in _ZERO:
            if there == "true":
                return f"sum({text})"
            return f"iff(countif({there}) == 0, {_ZERO[kind]}, sum({text}))"
    raise Refused.because("esql-aggregate", f"the aggregate {item.function} of {kind}", position=item.pos)
