"""Counts, histories and indicator lists in Kusto.

Thresholds count over the query's own time range, which is the rule's look-back; first-seen logic looks at
the whole history and keeps values whose earliest event lies in the look-back; indicators are Sentinel's
`ThreatIntelligenceIndicator` table.
"""

from __future__ import annotations

from converter.backends.kusto import Schemas, columns, time_column, write_events
from converter.backends.kusto_sequence import timespan
from converter.lowering.fidelity import Refused
from converter.lowering.plan import EventPlan, IndicatorPlan, NewTermsPlan, Part, ThresholdPlan


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
    """Refused until each indicator field has its column in Sentinel's table."""
    raise Refused.because("indicators", "indicator fields have no columns declared in Sentinel's table")


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
