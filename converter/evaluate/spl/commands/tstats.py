"""tstats over a data model. Source: Splunk Search Reference, "tstats".

An event is of a data model's dataset (`Endpoint.Processes`) if it has fields of that name
(`Processes.process_name`), or names the dataset under `$datamodel`; its other fields are then the
dataset's too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from converter.evaluate.spl.arguments import Cursor, boolean, integer, only, span_length, words
from converter.evaluate.spl.commands.filters import term_step
from converter.evaluate.spl.commands.stats import aggregated
from converter.evaluate.spl.plan import Planner, Step
from converter.evaluate.spl.rows import Fields, Results, Row, Rows, Run
from converter.evaluate.spl.split import Command
from converter.evaluate.spl.statistics import grouping, read_statistics
from converter.evaluate.spl.terms import Comparison, Group, Keyword, Not, Term, read_terms
from converter.evaluate.spl.times import bin_start, event_time
from converter.source import NotSupportedError, QuerySyntaxError

DATA_MODEL = "$datamodel"
_OPTIONS = {
    "summariesonly": boolean,
    "allow_old_summaries": boolean,
    "fillnull_value": words,
    "local": boolean,
    "chunk_size": integer,
    "use_summary_index_values": boolean,
    "prestats": only(False, boolean),
    "append": only(False, boolean),
}


def tstats(command: Command, planner: Planner) -> Step:
    """A row for each combination of the BY fields' values.

    A row without one of them does not count, unless `fillnull_value` gives a value for it.
    """
    cursor = Cursor(command)
    found: dict[str, Any] = dict(cursor.options(_OPTIONS))
    statistics = read_statistics(cursor)
    model = _model(cursor)
    conditions: list[Step] = []
    if cursor.takes_word("where"):
        source, offset = cursor.rest_until("by", "groupby")
        term = read_terms(source, command, offset)
        dataset = _node_name(term)
        model = f"{model.split('.')[0]}.{dataset.split('.')[-1]}" if dataset else model
        conditions.append(term_step(_without_node(term), command, planner))
    by, bins = _by(cursor)
    cursor.finish()
    filler = found.get("fillnull_value")
    groups_of = grouping(by)

    def stage(results: Results, run: Run) -> Results:
        selected = Results([row for event in run.base if (row := _of_model(event, model)) is not None])
        for condition in conditions:
            selected = condition.stage(selected, run)
        rows = _prepared(selected.rows, by, bins, filler)
        columns = (*by, *(term.column for term in statistics))
        return Results(aggregated(rows, statistics, by, run, groups_of), columns)

    return Step(stage, computes=True, generates=True, reads_events=True)


def _model(cursor: Cursor) -> str:
    position = cursor.position
    if not cursor.takes_word("from"):
        raise NotSupportedError("tstats without a data model", position, code="spl-tstats")
    if cursor.sees_option():
        (model,) = (value for _, value in cursor.options({"datamodel": words}))
        return str(model)
    if not cursor.takes_word("datamodel"):
        raise cursor.unexpected()
    return cursor.name()


def _node_name(term: Term) -> str | None:
    """The dataset of `nodename=Endpoint.Processes` among terms that must all hold."""
    items = term.items if isinstance(term, Group) and term.every else (term,)
    for item in items:
        if isinstance(item, Comparison) and item.field == "nodename" and item.operator == "=":
            return item.values[0].text
    return None


def _without_node(term: Term) -> Term:
    _check_terms(term)
    if isinstance(term, Group) and term.every:
        kept = tuple(item for item in term.items if not _is_node(item))
        return Group(kept, True, term.position, term.mixed)
    return Group((), True, term.position) if isinstance(term, Comparison) and _is_node(term) else term


def _is_node(term: Term) -> bool:
    return isinstance(term, Comparison) and term.field == "nodename"


def _check_terms(term: Term) -> None:
    """Raises NotSupportedError for words without a field, which a data model's summary does not hold."""
    match term:
        case Group(items=items):
            for item in items:
                _check_terms(item)
        case Not(item=item):
            _check_terms(item)
        case Keyword(value=value) if value.text != "*":
            raise NotSupportedError("a word without a field in tstats", value.position, code="spl-tstats")


def _by(cursor: Cursor) -> tuple[tuple[str, ...], tuple[float, str] | None]:
    if not cursor.takes_word("by", "groupby"):
        return (), None
    names: list[str] = []
    bins: tuple[float, str] | None = None
    position = cursor.position
    while not cursor.done:
        position = cursor.position
        bins = dict(cursor.options({"span": span_length})).get("span", bins)
        if not cursor.done:
            names.append(cursor.name())
            cursor.takes("COMMA")
    if not names or (bins and "_time" not in names):
        raise QuerySyntaxError("tstats: a field is missing behind BY", position)
    return tuple(names), bins


def _of_model(row: Row, model: str) -> Row | None:
    """The event as a row of the dataset; None where it is not of it."""
    dataset = model.rpartition(".")[2]
    prefix = f"{dataset}."
    if any(name.startswith(prefix) for name in row.fields):
        return row
    named = row.fields.get(DATA_MODEL)
    if named is None or str(named) not in (model, dataset):
        return None
    prefixed = {f"{prefix}{name}": value for name, value in row.fields.items() if not _is_meta(name)}
    return row.with_fields({**row.fields, **prefixed})


def _is_meta(name: str) -> bool:
    return name.startswith(("_", "$")) or name in ("host", "source", "sourcetype", "index")


def _prepared(rows: Rows, by: tuple[str, ...], bins: tuple[float, str] | None, filler: str | None) -> Rows:
    if filler is None and bins is None:
        return rows
    return [row.with_fields(_filled(row.fields, by, bins, filler)) for row in rows]


def _filled(
    fields: Mapping[str, Any], by: tuple[str, ...], bins: tuple[float, str] | None, filler: str | None
) -> Fields:
    result = dict(fields)
    if bins is not None and result.get("_time") is not None:
        result["_time"] = bin_start(event_time(result["_time"]), *bins)
    if filler is not None:
        result.update({name: filler for name in by if result.get(name) is None})
    return result
