"""Sequences in SPL: every step's events side by side, in time order, with the start of the waiting sequence.

    | multisearch [ search <step 1> | eval step=1, key=... ] [ search <step 2> | eval step=2, key=... ]
    | eval when=_time
    | sort 0 when RecordNumber -step
    | eval start_1=if(step=1, when, null())
    | streamstats current=f last(start_1) as open_1 by key
    | eval start_2=if(step=2 AND round(when-open_1, 3)<=2, open_1, null())
    | where isnotnull(start_2)

`multisearch` and `streamstats` have no caps, `sort 0` takes all events; `bin` would lose pairs that
straddle an edge, `transaction` evicts silently, `join` stops at 50,000 rows. An event that two steps
take stands there twice, the later step first, so that it never follows itself.
`last` passes over nulls: it gives the latest start before this event, and no sequence that began
earlier can end within the span if that one can't. A run of the first step (`with runs=5`) is a window
over its events: the fifth of them, with the start of the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from converter.backends.splunk import events
from converter.backends.splunk_script import quote_field
from converter.lowering.fidelity import Refused
from converter.lowering.plan import Part, SequencePlan, StepPlan, exclusive, first_run, numbered_by, unrolled


def write_sequence(plan: SequencePlan) -> str:
    """The search for a sequence. Raises Refused for what it can't say."""
    steps = unrolled(plan)
    _check(plan, steps)
    if not plan.ordered:
        return _sample(steps)
    until = _until_number(steps, plan.until)
    lines = [_multisearch(steps, plan.until, until), f"| eval when={_when(steps)}"]
    lines.append(f"| sort 0 when {_order(steps, plan.until)}")
    if _placed(plan, steps):
        lines.append("| streamstats count as place")
    keys = " ".join(_keys(steps[0].parts[0].keys))
    by = f" by {keys}" if keys else ""
    if (run := first_run(plan)) > 1:
        window = f"streamstats window={run} global=f count as run first(when) as since"
        lines.append(f"| {window} by {keys + ' ' if keys else ''}step")
    lines += _forbidden(steps, until if plan.until is not None else None, by)
    lines += _chain(steps, plan, by)
    return "\n".join(lines)


def _placed(plan: SequencePlan, steps: Sequence[StepPlan]) -> bool:
    """Whether it matters where an event stands: something must not come between two steps."""
    return plan.until is not None or any(step.absent for step in steps)


def _chain(steps: Sequence[StepPlan], plan: SequencePlan, by: str) -> list[str]:
    """For each present step the start of the sequence that it goes on, then those that reach the last."""
    present = [number for number, step in enumerate(steps, 1) if not step.absent]
    placed = _placed(plan, steps)
    first = present[0]
    run = first_run(plan)
    test, since = (f"step={first} AND run={run}", "since") if run > 1 else (f"step={first}", "when")
    lines = [_reached(first, test, since, placed)]
    if present == [first] and plan.maxspan is not None:
        span = f"round(when-start_{first}, 3)<={_seconds(plan.maxspan)}"
        lines.append(f"| eval start_{first}=if({span}, start_{first}, null())")
    for before, number in pairwise(present):
        place = f" last(place_{before}) as from_{before}" if placed else ""
        lines.append(f"| streamstats current=f last(start_{before}) as open_{before}{place}{by}")
        test = " AND ".join(_conditions(plan, before, number))
        lines.append(_reached(number, test, f"open_{before}", placed))
    return [*lines, f"| where isnotnull(start_{present[-1]})"]


def _reached(number: int, test: str, since: str, placed: bool) -> str:
    """When the sequence began that an event brings to a step, and where that event stands."""
    place = f", place_{number}=if({test}, place, null())" if placed else ""
    return f"| eval start_{number}=if({test}, {since}, null()){place}"


def _conditions(plan: SequencePlan, before: int, number: int) -> Iterator[str]:
    """What an event must be to go on from one step to the next."""
    yield f"step={number}"
    if plan.maxspan is None:
        yield f"isnotnull(open_{before})"
    else:
        yield f"round(when-open_{before}, 3)<={_seconds(plan.maxspan)}"
    if plan.until is not None:
        yield f"coalesce(until_place, 0)<from_{before}"
    yield from (f"coalesce(absent_{gap}_place, 0)<from_{before}" for gap in range(before + 1, number))


def _forbidden(steps: Sequence[StepPlan], until: int | None, by: str) -> list[str]:
    """Where the last `until` event, and the last event of each absent step, stood."""
    marks = [(f"absent_{number}", number) for number, step in enumerate(steps, 1) if step.absent]
    if until is not None:
        marks.append(("until", until))
    return [
        f"| eval {name}_at=if(step={number}, place, null())"
        f"\n| streamstats last({name}_at) as {name}_place{by}"
        for name, number in marks
    ]


def _check(plan: SequencePlan, steps: Sequence[StepPlan]) -> None:
    if any(part.shape.datamodel for step in steps for part in step.parts):
        raise Refused.because("cim-sequence", "tstats gives no events in time order to follow a sequence in")
    if steps[0].absent or steps[-1].absent:
        raise Refused.because("sequence-absence", "an absence at the start or end of a sequence")


def _multisearch(steps: Sequence[StepPlan], until: StepPlan | None, number: int = 0) -> str:
    numbered = [*enumerate(steps, 1), *([(number, until)] if until is not None else [])]
    searches = [_subsearch(part, number) for number, step in numbered for part in step.parts]
    if len(searches) == 1:
        return searches[0]
    lines = (search.replace("\n| ", " | ") for search in searches)
    return "| multisearch\n" + "\n".join(f"    [ search {line} ]" for line in lines)


def _subsearch(part: Part, number: int) -> str:
    keys = _keys(part.keys)
    named = (f"{key}={quote_field(name)}" for key, name in zip(keys, part.keys, strict=True))
    search = f"{events((part,))}\n| eval {', '.join([f'step={number}', *named])}"
    return f"{search}\n| where {' AND '.join(f'isnotnull({key})' for key in keys)}" if keys else search


def _keys(names: Sequence[str]) -> list[str]:
    """What the join keys are called in each step. One text of them all would be the same for `a|b` and `c` as
    for `a` and `b|c`."""
    return ["key"] if len(names) == 1 else [f"key{place}" for place, _ in enumerate(names, 1)]


def _when(steps: Sequence[StepPlan]) -> str:
    """When it happened, in seconds: the shapes' own time field, or the time that Splunk indexed it under."""
    formats = {(part.shape.time, part.shape.time_format) for step in steps for part in step.parts}
    if len(formats) == 1:
        name, time_format = formats.pop()
        if name and time_format:
            return f'coalesce(strptime({quote_field(name)}, "{time_format}"), _time)'
    return "_time"


def _until_number(steps: Sequence[StepPlan], until: StepPlan | None) -> int:
    """The step number of `until` events: at one moment they stand behind the steps, and end none of them."""
    return len(steps) + 1 if _order(steps, until) == "step" else 0


def _order(steps: Sequence[StepPlan], until: StepPlan | None) -> str:
    """Behind the time: as the log was written, else the steps' order; of an event's own steps the last first,
    since an event never follows itself."""
    name = numbered_by(steps, until)
    if name is None:
        return "step" if exclusive(steps) else "-step"
    return name if exclusive(steps) and until is None else f"{name} -step"


def _sample(steps: Sequence[StepPlan]) -> str:
    keys = " ".join(_keys(steps[0].parts[0].keys))
    return f"{_multisearch(steps, None)}\n| stats dc(step) as steps by {keys}\n| where steps>={len(steps)}"


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:g}"
