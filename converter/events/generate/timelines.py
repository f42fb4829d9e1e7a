"""Events in time: what surrounds one event so that the whole detection fires, and how that can go wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from converter.evaluate.result import Event
from converter.events.case import Timeline
from converter.events.generate.changed import changed
from converter.events.generate.counted_events import Counted
from converter.events.generate.frame import Frame
from converter.events.generate.joining import Asking, asking, key_values, machine_of, of_one_path, with_key
from converter.events.generate.moments import at
from converter.events.generate.parted import Parts, following
from converter.frozen import dataclass
from converter.ir import Detection, IndicatorMatch, Key, Limited, NewTerms, Sample, Step, Threshold
from converter.ir import Sequence as SequenceNode
from converter.lowering.conversions.registry_values import named as hive_named

_GAP = 1000
_NUMBER = 7316
"""A process's, where the first step's event has none."""
_PROCESS = ".entity_id"
"""How a process's own key ends, of which a log has the machine and the process's number."""
_TIME = "@timestamp"


def frame_of(detection: Detection, events: Sequence[Event], parts: Sequence[Parts]) -> Frame:
    """The frame for a kind of detection; `events` satisfy its predicates, one each. `parts`: as `Frame`'s."""
    match detection:
        case Limited(base=base):
            return frame_of(base, events, parts)
        case SequenceNode() | Sample():
            return _Steps(detection, events, parts, detection.steps)
        case Threshold():
            return Counted(detection, events, parts, detection)
        case NewTerms():
            return _Remembered(detection, events, parts, detection)
        case IndicatorMatch():
            return _Listed(detection, events, parts, detection)
    return Frame(detection, events, parts)


def _number_of(field: str) -> str:
    """The field of the process number beside an entity id; "" for other fields."""
    head, _, last = field.rpartition(".")
    return f"{head}.pid" if last == "entity_id" else ""


def _another_process(event: Event, field: str) -> Iterator[tuple[str, Event]]:
    """Where the key is a process: one of the same machine, and one of the same number on another."""
    if number := _number_of(field):
        yield "of another number", changed(dict(event), number, 1) if number in event else event
        yield "on another machine", changed(dict(event), "host.id", 1)


