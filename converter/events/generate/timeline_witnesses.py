"""Timelines that show what targets give up, where it takes more than one event.

a log that groups by `DOMAIN\\name`      ->  the same name in another domain, the same id with another name
a log of which one item is looked at     ->  new terms, and counts, of a second item
a longest span                           ->  eight days long
ES|QL takes no event of several values   ->  all events with another value too; more such events
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, cycle, islice, product
from math import isqrt
from typing import Any

from converter.evaluate.result import Event
from converter.events.case import Timeline
from converter.events.foreign import SPELLING
from converter.events.generate.beyond_limit import beyond_limit
from converter.events.generate.changed import changed, other_value, varied
from converter.events.generate.cut_arguments import ARGS, with_arguments
from converter.events.generate.groups import ONE_ELEMENT, group_of
from converter.events.generate.logged_otherwise import (
    counted_objects,
    is_looked_up,
    is_object,
    is_part,
    object_timelines,
)
from converter.events.generate.moments import at, at_the_start
from converter.events.generate.one_whole import of_one_whole
from converter.events.generate.parted import in_another
from converter.events.generate.shape import Shape
from converter.events.generate.timelines import MARGIN
from converter.events.row_values import known_otherwise
from converter.frozen import dataclass
from converter.ir import Detection, Equals, Exists, Limited, NewTerms, Pipeline, Predicate, Sample, Threshold
from converter.ir import Sequence as Sequence_
from converter.ir.detection import MvExpand
from converter.ir.predicate import TRUE
from converter.ir.rewrite import leaf_fields, leaves

Named = Iterator[tuple[str, Timeline]]
_ELSEWHERE = {"\\": "C:\\x7", "/": "/x7"}
_COPIES = 12
_CROWD = 60
_EIGHT_DAYS = 8 * 86_400_000
_TIME = "@timestamp"
_LONGEST, _MOST = 400, 1000
"""Events of a timeline that are all changed; those of one in which objects are."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A rule's timeline in which everything holds, the kind of its first event, the fields that it counts,
    by which it groups, what it asks before, and how far it looks back."""

    detection: Detection
    timeline: Timeline
    shape: Shape
    counted: Sequence[str] = ()
    grouped: Sequence[str] = ()
    filtered: Predicate = TRUE
    look_back: int = 0


def timeline_witnesses(whole: Whole) -> Named:
    """The timelines for the rule's kind of detection, each with a name."""
    detection = whole.detection
    while isinstance(detection, Limited):
        detection = detection.base
    match detection:
        case Sequence_(steps=steps) | Sample(steps=steps):
            if isinstance(detection, Sequence_):
                yield from _long(detection, whole.timeline)
            keys = [key.field for key in steps[-1].keys]
            yield from _beside_keys(whole.timeline, keys)
            if (one := of_one_whole(whole.timeline, steps)) is not None:
                yield from ((f"{how}, in one path", made) for how, made in _beside_keys(one, keys))
            yield from _told_apart(whole.timeline, keys, whole.shape)
        case Threshold(fields=fields, cardinality=cardinality):
            yield from _beside_keys(whole.timeline, fields)
            counted = [name for name, _ in cardinality]
            yield from _told_apart(whole.timeline, (*fields, *counted), whole.shape)
            for name in counted:
                yield from _paired(whole.timeline, name, whole.shape.system)
        case NewTerms(fields=fields, since=since):
            for name in _lists(whole, fields):
                yield from _remembered(detection, whole.timeline[-1], name)
            event = whole.timeline[-1]
            again = (at(event, -since - MARGIN), at(event, 0))
            yield from _beside_keys(again, fields)
            yield from _told_apart(again, fields, whole.shape)
        case Pipeline(stages=stages):
            yield from beyond_limit(detection, whole.timeline, whole.grouped)
            yield from _piped(whole, [stage.column for stage in stages if isinstance(stage, MvExpand)])


def _paired(timeline: Timeline, name: str, system: str) -> Named:
    """Few arguments in many lines: each two of them are one."""
    if name.endswith(ARGS) and all(event.get(name) for event in timeline):
        few = isqrt(len(timeline)) + 1
        pairs = product(range(few), repeat=2)
        yield (
            f"few {name} in many lines",
            tuple(
                with_arguments(event, name, [str(_first(event[name])), f"x{one}", f"y{other}"], system)
                for event, (one, other) in zip(timeline, pairs, strict=False)
            ),
        )


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def _lists(whole: Whole, names: Sequence[str]) -> list[str]:
    """Those of the fields that some log holds as an array, or the event does, with more than one element."""
    names = [name for name in names if name not in ONE_ELEMENT]
    record, event = whole.shape.record, whole.timeline[-1]
    listed = record.lists if record is not None else frozenset[str]()
    return [name for name in dict.fromkeys(names) if name in listed or isinstance(event.get(name), list)]


