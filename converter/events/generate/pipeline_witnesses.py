"""ES|QL: timelines that show what targets make of events with several values, and of a second item.

ES|QL takes no event of several values   ->  all events with another value too; more such events
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, cycle, islice

from converter.evaluate.result import Event
from converter.events.case import Timeline
from converter.events.generate.changed import changed, other_value, varied
from converter.events.generate.groups import ONE_ELEMENT
from converter.events.generate.logged_otherwise import is_object, object_timelines
from converter.events.generate.moments import at_the_start
from converter.events.generate.shape import Shape
from converter.frozen import dataclass
from converter.ir import Detection, Equals, Exists, Predicate
from converter.ir.predicate import TRUE
from converter.ir.rewrite import leaf_fields, leaves

Named = Iterator[tuple[str, Timeline]]
_COPIES = 12
_CROWD = 60
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


def lists_of(whole: Whole, names: Sequence[str]) -> list[str]:
    """Those of the fields that some log holds as an array, or the event does, with more than one element."""
    names = [name for name in names if name not in ONE_ELEMENT]
    record, event = whole.shape.record, whole.timeline[-1]
    listed = record.lists if record is not None else frozenset[str]()
    return [name for name in dict.fromkeys(names) if name in listed or isinstance(event.get(name), list)]


def pipeline_witnesses(whole: Whole, expanded: Sequence[str], beside: Named) -> Named:
    """Events with several values, all of them or further ones; what is counted as a second item. `beside`:
    timelines with other values of what a log holds together with a key."""
    timeline = whole.timeline
    for name in dict.fromkeys(chain(*timeline)) if len(timeline) <= _MOST else ():
        if is_object(name, whole.shape.record):
            yield from object_timelines(timeline, name)
    if len(timeline) > _LONGEST:
        return
    yield from beside
    event = {name: value for one in reversed(timeline) for name, value in one.items()}
    asked = sorted(whole.shape.asked & event.keys())
    for name in dict.fromkeys(
        [*(one for one in asked if isinstance(event[one], list)), *lists_of(whole, asked)]
    ):
        # Of a field that a log tells by others, another word is in no log.
        if not whole.shape.is_single(name) and name not in {*whole.shape.derived, *whole.shape.looked_up}:
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
    for name in lists_of(whole, free):
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
    """The event with a further value in a field, behind its own or (`first`) before them."""

    def made(event: Event) -> Event:
        value = event.get(name)
        own = value if isinstance(value, list) else [] if value is None else [value]
        return {**event, name: [other, *own] if first else [*own, other]} if own else event

    return made


def _changed(event: Event, fields: Sequence[str], number: int) -> Event:
    made = dict(event)
    for name in fields:
        if name in made:
            made = changed(made, name, number)
    return made