@dataclass
class _Steps(Frame):
    """A sequence or sample: each step's event, joined by the keys of the first; behind the steps' events one
    that ends the sequence, where one can."""

    steps: Sequence[Step]

    def around(self, place: int, event: Event) -> Timeline:
        """Around an event of an absent step, or one that ends the sequence: with it before what follows."""
        chosen = list(self.events)
        chosen[place] = event
        return self._timeline(chosen, place)

    def _timeline(self, chosen: Sequence[Event], shown: int | None = None) -> Timeline:
        """The events of the steps that must be there, and that of another one, if it is `shown`."""
        places = [
            place
            for place, step in enumerate(self.steps)
            for _ in range(step.runs)
            if not step.absent or place == shown
        ]
        if shown == len(self.steps):
            places.insert(-1, shown)
        steps, asked = (*self.steps, *self._ends()), self._asked
        values, machine = key_values(self.steps, asked, chosen), machine_of(steps, asked, chosen, shown)
        moved = [{name: machine.get(name, value) for name, value in one.items()} for one in chosen]
        joined = {
            place: self._joined(moved[place], steps[place].keys, values) for place in dict.fromkeys(places)
        }
        gap = self._gap()
        return tuple(at(joined[place], number * gap) for number, place in enumerate(places))

    @cached_property
    def _asked(self) -> list[Asking]:
        return [asking(step) for step in (*self.steps, *self._ends())]

    def _ends(self) -> tuple[Step, ...]:
        """What ends the sequence."""
        until = self.detection.until if isinstance(self.detection, SequenceNode) else None
        return () if until is None else (until,)

    def _gap(self) -> int:
        span = self.detection.maxspan if isinstance(self.detection, SequenceNode) else None
        total = sum(step.runs for step in self.steps)
        return _GAP if span is None else max(min(_GAP, span // (total + 1)), 0)

    def _joined(self, event: Event, keys: Sequence[Key], values: Sequence[Any]) -> Event:
        """The event with the keys' values; one process has one entity id and one number."""
        made = dict(event)
        for place, (key, value) in enumerate(zip(keys, values, strict=True)):
            if key.field in event:
                joined = {**made, **with_key(made, key.field, value)}
                made = following(joined, made, self.parts)
                if name := _number_of(key.field):
                    made[name] = self._number(place)
        return made

    def _number(self, place: int) -> Any:
        """The process number beside the first step's key: a source that writes the one writes the other."""
        return self.events[0].get(_number_of(self.steps[0].keys[place].field), _NUMBER)

    def variations(self) -> Iterator[tuple[str, Timeline]]:
        whole = self._timeline(self.events)
        yield "everything holds", whole
        if len(whole) > 1:
            reversed_times = [at(event, place * self._gap()) for place, event in enumerate(reversed(whole))]
            yield "in the opposite order", tuple(reversed_times)
            yield "without the last", whole[:-1]
            yield "without the first", whole[1:]
            yield "at the same time", tuple(at(event, 0) for event in whole)
            yield "at the same time, in the opposite order", tuple(at(event, 0) for event in reversed(whole))
            for place in range(1, len(whole) - 1):
                again = {**whole[place + 1], _TIME: whole[place][_TIME]}
                yield "the one behind it instead of another", (*whole[:place], again, *whole[place + 1 :])
        span = self.detection.maxspan if isinstance(self.detection, SequenceNode) else None
        if span is not None and len(whole) > 1:
            yield "the last at the end of the span", (*whole[:-1], at(whole[-1], span))
            yield "the last one millisecond after the span", (*whole[:-1], at(whole[-1], span + 1))
            if len(whole) > 2:
                yield (
                    "all but the first at the end of the span",
                    (whole[0], *(at(one, span) for one in whole[1:])),
                )
        for place, _ in enumerate(self.events):
            if place == len(self.steps) or self.steps[place].absent:
                yield "with what ends it", self._timeline(self.events, place)
        keys = self.steps[-1].keys
        for key in keys if len(whole) > 1 else ():
            other = self.changed(whole[-1], key.field, 1)
            yield f"the last with another {key.field}", (*whole[:-1], other)
            yield from (
                (f"the last with another {key.field}, {how}", (*whole[:-1], made))
                for how, made in _another_process(other, key.field)
            )
            missing = self.without(whole[-1], key.field)
            yield f"the last without {key.field}", (*whole[:-1], missing)
        yield from self._keyless(whole)
        yield from (("of one path", events) for events in of_one_path(self._each(), whole))
        if len(whole) > 1:
            yield from self._beside(whole, span)

    def _beside(self, whole: Timeline, span: int | None) -> Iterator[tuple[str, Timeline]]:
        """The timeline with a second beginning: earlier, of another key, or of another that takes turns."""
        gap, keys = self._gap(), self.steps[0].keys
        first, *rest = whole
        if span is not None:
            again = (at(event, span + _GAP + place * gap) for place, event in enumerate(whole))
            yield "begun once before", (first, *again)
        if not keys:
            return
        name = keys[0].field
        if span is not None:
            between = at(self.changed(first, name, 1), span)
            late = (at(event, span + 1 + place * gap) for place, event in enumerate(rest))
            yield f"begun by another {name} when the first is over", (first, between, *late)
        others = [
            self.changed(event, step.keys[0].field, 1)
            for step, event in zip(self._each(), whole, strict=True)
        ]
        turns = (
            at(event, place * gap + half * gap // 2)
            for place, both in enumerate(zip(whole, others, strict=True))
            for half, event in enumerate(both)
        )
        yield "two that take turns", tuple(turns)

    def _each(self) -> list[Step]:
        """The step of each event of the timeline."""
        return [step for step in self.steps if not step.absent for _ in range(step.runs)]

    def _keyless(self, whole: Timeline) -> Iterator[tuple[str, Timeline]]:
        """For each key the timeline in which no event has it: what is missing twice is not the same."""
        for place, key in enumerate(self.steps[0].keys if len(whole) > 1 else ()):
            names = [step.keys[place].field for step in self._each()]
            bare = tuple(self.without(event, name) for name, event in zip(names, whole, strict=True))
            yield f"none with {key.field}", bare
            if all(name.endswith(_PROCESS) for name in names):
                numbers = [f"{name.removesuffix(_PROCESS)}.pid" for name in names]
                none = zip(numbers, bare, strict=True)
                yield (
                    f"none with {key.field}, nor a number instead",
                    tuple(self.without(event, name) for name, event in none),
                )


MARGIN = 1000
"""Milliseconds from an end of the history or the look-back: Splunk's clock has no smaller part of time."""


@dataclass
class _Remembered(Frame):
    """New terms: an event with a combination that was not seen before."""

    terms: NewTerms

    def around(self, place: int, event: Event) -> Timeline:
        return (at(event, 0),)

    def beside(self, event: Event, other: Event) -> Timeline:
        return (at(other, -self.terms.since - MARGIN), at(event, 0))

    def variations(self) -> Iterator[tuple[str, Timeline]]:
        event = self.events[0]
        yield "seen for the first time", (at(event, 0),)
        yield "seen again", (at(event, -1000), at(event, 0))
        since, window = self.terms.since, self.terms.window
        for name, before in (
            ("seen first in the look-back", since - MARGIN),
            ("seen as the look-back begins", since),
            ("seen before the look-back", since + MARGIN),
            ("seen at the start of the history", window - MARGIN),
            ("seen as the history begins", window),
            ("seen before the history", window + MARGIN),
        ):
            yield name, (at(event, -before), at(event, 0))
        for name in self.terms.fields:
            other = self.changed(event, name, 1)
            yield f"seen with another {name}", (at(other, -since - MARGIN), at(event, 0))
        for name in self.terms.fields:
            missing = self.without(event, name)
            yield f"without {name}", (at(missing, 0),)


@dataclass
class _Listed(Frame):
    """An indicator match: the event and an entry of the list that shares its values. The second of the events
    is what the rule asks of an entry besides."""

    match: IndicatorMatch

    def around(self, place: int, event: Event) -> Timeline:
        names = [name for name, _ in self.match.mapping[0]]
        return (self._entry({**dict.fromkeys(names, "203.0.113.9"), **event}, 0), at(event, 0))

    def _entry(self, event: Event, group: int) -> Event:
        entry: dict[str, Any] = dict(self.events[1])
        entry.update((other, event[name]) for name, other in self.match.mapping[group] if name in event)
        return {**at(entry, 0), "$indicator": True}

    def variations(self) -> Iterator[tuple[str, Timeline]]:
        event = self.events[0]
        whole = self.around(0, event)
        yield "an indicator hit", whole
        yield "without an indicator", whole[1:]
        compared = {other for _, other in self.match.mapping[0]}
        for how, kept in (("", set[str]()), (", with what is compared", compared)):
            plain = {
                name: value for name, value in whole[0].items() if name in kept or name not in self.events[1]
            }
            yield f"an entry that the rule does not take{how}", (plain, whole[1])
        texts = {name: value for name in compared if isinstance(value := whole[0].get(name), str)}
        spelled = {name: hive_named(value, "long") for name, value in texts.items()}
        if spelled != texts:
            yield "an entry with the hive's long name", ({**whole[0], **spelled}, whole[1])
        for place, group in enumerate(self.match.mapping):
            filled = {**event, **{name: event.get(name, "203.0.113.9") for name, _ in group}}
            yield f"by the mapping {place + 1}", (self._entry(filled, place), at(filled, 0))
            for name, _ in group:
                other = self.changed(filled, name, 1)
                yield f"another {name}", (self._entry(filled, place), at(other, 0))