def _long(sequence: Sequence_, timeline: Timeline) -> Named:
    """Without a span, a sequence that takes eight days."""
    if sequence.maxspan is None and len(timeline) > 1:
        *before, last = timeline
        yield "the last eight days later", (*before, at(last, _EIGHT_DAYS))


def _beside_keys(timeline: Timeline, keys: Sequence[str]) -> Named:
    """The first or the last event with the same keys, and another value of what a log holds together with
    one."""
    if len(timeline) < 2:
        return
    first, *rest = timeline
    *before, last = timeline
    for key in dict.fromkeys(keys):
        for name, values in _other_parts(last, key):
            yield f"the last with another {name}", (*before, {**last, **values})
        for name, values in _other_parts(first, key):
            yield f"the first with another {name}", ({**first, **values}, *rest)


def _other_parts(event: Event, key: str) -> Iterator[tuple[str, Event]]:
    """What a log holds in one value with the key, changed."""
    group, part = group_of(key), key.rpartition(".")[2]
    if key == "user.name" and "user.domain" in event:
        yield "user.domain", {"user.domain": other_value("user.domain", event["user.domain"])}
    if key == "user.id" and key in event and "user.name" in event:
        yield "user.name", {"user.name": other_value("user.name", event["user.name"])}
        yield "user.id, of the same name", {"user.id": other_value("user.id", event["user.id"])}
    if part != "name" or group.kind not in ("image", "path") or key not in event:
        return
    path = f"{group.name}.{'executable' if group.kind == 'image' else 'path'}"
    if path in event:
        separator = "\\" if "\\" in str(event[path]) else "/"
        inside = f"{str(event[path]).rpartition(separator)[0]}{separator}x7"
        for how, folder in (("", _ELSEWHERE[separator]), (", one folder further", inside)):
            moved = {path: f"{folder}{separator}{event[key]}"}
            if group.kind == "path" and f"{group.name}.directory" in event:
                moved[f"{group.name}.directory"] = folder
            yield f"{path}{how}", moved


def _remembered(terms: NewTerms, event: Event, name: str) -> Named:
    """Terms of which an event has several: each is new or is not."""
    value = event[name][0] if isinstance(event[name], list) else event[name]
    other = other_value(name, value)
    seen = -terms.since - MARGIN
    for how, before, now in (
        (f"{name} seen behind another", [other, value], [value]),
        (f"a new {name} behind one that was seen", [value], [value, other]),
    ):
        yield how, (at({**event, name: before}, seen), at({**event, name: now}, 0))


def _told_apart(timeline: Timeline, names: Sequence[str], shape: Shape) -> Named:
    """Values that are the same in Elastic and not in a log, or the other way round, where a log writes an
    object in its own order, or knows by itself what Elastic looks up."""
    first, *rest = timeline
    for name in names if rest else ():
        if is_object(name, shape.record):
            yield from counted_objects(timeline, name)
        if name in first and is_part(name, shape.record):
            others = (
                in_another({**event, name: first[name], SPELLING: place}, name, shape.parts, place)
                for place, event in enumerate(rest, 1)
            )
            yield f"one {name}, each time in another value", (first, *others)
        if name in first and is_looked_up(name, shape.record):
            *before, last = ({**event, name: first[name]} for event in timeline)
            yield f"one {name}, of which a log knows two", (*before, {**last, SPELLING: 1})
            other = known_otherwise(first[name], 1)
            others = ({**event, name: other} for event in rest)
            yield f"two of {name}, which a log takes for one", ({**first, SPELLING: 1}, *others)
            yield f"{name} of which a log knows nothing", tuple({**one, SPELLING: 2} for one in timeline)


