"""Sequences in Kusto, in two forms.

`scan` (Azure Data Explorer, Azure Monitor, Sentinel) is a state machine over ordered rows, close to EQL's:

    union step1, step2
    | sort by key1 asc, at asc, step asc
    | scan with (
        step s1 output=none: step == 1;
        step s2: step == 2 and key1 == s1.key1 and at - s1.at <= 2s and isnull(s2.at);
      )

Events at one moment stand as the log numbers its records, where it does (`place`). `isnull(s2.at)` keeps
a step from taking a second row into the same match: a later start must be able to replace the earlier
one. `until` and absent events are counted before the scan, and a step asks that the count has not moved
since the step before. A run of the first step (`with runs=5`) is a window over its events: the fifth of
them, with the time of the first.

Defender's advanced hunting does not document `scan`; there the sequence is a chain of inner joins on the
key with conditions on time, which finds every pair within the span.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from converter.backends.kusto import Schemas, columns, events, time_column
from converter.lowering.fidelity import Refused
from converter.lowering.plan import Part, SequencePlan, StepPlan, exclusive, first_run, numbered_by, unrolled

UNTIL = 0
"""The step number of `until` events."""


def write_join(plan: SequencePlan, schemas: Schemas) -> str:
    """The portable form. Raises Refused for absence and `until`, which joins can't say."""
    if plan.until is not None:
        raise Refused.because("sequence-until", "`until` needs the scan operator, which the product lacks")
    if any(step.absent for step in plan.steps):
        raise Refused.because(
            "sequence-absence", "an absence needs the scan operator, which the product lacks"
        )
    steps = plan.steps
    lines = [_let(step, number, str(number), schemas, step.runs) for number, step in enumerate(steps, 1)]
    keys = _keys(steps)
    lines.append("step1")
    after = ">=" if exclusive(unrolled(plan)) else ">"
    for number, step in enumerate(steps[1:], 2):
        lines.append(f"| join kind=inner step{number} on {', '.join(keys)}")
        if plan.ordered:
            lines.append(f"| where {_start(step, str(number))} {after} at{number - 1}")
    if plan.ordered and plan.maxspan is not None and (len(steps) > 1 or steps[0].runs > 1):
        lines.append(f"| where at{len(steps)} - {_start(steps[0], '1')} <= {timespan(plan.maxspan)}")
    return "\n".join(lines)


def write_scan(plan: SequencePlan, schemas: Schemas) -> str:
    """The state machine. Raises Refused for an absence at an end."""
    if not plan.ordered:
        return write_join(plan, schemas)
    steps, run = unrolled(plan), first_run(plan)
    if len(steps) == 1:
        return write_join(plan, schemas)
    if steps[0].absent or steps[-1].absent:
        raise Refused.because("sequence-absence", "an absence at the start or end of a sequence")
    numbered = list(enumerate(steps, 1)) + ([(UNTIL, plan.until)] if plan.until is not None else [])
    keys = _keys(steps)
    order = ("place asc",) if numbered_by(steps, plan.until) else ()
    direction = "asc" if exclusive(steps) and not order else "desc"
    lines = [_let(step, number, "", schemas, run if number == 1 else 1) for number, step in numbered]
    lines.append("union " + ", ".join(f"step{number}" for number, _ in numbered))
    sorted_by = (*(f"{key} asc" for key in (*keys, "at")), *order, f"step {direction}")
    lines.append("| sort by " + ", ".join(sorted_by))
    lines += _counts(numbered, keys)
    lines += ["| scan with (", *_scan_steps(steps, plan, keys), "  )"]
    return "\n".join(lines)


def _scan_steps(steps: Sequence[StepPlan], plan: SequencePlan, keys: Sequence[str]) -> list[str]:
    present = [number for number, step in enumerate(steps, 1) if not step.absent]
    first, last = present[0], present[-1]
    lines = [f"    step s{first} output=none: step == {first};"]
    for before, number in pairwise(present):
        conditions = [f"step == {number}", *(f"{key} == s{first}.{key}" for key in keys)]
        if plan.maxspan is not None:
            start = f"s{first}.{'since' if first_run(plan) > 1 else 'at'}"
            conditions.append(f"at - {start} <= {timespan(plan.maxspan)}")
        counted = [*range(before + 1, number), *([UNTIL] if plan.until is not None else [])]
        conditions += [f"count{mark} == s{before}.count{mark}" for mark in counted]
        conditions.append(f"isnull(s{number}.at)")
        output = "" if number == last else " output=none"
        lines.append(f"    step s{number}{output}: {' and '.join(conditions)};")
    return lines


def _counts(numbered: Sequence[tuple[int, StepPlan]], keys: Sequence[str]) -> list[str]:
    """How many `until` or absent events of this key there have been so far."""
    marks = [number for number, step in numbered if step.absent or number == UNTIL]
    restart = " or ".join(f"{key} != prev({key})" for key in keys)
    return [
        f"| extend count{mark} = row_cumsum(toint(step == {mark}){', ' + restart if restart else ''})"
        for mark in marks
    ]


def _start(step: StepPlan, suffix: str) -> str:
    """The column of when the step, or the run of it, began."""
    return f"since{suffix}" if step.runs > 1 else f"at{suffix}"


def _let(step: StepPlan, number: int, suffix: str, schemas: Schemas, runs: int = 1) -> str:
    """The step's events, or the last ones of its runs with the time of their first."""
    queries = [_step_events(part, number, suffix, schemas) for part in step.parts]
    body = queries[0] if len(queries) == 1 else "union (" + "), (".join(queries) + ")"
    if runs > 1:
        keys = _keys([step])
        places = (f"place{suffix}",) if numbered_by([step]) else ()
        body += f"\n| sort by {', '.join(f'{key} asc' for key in (*keys, f'at{suffix}', *places))}"
        body += f"\n| extend since{suffix} = prev(at{suffix}, {runs - 1})"
        same = " and ".join(f"prev({key}, {runs - 1}) == {key}" for key in keys)
        body += f"\n| where {same} and isnotnull(since{suffix})"
    return f"let step{number} = " + body.replace("\n", "\n    ") + ";"


def _step_events(part: Part, number: int, suffix: str, schemas: Schemas) -> str:
    types = columns(part, schemas)
    keys = [
        f"key{index} = {name}"
        if types.get(name, _default(name)) == "string"
        else f"key{index} = tostring({name})"
        for index, name in enumerate(part.keys, 1)
    ]
    places = [f"place{suffix} = tolong({part.shape.order})"] if part.shape.order else []
    shown = [f"at{suffix} = {time_column(part)}", *places, *keys]
    if not suffix:
        shown.insert(0, f"step = {number}")
    if not keys:
        shown.append('key1 = ""')
    query = f"{events(part, schemas)}\n| extend {', '.join(shown)}"
    present = " and ".join(f"isnotempty(key{index})" for index in range(1, len(keys) + 1))
    return f"{query}\n| where {present}" if present else query


def _default(name: str) -> str:
    """The type of a name that no schema has: a path leads into a dynamic column."""
    return "dynamic" if "." in name else "string"


def _keys(steps: Sequence[StepPlan]) -> list[str]:
    return [f"key{index}" for index in range(1, max(1, len(steps[0].parts[0].keys)) + 1)]


def timespan(milliseconds: int) -> str:
    """A timespan literal, in the largest unit that is whole."""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"
