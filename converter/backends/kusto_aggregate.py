"""Counts, histories and indicator lists in Kusto.

Thresholds count over the query's own time range, which is the rule's look-back; first-seen logic looks at
the whole history and keeps values whose earliest event lies in the look-back; indicators are Sentinel's
table of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from converter.backends.kusto import Schemas, columns, events, time_column, union, write_events
from converter.backends.kusto_sequence import timespan
from converter.lowering.fidelity import Refused
from converter.lowering.plan import EventPlan, IndicatorPlan, NewTermsPlan, Part, Shared, ThresholdPlan
from converter.taxonomy.model import IndicatorList


def write_threshold(plan: ThresholdPlan, schemas: Schemas) -> str:
    """`summarize count() by ...`; events without a group-by field don't count, as in Elastic's."""
    part = _alike(plan.parts)
    fields = part.keys[: len(part.keys) - len(plan.cardinality)]
    counted = part.keys[len(fields) :]
    shown = ["count_ = count()"]
    shown += [f"distinct_{number} = count_distinct({name})" for number, name in enumerate(counted, 1)]
    tests = [f"count_ >= {plan.value}"]
    tests += [f"distinct_{number} >= {least}" for number, least in enumerate(plan.cardinality, 1)]
    by = f" by {_grouped(part, fields, schemas)}" if fields else ""
    lines = [write_events(EventPlan(plan.parts), schemas), *_present(part, fields, schemas)]
    return "\n".join([*lines, f"| summarize {', '.join(shown)}{by}", f"| where {' and '.join(tests)}"])


def _grouped(part: Part, names: tuple[str, ...], schemas: Schemas) -> str:
    """The names behind `by`: a dynamic column groups only as text."""
    types = columns(part, schemas)
    return ", ".join(
        f"{name.replace('.', '_')} = tostring({name})"
        if types.get(name.partition(".")[0]) == "dynamic"
        else name
        for name in names
    )


def write_new_terms(plan: NewTermsPlan, schemas: Schemas) -> str:
    """The earliest event of each combination of terms, kept where it lies in the look-back."""
    part = _alike(plan.parts)
    time = time_column(part)
    lines = [write_events(EventPlan(plan.parts), schemas), f"| where {time} >= ago({timespan(plan.window)})"]
    lines += _present(part, part.keys, schemas)
    lines.append(
        f"| summarize first_seen = min({time}), count_ = count() by {_grouped(part, part.keys, schemas)}"
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


def _alike(parts: tuple[Part, ...]) -> Part:
    """The first part. Raises Refused where others call the time or the keys differently."""
    if len({(part.keys, time_column(part)) for part in parts}) > 1:
        raise Refused.because("keys-differ", "the tables call the group-by fields differently")
    return parts[0]


def _present(part: Part, names: tuple[str, ...], schemas: Schemas) -> list[str]:
    types = columns(part, schemas)
    return [
        f"| where {'isnotempty' if types.get(name, 'string') == 'string' else 'isnotnull'}({name})"
        for name in names
    ]
