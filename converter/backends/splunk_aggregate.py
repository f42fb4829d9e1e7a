"""Counts, histories and indicator lists in SPL.

Thresholds count over the search's own time range, which is the rule's look-back; first-seen logic
searches the whole history and keeps values whose earliest event lies in the look-back; indicators are a
lookup table (one column a field of the indicator).
"""

from __future__ import annotations

from converter.backends.splunk import TSTATS, events, multisearch, split, together, write_filled
from converter.backends.splunk_script import quote_field
from converter.ir.rewrite import fields_of
from converter.lowering.fidelity import Refused
from converter.lowering.plan import (
    IndicatorPlan,
    NewTermsPlan,
    Part,
    Shared,
    ThresholdPlan,
    called,
    called_differently,
)


def write_threshold(plan: ThresholdPlan) -> str:
    """`stats count by ...`: null group-by fields don't count, as in Elastic's terms aggregation."""
    rows, keys = _rows(plan.parts, plan.names)
    fields = keys[: len(keys) - len(plan.cardinality)]
    counted = keys[len(fields) :]
    columns = [
        "sum(count) as count" if _modelled(plan.parts) else "count",
        *(f"dc({name}) as distinct_{number}" for number, name in enumerate(counted, 1)),
    ]
    tests = [f"count>={plan.value}"]
    tests += [f"distinct_{number}>={least}" for number, least in enumerate(plan.cardinality, 1)]
    by = f" by {' '.join(fields)}" if fields else ""
    return f"{rows}\n| stats {' '.join(columns)}{by}\n| where {' AND '.join(tests)}"


def write_new_terms(plan: NewTermsPlan) -> str:
    """The earliest event of each combination of terms, kept where it lies in the look-back."""
    rows, keys = _rows(plan.parts, plan.names, ago(plan.window))
    if _modelled(plan.parts):
        first = "min(firstTime) as first_seen sum(count) as count"
    else:
        rows += f'\n| where _time>=relative_time(now(), "{ago(plan.window)}")'
        first = "earliest(_time) as first_seen count"
    return (
        f"{rows}\n| stats {first} by {' '.join(keys)}"
        f'\n| where first_seen>=relative_time(now(), "{ago(plan.since)}")'
    )


def ago(milliseconds: int) -> str:
    """A relative time. Days are none of its units: where the clock changes, Splunk's have 23 hours or 25.

    >>> ago(604_800_000), ago(360_000), ago(5_000)
    ('-168h', '-6m', '-5s')
    """
    seconds = milliseconds // 1000
    for size, unit in ((3600, "h"), (60, "m")):
        if seconds % size == 0:
            return f"-{seconds // size}{unit}"
    return f"-{seconds}s"


def write_indicators(plan: IndicatorPlan) -> str:
    """A lookup for each alternative of the mapping; an event that any of them finds is an alert."""
    assert plan.indicators is not None and plan.indicators.lookup is not None
    searches = [_looked_up(part, shared, plan.indicators.lookup) for part, shared in plan.blocks]
    if len(searches) == 1:
        return searches[0]
    return multisearch(searches)


def _looked_up(part: Part, alternatives: tuple[Shared, ...], table: str) -> str:
    if _modelled((part,)):
        raise Refused.because("cim-aggregate", "lookups over accelerated data models are not translated")
    lines = [events((part,))]
    for number, pairs in enumerate(alternatives, 1):
        keys = " ".join(f'"{indicator}" AS "{name}"' for name, indicator in pairs)
        lines.append(f'| lookup {table} {keys} OUTPUT "{pairs[0][1]}" AS indicator_{number}')
    tests = " OR ".join(f"isnotnull(indicator_{number})" for number in range(1, len(alternatives) + 1))
    return "\n".join([*lines, f"| where {tests}"])


def _modelled(parts: tuple[Part, ...]) -> bool:
    return any(part.shape.datamodel for part in parts)


def _model_rows(parts: tuple[Part, ...], since: str | None = None) -> str:
    """Rows of one data model with their count and first time, by all that is asked; `since`: how far back.

    tstats counts no row without one of the fields, so that those which the rule only asks are filled; a key
    that is missing must not be, since the original does not count such events either.
    """
    models = {part.shape.datamodel for part in parts}
    if len(models) > 1 or None in models or any(part.computed for part in parts):
        raise Refused.because("cim-aggregate", "a count over several data models, or by a part of a field")
    terms, rest = split(parts, write_filled)
    keys = dict.fromkeys(name for part in parts for name in part.keys)
    present = " ".join(f"{name}=*" for name in keys)
    others = dict.fromkeys(name for part in parts for name in fields_of(part.predicate)) if rest else {}
    if rest and len(parts) > 1:  # then the rest asks which of the parts a row is of
        others.update((name, None) for part in parts for name, _ in part.where)
    span = f"earliest={since}" if since is not None else ""
    where = " ".join(filter(None, (f"({terms})" if " OR " in terms else terms, present, span)))
    query = f"{TSTATS} min(_time) as firstTime from datamodel={models.pop()} where {where}"
    if names := " ".join({**keys, **others}):
        query += f" by {names}"
    return f"{query}\n| where {rest}" if rest else query


def _rows(
    parts: tuple[Part, ...], names: tuple[str, ...], since: str | None = None
) -> tuple[str, tuple[str, ...]]:
    """The rows of all parts and what their keys are called there: where the logs differ in that, a search for
    each gives them one name. `since`: how far back a data model is searched."""
    alike = len({part.keys for part in parts}) == 1
    if _modelled(parts):
        if not alike:
            raise called_differently()
        return _model_rows(parts, since), parts[0].keys
    if alike:
        return events(parts), parts[0].keys
    keys = called(names, parts)
    alike_parts: dict[tuple[str, ...], list[Part]] = {}
    for part in parts:
        alike_parts.setdefault(part.keys, []).append(part)
    groups = (group for one in alike_parts.values() for group in together(one))
    return multisearch(_renamed(group, keys) for group in groups), keys


def _renamed(parts: tuple[Part, ...], keys: tuple[str, ...]) -> str:
    """The events of parts that call their keys alike, with the keys under other names."""
    said = zip(keys, parts[0].keys, strict=True)
    texts = [f"{key}={quote_field(name)}" for key, name in said if key != name]
    return "\n".join([events(parts), *([f"| eval {', '.join(texts)}"] if texts else [])])