def _piped(whole: Whole, expanded: Sequence[str]) -> Named:
    """Events with several values, all of them or further ones; what is counted as a second item."""
    timeline = whole.timeline
    for name in dict.fromkeys(chain(*timeline)) if len(timeline) <= _MOST else ():
        if is_object(name, whole.shape.record):
            yield from object_timelines(timeline, name)
    if len(timeline) > _LONGEST:
        return
    yield from _beside_keys(timeline, whole.grouped)
    event = {name: value for one in reversed(timeline) for name, value in one.items()}
    asked = sorted(whole.shape.asked & event.keys())
    for name in dict.fromkeys(
        [*(one for one in asked if isinstance(event[one], list)), *_lists(whole, asked)]
    ):
        if not whole.shape.is_single(name):
            listed = isinstance(event[name], list)
            more = _beside(name, "other" if listed else other_value(name, event[name]))
            yield f"all with another {name} too", tuple(map(more, timeline))
            copies = [more(one) for one in timeline[:_COPIES]] * (_COPIES // min(len(timeline), _COPIES))
            yield f"more events with another {name} too", (*timeline, *copies)
            others = (_changed(one, whole.counted, number) for number, one in enumerate(copies, 1))
            yield f"other events with another {name} too", (*timeline, *others)
    for name in dict.fromkeys(expanded):
        yield from _expanded(whole, name)
    asks = {
        name for leaf in leaves(whole.filtered) if not isinstance(leaf, Exists) for name in leaf_fields(leaf)
    }
    free = [name for name in (*whole.counted, *whole.grouped) if name not in asks]
    for name in _lists(whole, free):
        alike = other_value(name, "x")
        alike = alike[0] if isinstance(alike, list) else alike
        for how, pair in (
            (f"all with a second {name}", _beside(name, alike)),
            (f"all with {name} as the second", _beside(name, alike, first=True)),
        ):
            yield how, tuple(pair(event) if whole.shape.has(event) else event for event in timeline)
        if name in whole.grouped:
            yield from _in_several_groups(timeline, name, whole.shape)


def _in_several_groups(timeline: Timeline, name: str, shape: Shape) -> Named:
    """Events that are in a group by their second item: every other one; many further ones. Of the kind that a
    log holds with several (`shape`)."""
    own = [event for event in timeline if shape.has(event)]
    turns = [_beside(name, _numbered(name, event, 1), first=True) for event in timeline]
    halved = (
        turn(event) if place % 2 and shape.has(event) else event
        for place, (turn, event) in enumerate(zip(turns, timeline, strict=True))
    )
    yield f"every other one with {name} as the second", tuple(halved)
    more = islice(cycle(own), _CROWD)
    others = (
        _beside(name, _numbered(name, one, place), first=True)(one) for place, one in enumerate(more, 1)
    )
    yield f"many more with {name} as the second", (*timeline, *others)


def _numbered(name: str, event: Event, number: int) -> object:
    """Another value than the event's, by its number."""
    value = event.get(name)
    own = value[0] if isinstance(value, list) and value else value
    return varied({name: own}, name, number).get(name)


def _expanded(whole: Whole, name: str) -> Named:
    """Events with several values of a field of which each is a row: all that the filter names, or one more;
    as many events, and half as many."""
    timeline = whole.timeline
    named = [
        str(leaf.value) for leaf in leaves(whole.filtered) if isinstance(leaf, Equals) and leaf.field == name
    ]
    for how, others in (("all values", named), ("another value", [])):
        for least, number in (("", len(timeline)), (", half as many", len(timeline) // 2)):
            made = tuple(_with_values(event, name, others) for event in timeline[:number])
            if made:
                yield f"{how} of {name} in each event{least}", made
                before = at_the_start(timeline[0], whole.look_back)
                yield f"{how} of {name} in each event{least}, one seen before", (before, *made)


def _with_values(event: Event, name: str, others: Sequence[str]) -> Event:
    value = event.get(name)
    own = value if isinstance(value, list) else [] if value is None else [value]
    more = others or [other_value(name, one) for one in own[:1]]
    return {**event, name: [*own, *(one for one in more if one not in own)]} if own else event


def _beside(name: str, other: object, first: bool = False) -> Callable[[Event], Event]:
    """The event with a second value in a field, behind its own or (`first`) before it."""

    def made(event: Event) -> Event:
        value = event.get(name)
        own = value[0] if isinstance(value, list) and value else value
        return event if own is None else {**event, name: [other, own] if first else [own, other]}

    return made


def _changed(event: Event, fields: Sequence[str], number: int) -> Event:
    made = dict(event)
    for name in fields:
        if name in made:
            made = changed(made, name, number)
    return made
