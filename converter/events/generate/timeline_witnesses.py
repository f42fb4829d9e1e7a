"""Timelines that show what targets give up, where it takes more than one event.

a log that groups by `DOMAIN\\name`      ->  the same name in another domain, the same id with another name
a log of which one item is looked at     ->  new terms, and counts, of a second item
a longest span                           ->  eight days long
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product
from math import isqrt
from typing import Any

from converter.evaluate.result import Event
from converter.events.case import Timeline
from converter.events.foreign import SPELLING
from converter.events.generate.beyond_limit import beyond_limit
from converter.events.generate.changed import other_value
from converter.events.generate.cut_arguments import ARGS, with_arguments
from converter.events.generate.groups import WHOLES, group_of
from converter.events.generate.logged_otherwise import (
    counted_objects,
    is_looked_up,
    is_object,
    is_part,
)
from converter.events.generate.moments import at
from converter.events.generate.one_whole import of_one_whole
from converter.events.generate.parted import in_another
from converter.events.generate.pipeline_witnesses import Named, Whole, lists_of, pipeline_witnesses
from converter.events.generate.shape import Shape
from converter.events.generate.timelines import MARGIN
from converter.events.row_values import known_otherwise
from converter.ir import Limited, NewTerms, Pipeline, Sample, Threshold
from converter.ir import Sequence as Sequence_
from converter.ir.detection import MvExpand

_ELSEWHERE = {"\\": "C:\\x7", "/": "/x7"}
_EIGHT_DAYS = 8 * 86_400_000
_TIME = "@timestamp"


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
            for name in lists_of(whole, fields):
                yield from _remembered(detection, whole.timeline[-1], name)
            event = whole.timeline[-1]
            again = (at(event, -since - MARGIN), at(event, 0))
            yield from _beside_keys(again, fields)
            yield from _told_apart(again, fields, whole.shape)
        case Pipeline(stages=stages):
            yield from beyond_limit(detection, whole.timeline, whole.grouped)
            expanded = [stage.column for stage in stages if isinstance(stage, MvExpand)]
            beside = _beside_keys(whole.timeline, whole.grouped)
            yield from pipeline_witnesses(whole, expanded, beside)


def _paired(timeline: Timeline, name: str, system: str) -> Named:
    """Few arguments in many lines: each two of them are one; of few lines each has an argument once more."""
    if name.endswith(ARGS) and all(event.get(name) for event in timeline):
        few = isqrt(len(timeline)) + 1
        if 2 * few + 1 < len(timeline):
            pairs = product(range(few), repeat=2)
            further = [[f"x{one}", f"y{other}"] for one, other in islice(pairs, len(timeline))]
        else:
            further = [["x"] * place for place, _ in enumerate(timeline)]
        yield (
            f"few {name} in many lines",
            tuple(
                with_arguments(event, name, [str(_first(event[name])), *more], system)
                for event, more in zip(timeline, further, strict=True)
            ),
        )


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


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
    if part != "name" or group.kind not in WHOLES or key not in event:
        return
    path = f"{group.name}.{WHOLES[group.kind]}"
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
