"""Counts, histories and indicator lists in SPL.

Thresholds count over the search's own time range, which is the rule's look-back; first-seen logic
searches the whole history and keeps values whose earliest event lies in the look-back; indicators are a
lookup table (`threat_indicators`, one column a field of the indicator).
"""

from __future__ import annotations

from converter.backends.splunk import events
from converter.lowering.fidelity import Refused
from converter.lowering.plan import IndicatorPlan, NewTermsPlan, Part, ThresholdPlan

LOOKUP = "threat_indicators"


def write_threshold(plan: ThresholdPlan) -> str:
    """`stats count by ...`: null group-by fields don't count, as in Elastic's terms aggregation."""
    _no_model(plan.parts)
    keys = plan.parts[0].keys
    fields = keys[: len(keys) - len(plan.cardinality)]
    counted = keys[len(fields) :]
    columns = ["count", *(f"dc({name}) as distinct_{number}" for number, name in enumerate(counted, 1))]
    tests = [f"count>={plan.value}"]
    tests += [f"distinct_{number}>={least}" for number, least in enumerate(plan.cardinality, 1)]
    by = f" by {' '.join(fields)}" if fields else ""
    return f"{events(plan.parts)}\n| stats {' '.join(columns)}{by}\n| where {' AND '.join(tests)}"


def write_new_terms(plan: NewTermsPlan) -> str:
    """The earliest event of each combination of terms, kept where it lies in the look-back."""
    _no_model(plan.parts)
    names = " ".join(plan.parts[0].keys)
    return (
        f'{events(plan.parts)}\n| where _time>=relative_time(now(), "-{plan.window // 1000}s")'
        f"\n| stats earliest(_time) as first_seen count by {names}"
        f'\n| where first_seen>=relative_time(now(), "-{plan.since // 1000}s")'
    )


def write_indicators(plan: IndicatorPlan) -> str:
    """A lookup for each alternative of the mapping; an event that any of them finds is an alert."""
    _no_model(plan.parts)
    names = dict(zip(_event_fields(plan), plan.parts[0].keys, strict=True))
    lines = [events(plan.parts)]
    for number, entries in enumerate(plan.mapping, 1):
        pairs = " ".join(f'"{indicator}" AS {names[field]}' for field, indicator in entries)
        lines.append(f'| lookup {LOOKUP} {pairs} OUTPUT "{entries[0][1]}" AS indicator_{number}')
    tests = " OR ".join(f"isnotnull(indicator_{number})" for number in range(1, len(plan.mapping) + 1))
    return "\n".join([*lines, f"| where {tests}"])


def _event_fields(plan: IndicatorPlan) -> list[str]:
    return list(dict.fromkeys(field for entries in plan.mapping for field, _ in entries))


def _no_model(parts: tuple[Part, ...]) -> None:
    if any(part.shape.datamodel for part in parts):
        raise Refused.because("cim-aggregate", "counts over accelerated data models are not translated")
    if len({part.keys for part in parts}) > 1:
        raise Refused.because("keys-differ", "the log sources call the group-by fields differently")
