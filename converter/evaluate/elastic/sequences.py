"""EQL's `sequence` and `sample`: the state machine over a timeline.

Source: Elasticsearch's `SequenceMatcher` and `TumblingWindow`, which match stage after stage over pages of
hits; over events in one order the same comes out event by event:

- per key, a waiting partial sequence at a stage is replaced by a later one: a hit of the next stage takes
  the latest and drops all earlier ones, so only the latest can ever advance;
- a hit that takes a partial sequence uses it up, also where it is then rejected (span, `until`);
- a hit must be strictly later than the last event of the sequence it advances: one event can serve several
  stages, but never two stages of one sequence;
- `until` rejects where the latest until-event before the hit is not before the sequence's last event;
- `with runs=n` is the same stage n times; missing events are looked for afterwards, by time alone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from converter.evaluate.elastic.context import Context
from converter.evaluate.elastic.predicates import Holds, compile_predicate
from converter.evaluate.elastic.timeline import KeyValues, Moment, key_reader
from converter.frozen import dataclass
from converter.ir import Sample, Step
from converter.ir import Sequence as SequenceNode

Keys: TypeAlias = Callable[[Mapping[str, Any]], list[KeyValues]]
Alert: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Stage:
    """A compiled step; the stages of its runs are one."""

    holds: Holds
    keys: Keys
    absent: bool

    def keys_of(self, event: Mapping[str, Any]) -> list[KeyValues]:
        """With which keys the event is one of the step; none where it is not."""
        return self.keys(event) if self.holds(event) else []


@dataclass(frozen=True, slots=True)
class _Partial:
    """A sequence under way: the events so far, and the place in the timeline of the last."""

    key: KeyValues
    moments: tuple[Moment, ...]
    place: int


def _stage(step: Step, context: Context) -> _Stage:
    return _Stage(
        compile_predicate(step.predicate, context), key_reader(step.keys, context.field_type), step.absent
    )


class SequenceMatcher:
    """A compiled sequence. Raises NotSupportedError for what a predicate cannot evaluate."""

    def __init__(self, sequence: SequenceNode, context: Context) -> None:
        compiled = [(_stage(step, context), step.runs) for step in sequence.steps]
        self._stages = [stage for stage, runs in compiled for _ in range(runs)]
        self._positive = [stage for stage in self._stages if not stage.absent]
        self._until = None if sequence.until is None else _stage(sequence.until, context)
        self._maxspan = sequence.maxspan

    def run(self, moments: Sequence[Moment]) -> list[Alert]:
        """The alerts, in the order in which their last events come."""
        completed = self._completed(moments)
        if len(self._positive) < len(self._stages):
            absences = self._absences(moments)
            completed = [partial for partial in completed if self._nothing_present(partial, absences)]
        alerts = [tuple(moment.number for moment in partial.moments) for partial in completed]
        # several values of a key can give the same events twice
        return list(dict.fromkeys(alerts))

    def _completed(self, moments: Sequence[Moment]) -> list[_Partial]:
        waiting: list[dict[KeyValues, _Partial]] = [{} for _ in self._positive]
        untils: dict[KeyValues, int] = {}
        completed: list[_Partial] = []
        last = len(self._positive) - 1
        reached = {0}  # of many runs few stages are waited for
        for place, moment in enumerate(moments):
            read: dict[int, list[KeyValues]] = {}
            # from the last stage to the first, so that an event does not follow itself
            for number in sorted(reached, reverse=True):
                stage = self._positive[number]
                found = read.get(id(stage))
                if found is None:
                    found = read[id(stage)] = stage.keys_of(moment.event)
                for key in found:
                    partial = self._advance(waiting, untils, number, key, moment, place)
                    if partial is None:
                        continue
                    if number == last:
                        completed.append(partial)
                    else:
                        waiting[number][key] = partial
                        reached.add(number + 1)
                if number and not waiting[number - 1]:
                    reached.discard(number)
            if self._until is not None:
                untils.update(dict.fromkeys(self._until.keys_of(moment.event), place))
        return completed

    def _advance(
        self,
        waiting: list[dict[KeyValues, _Partial]],
        untils: Mapping[KeyValues, int],
        number: int,
        key: KeyValues,
        moment: Moment,
        place: int,
    ) -> _Partial | None:
        """What the event makes of the sequence that waits for it, if one does."""
        if number == 0:
            return _Partial(key, (moment,), place)
        partial = waiting[number - 1].pop(key, None)
        if partial is None:
            return None
        if self._maxspan is not None and moment.time - partial.moments[0].time > self._maxspan:
            return None
        if untils.get(key, -1) >= partial.place:
            return None
        return _Partial(key, (*partial.moments, moment), place)

    def _absences(self, moments: Sequence[Moment]) -> dict[int, dict[KeyValues, list[int]]]:
        """For each stage that is to be missing: the times of its events, by key."""
        found: dict[int, dict[KeyValues, list[int]]] = {}
        for number, stage in enumerate(self._stages):
            if stage.absent:
                times = found.setdefault(number, {})
                for moment in moments:
                    for key in stage.keys_of(moment.event):
                        times.setdefault(key, []).append(moment.time)
        return found

    def _nothing_present(
        self, partial: _Partial, absences: Mapping[int, Mapping[KeyValues, list[int]]]
    ) -> bool:
        """Whether no missing event is there after all: between two events strictly, else within the span."""
        start, end = partial.moments[0].time, partial.moments[-1].time
        before: int | None = None
        after: int | None = None
        seen = 0
        for number, stage in enumerate(self._stages):
            if not stage.absent:
                seen += 1
                continue
            times = absences[number].get(partial.key, [])
            if seen == 0:
                place = bisect_left(times, start)
                if place:
                    before = times[place - 1] if before is None else max(before, times[place - 1])
            elif seen == len(self._positive):
                place = bisect_right(times, end)
                if place < len(times):
                    after = times[place] if after is None else min(after, times[place])
            elif _within(times, partial.moments[seen - 1].time, partial.moments[seen].time):
                return False
        return self._outside_span(before, start, end, after)

    def _outside_span(self, before: int | None, start: int, end: int, after: int | None) -> bool:
        """`TumblingWindow.doCheckMissingEvents`: is there a span around the sequence without them?

        With missing events at both ends it is enough that one side has none, or that more than the span
        lies between them.
        """
        leading, trailing = self._stages[0].absent, self._stages[-1].absent
        if (before is None and after is None) or (before is None and leading) or (after is None and trailing):
            return True
        span = self._maxspan
        assert span is not None
        if leading and trailing:
            return before is None or after is None or after - before > span
        if leading:
            return before is None or end - before > span
        return trailing and (after is None or after - start > span)


def _within(times: Sequence[int], first: int, last: int) -> bool:
    place = bisect_right(times, first)
    return place < len(times) and times[place] < last


class SampleMatcher:
    """A compiled sample: for each key with an event for every step, one alert of different events.

    Elasticsearch promises any such events; here they are the first ones that fit, in time order.
    """

    def __init__(self, sample: Sample, context: Context) -> None:
        self._stages = [_stage(step, context) for step in sample.steps]

    def run(self, moments: Sequence[Moment]) -> list[Alert]:
        """The alerts, in the order in which their keys appear."""
        hits: dict[KeyValues, list[list[int]]] = {}
        for moment in moments:
            for number, stage in enumerate(self._stages):
                for key in stage.keys_of(moment.event):
                    hits.setdefault(key, [[] for _ in self._stages])[number].append(moment.number)
        chosen = (_different(candidates) for candidates in hits.values())
        return [alert for alert in chosen if alert is not None]


def _different(candidates: list[list[int]]) -> Alert | None:
    """One number out of each list, none twice; the earliest that are possible for the first lists."""
    # as many candidates as there are lists are enough: the others can block no more
    lists = [numbers[: len(candidates)] for numbers in candidates]

    def choose(at: int, taken: Alert) -> Alert | None:
        if at == len(lists):
            return taken
        for number in lists[at]:
            if number not in taken:
                found = choose(at + 1, (*taken, number))
                if found is not None:
                    return found
        return None

    return choose(0, ())
