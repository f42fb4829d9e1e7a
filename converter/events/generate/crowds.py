"""Timelines of a pipeline with further events that speak against an alert, where it asks that something be
seldom, or new, or most of what there is.

    where event_count <= 3        ->  an event, and a dozen that a target takes as well, or misses
    where first_seen >= now - 5m  ->  an event, and an earlier one that a target misses
    stats ... by user, network    ->  events of another network, in a log that has none: of the same group
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeAlias

from converter.evaluate.elastic.indices import INDEX
from converter.evaluate.result import Event
from converter.events.case import Timeline
from converter.events.generate.atoms import Atom
from converter.events.generate.basis import Basis
from converter.events.generate.changed import changed, varied, without
from converter.events.generate.drafts import Draft, Named
from converter.events.generate.groups import field_of, fields_of_group, group_of
from converter.events.generate.groups_apart import groups_apart
from converter.events.generate.moments import at, at_the_start
from converter.events.generate.one_system import SYSTEM
from converter.events.generate.other_kinds import frames_of_other_kinds, kind_of
from converter.events.generate.pairs import in_list
from converter.events.generate.world import World
from converter.ir.detection import Stats
from converter.ir.rewrite import value_fields
from converter.ir.value import FieldValue

if TYPE_CHECKING:
    from converter.events.generate.pipelines import Piped

_CROWD = 12
"""Further events that speak against an alert, at least."""
_SHORT, _LONG = 60, 400
"""Events of a timeline to which others are added, and of those that are, at most."""
_FEW = 4
_TIME = "@timestamp"


Found: TypeAlias = tuple[World, Atom, Event]


def crowds(basis: Basis, mistaken: Iterable[Named], found: Sequence[Found]) -> Iterator[Draft]:
    """The timelines with further events: of groups that logs do not tell apart, of several values, of each
    kind, and such as targets take for those; then with events of each kind around those of another. `found`
    are events in which an atom decides."""
    frame, kinds = basis.piped, basis.steps[0].positives
    if frame is None:
        return
    for changes in groups_apart(kinds, frame.grouped):
        yield from (Draft(name, timeline) for name, timeline in _merged(frame, changes))
    yield from islice(_of_several_values(frame, found), _FEW)
    yield from islice(_of_alternatives(frame, found), _FEW)
    named = [(f"as {kind_of(world)}", event) for world, event in kinds]
    for how, event in chain(named, mistaken):
        yield Draft(f"further ones {how}", _crowded(frame, event))
        if INDEX in event:
            yield from _without_a_key(frame, how, event)
    for where, other in frames_of_other_kinds(basis):
        for how, event in named:
            yield Draft(f"further ones {how}, around {where}", _crowded(other, event))


def _without_a_key(frame: Piped, how: str, event: Event) -> Iterator[Draft]:
    """The timeline with further events of another data stream in the group of what lacks one of the keys: of
    the others a log may never have the same value (a machine's name, and an address)."""
    for name in dict.fromkeys(_keys(frame)):
        if whole := tuple(without(dict(one), name) for one in frame.whole):
            others = _crowded(frame, without(dict(event), name), whole)
            yield Draft(f"further ones {how}, all without {name}", others)


def _of_alternatives(frame: Piped, found: Sequence[Found]) -> Iterator[Draft]:
    """The timelines around an event of one alternative, and further ones of another, by a field that some log
    lacks: neither is one of the keys."""
    keys = frozenset(_parts_of_keys(frame))
    fields = [str(field_of(atom.leaf)) for _, atom, _ in found]
    free = [place for place, name in enumerate(fields) if name not in keys and in_list(found[place][1])]
    missed = [place for place in free if fields[place] in found[place][0].unheld]
    around = {fields[place]: found[place][2] for place in free if place not in missed}
    for place in missed:
        for name, event in around.items():
            crowd = _crowded(frame, found[place][2], tuple(frame.around(0, event)))
            yield Draft(f"further ones by {fields[place]}, around one by {name}", crowd)


def _of_several_values(frame: Piped, found: Iterable[Found]) -> Iterator[Draft]:
    """The timelines around an event with the one value that an atom asks, and further ones with others beside
    it, which ES|QL does not take."""
    for _, atom, event in found:
        name = str(field_of(atom.leaf))
        values = event.get(name)
        if not isinstance(values, list) or len(values) < 2 or frame.takes(event):
            continue
        alone = next((made for one in values if frame.takes(made := {**event, name: [one]})), None)
        if alone is not None:
            yield Draft(
                f"further ones with another {name}", _crowded(frame, event, tuple(frame.around(0, alone)))
            )


def _crowded(frame: Piped, event: Event, whole: Timeline = ()) -> Timeline:
    """The timeline in which everything holds, with further such events in its group: each with other values
    of what is counted, the first of them as early as a run looks."""
    whole = whole or frame.whole
    if not whole or len(whole) > _SHORT:
        return (at(event, 0),)
    if event.get(SYSTEM) not in (None, whole[0].get(SYSTEM)):
        event = changed(dict(event), "host.id", 1)  # a host has one system
    keys = [name for name in _parts_of_keys(frame) if name in whole[0] and name in event]
    found = {**event, **{name: whole[0][name] for name in keys}}
    number = max(_CROWD, *(number for number in frame.numbers if number <= _SHORT))
    first, *more = (_numbered(frame, found, one) for one in range(1, number + 1))
    return (at_the_start(first, frame.window), *whole, *_at_the_end(whole, more))


def _merged(frame: Piped, changes: Event) -> Iterator[tuple[str, Timeline]]:
    """The timeline with events of another group, which differs in this, and a log that lacks the fields takes
    for the same: further ones, and those of timelines near an alert."""
    whole = frame.whole
    changes = {name: value for name, value in changes.items() if name in _keys(frame)}
    if not whole or not changes or len(whole) > _SHORT:
        return
    how = f"in another {', '.join(sorted(changes))}"
    keys = {**{name: whole[0][name] for name in frame.grouped if name in whole[0]}, **changes}
    for event in frame.events:
        more = (_numbered(frame, {**event, **keys}, number) for number in range(2 * len(whole) + _CROWD))
        yield f"further ones {how}", (*whole, *_at_the_end(whole, more))
    for number, near in frame.near:
        times = min(_LONG // near.total, _CROWD)
        if times:
            many = replace(near, numbers=tuple(one * times for one in near.numbers))
            others = ({**event, **keys} for event in frame.made(many))
            yield f"all but condition {number + 1} of the counts {how}", (*whole, *others)


def _at_the_end(whole: Timeline, events: Iterable[Event]) -> Iterator[Event]:
    """The events at the time of the timeline's last."""
    return ({**event, _TIME: whole[-1][_TIME]} for event in events)


def _numbered(frame: Piped, event: Event, number: int) -> Event:
    """The event with another value of each field that is counted, and is no group."""
    made = dict(event)
    for name in sorted(set(frame.counted) - set(_keys(frame))):
        made = frame.consistent(varied(made, name, number))
    return made


def _keys(frame: Piped) -> Iterator[str]:
    """The fields of which the groups are made."""
    first = frame.form.stages[0]
    assert isinstance(first, Stats)
    columns = dict(frame.form.columns)
    for _, value in first.by:
        found = columns[value.name] if isinstance(value, FieldValue) else value
        yield from (name for name in value_fields(found) if name != _TIME)


def _parts_of_keys(frame: Piped) -> Iterator[str]:
    """The fields of which the groups are made, and the path or the name that goes with them."""
    for name in _keys(frame):
        group, part = group_of(name), name.rpartition(".")[2]
        whole = part in ("name", "executable") if group.kind == "image" else group.kind == "path"
        yield from (
            other
            for other in fields_of_group(group)
            if other == name or (whole and not other.endswith(("args", "command_line", "args_count")))
        )
