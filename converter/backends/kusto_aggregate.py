"""Counts, histories and indicator lists in Kusto.

Thresholds count over the query's own time range, which is the rule's look-back; first-seen logic looks at
the whole history and keeps values whose earliest event lies in the look-back; indicators are Sentinel's
table of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from converter.backends.kusto import Schemas, columns, events, time_column, union, write_events
from converter.backends.kusto_sequence import timespan
from converter.frozen import dataclass
from converter.ir.rewrite import present_in
from converter.lowering.fidelity import Refused
from converter.lowering.plan import (
    EventPlan,
    IndicatorPlan,
    NewTermsPlan,
    Part,
    Shared,
    ThresholdPlan,
    called,
)
from converter.taxonomy.model import IndicatorList

_TIME = "event_time"
"""What the time is called in the rows of tables that call it differently."""


def write_threshold(plan: ThresholdPlan, schemas: Schemas) -> str:
    """`summarize count() by ...`; events without a group-by field don't count, as in Elastic's."""
    rows = _rows(plan.parts, plan.names, schemas, timed=False)
    fields = rows.keys[: len(rows.keys) - len(plan.cardinality)]
    counted = rows.keys[len(fields) :]
    shown = ["count_ = count()"]
    shown += [f"distinct_{number} = {_values(rows, name)}" for number, name in enumerate(counted, 1)]
    tests = [f"count_ >= {plan.value}"]
    tests += [f"distinct_{number} >= {least}" for number, least in enumerate(plan.cardinality, 1)]
    by = f" by {_grouped(rows, fields)}" if fields else ""
    lines = [rows.text, *_present(rows, fields)]
    return "\n".join([*lines, f"| summarize {', '.join(shown)}{by}", f"| where {' and '.join(tests)}"])


def _values(rows: _Rows, name: str) -> str:
    """How many values the column has: an empty text is none."""
    if rows.types.get(name, "string") != "string" or name in rows.present:
        return f"count_distinct({name})"
    return f"count_distinctif({name}, isnotempty({name}))"


def _grouped(rows: _Rows, names: tuple[str, ...]) -> str:
    """The names behind `by`: a dynamic column groups only as text."""
    return ", ".join(
        f"{name.replace('.', '_')} = tostring({name})"
        if rows.types.get(name.partition(".")[0]) == "dynamic"
        else name
        for name in names
    )


def write_new_terms(plan: NewTermsPlan, schemas: Schemas) -> str:
    """The earliest event of each combination of terms, kept where it lies in the look-back."""
    rows = _rows(plan.parts, plan.names, schemas, timed=True)
    lines = [rows.text, f"| where {rows.time} >= ago({timespan(plan.window)})"]
    lines += _present(rows, rows.keys)
    lines.append(
        f"| summarize first_seen = min({rows.time}), count_ = count() by {_grouped(rows, rows.keys)}"
    )
    return "\n".join([*lines, f"| where first_seen >= ago({timespan(plan.since)})"])


def write_indicators(plan: IndicatorPlan, schemas: Schemas) -> str:
    """Events with a value of an active indicator; of an indicator's rows the last one counts."""
    listed = plan.indicators
    assert listed is not None
    head = (
        f"let indicators = {listed.table}\n    | summarize arg_max(TimeGenerated, *) by IndicatorId"
        "\n    | where Active == true and ExpirationDateTime > now();\n"
    )
    queries = []
    for part, alternatives in plan.blocks:
        types = columns(part, schemas)
        tests = " or ".join(_shares(pairs, listed, types) for pairs in alternatives)
        queries.append(f"{events(part, schemas)}\n| where {tests}")
    return head + union(queries)


def _shares(pairs: Shared, listed: IndicatorList, types: Mapping[str, str]) -> str:
    """The event's value is one of the column's. Raises Refused for several that must be one indicator's."""
    if len(pairs) > 1:
        raise Refused.because("indicators", "several fields of one indicator at a time")
    [(name, ecs)] = pairs
    found = listed.column(ecs)
    assert found is not None
    column, also = found
    tests = "".join(f' and {other} =~ "{value}"' for other, value in also.items())
    plain = types.get(name, "dynamic" if "." in name else "string") == "string"
    text = name if plain else f"tostring({name})"
    return f"{text} in ((indicators | where isnotempty({column}){tests} | project {column}))"


@dataclass(frozen=True, slots=True)
class _Rows:
    """A query's rows: its text, what keys and time are called in it, the types of its columns, and those of
    the keys that no row is without."""

    text: str
    keys: tuple[str, ...]
    time: str
    types: Mapping[str, str]
    present: frozenset[str]


def _rows(parts: tuple[Part, ...], names: tuple[str, ...], schemas: Schemas, timed: bool) -> _Rows:
    """The rows of all parts; where the tables call the keys differently (or the time, where `timed`), each
    part's keys have the same names, and are texts."""
    first = parts[0]
    if len({(part.keys, time_column(part) if timed else "") for part in parts}) == 1:
        text = write_events(EventPlan(parts), schemas)
        return _Rows(
            text, first.keys, time_column(first), columns(first, schemas), _present_in(parts, first.keys)
        )
    keys = called(names, parts)
    text = union([_renamed(part, keys, schemas, timed) for part in parts])
    return _Rows(text, keys, _TIME, dict.fromkeys(keys, "string"), _present_in(parts, keys))


def _present_in(parts: tuple[Part, ...], keys: tuple[str, ...]) -> frozenset[str]:
    """The keys, as the query calls them, that all events have which the parts take."""
    asked = [present_in(part.predicate) for part in parts]
    return frozenset(
        key
        for place, key in enumerate(keys)
        if all(part.keys[place] in there for part, there in zip(parts, asked, strict=True))
    )


def _renamed(part: Part, keys: tuple[str, ...], schemas: Schemas, timed: bool) -> str:
    """The part's events with its keys under other names."""
    types = columns(part, schemas)
    said = []
    for key, name in zip(keys, part.keys, strict=True):
        plain = types.get(name, "dynamic" if "." in name else "string") == "string"
        said.append(f"{key} = {name if plain else f'tostring({name})'}")
    if timed:
        said.append(f"{_TIME} = {time_column(part)}")
    return f"{events(part, schemas)}\n| extend {', '.join(said)}"


def _present(rows: _Rows, names: tuple[str, ...]) -> list[str]:
    return [
        f"| where {'isnotempty' if rows.types.get(name, 'string') == 'string' else 'isnotnull'}({name})"
        for name in names
    ]
