"""What happened on one system, as another system would have it: a target that does not ask for the system
takes it too.

    process.name : "a.exe" on Windows   ->   `/opt/contoso/bin/a.exe` on Linux
                                             `/C:\\Users\\jlee\\a.exe` there, whose name that is
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from converter.evaluate.result import Event
from converter.events.generate.groups import WHOLES, group_of
from converter.events.generate.other_records import as_of, as_other, beside, is_counterpart, together
from converter.events.generate.prepared import Prepared
from converter.events.generate.world import World
from converter.ir import Predicate
from converter.lowering.recognise import Itself, covers
from converter.taxonomy.model import Record, Taxonomy

_SYSTEMS = ("windows", "linux", "macos")


def on_other_systems(
    steps: Sequence[Prepared], index: Sequence[str], taxonomy: Taxonomy
) -> Iterator[tuple[str, list[Event]]]:
    """An event for each step of a sequence, all of a system that the rule does not take: a host has one.

    Then Windows' events with its paths for names.
    """
    for system in _SYSTEMS:
        found = [_on(system, step, index, taxonomy) for step in steps]
        events = [event for event in found if event is not None]
        if len(events) == len(found):
            yield f"on {system}", events
    named = [_first_misnamed(step, index, taxonomy) for step in steps]
    events = [event for event in named if event is not None]
    if len(events) == len(named):
        yield "with paths of Windows for names", events


def _on(system: str, step: Prepared, index: Sequence[str], taxonomy: Taxonomy) -> Event | None:
    """What the step asks, in an event of that system which it does not take."""
    for world, event in step.positives:
        if world.shape.system == system:
            continue
        for other, rest in beside(world, step.predicate, index, taxonomy):
            if other.os == system:
                for _, made in as_other(world, event, rest, other, taxonomy, step.predicate):
                    return made
    return None


def _first_misnamed(step: Prepared, index: Sequence[str], taxonomy: Taxonomy) -> Event | None:
    made = (made for kind in step.positives for _, made in misnamed(*kind, index, taxonomy, step.predicate))
    return next(made, None)


def misnamed(
    world: World, event: Event, index: Sequence[str], taxonomy: Taxonomy, predicate: Predicate
) -> Iterator[tuple[str, Event]]:
    """What happened on Windows, as another system's record of it would have it: there a whole path of Windows
    may be the name of one file, which begins with a drive and ends in `\\name`. A target that knows Windows
    by such paths alone takes it. Not an event that the predicate takes but for a synonym, or takes while the
    rule's index patterns leave it out, nor one with a path of neither system."""
    record = world.shape.record
    if record is None or world.shape.system != "windows" or not any(map(_is_path, event.items())):
        return
    for other in counterparts(record, Itself(taxonomy)):
        kind = as_of(other, world, taxonomy)
        usual = replace(kind, present=()).solve([])
        if usual is not None:
            usual = {name: value for name, value in usual.items() if group_of(name).kind not in WHOLES}
            carried = {name: event[name] for name in other.cells if name in event}
            carried = {name: value for name, value in carried.items() if group_of(name).kind != "account"}
            made = _renamed({**usual, **carried})
            unread = not covers(other, index) and world.tests.holds(predicate, made)
            is_written = _is_absolute(made) and not unread
            if is_written and not kind.shape.by_synonym(made, predicate, world.tests):
                yield f"as {other.title}, with paths of Windows for names", made
            return


@lru_cache(maxsize=512)
def counterparts(record: Record, taxonomy: Itself[Taxonomy]) -> tuple[Record, ...]:
    """What the record of Windows is on other systems, first what most profiles hold in one table with it."""
    found = (one for one in taxonomy.value.records if one.os in ("linux", "macos"))
    counterparts = [one for one in found if is_counterpart(record, one)]
    return tuple(sorted(counterparts, key=lambda one: -together(record, one)))


def _is_path(item: tuple[str, object]) -> bool:
    name, value = item
    return group_of(name).kind in WHOLES and isinstance(value, str) and "\\" in value


def _is_absolute(event: Event) -> bool:
    """Whether the event's whole paths are ones of another system than Windows."""
    wholes = (value for name, value in event.items() if _is_whole(name) and isinstance(value, str))
    return all(value.startswith("/") for value in wholes)


def _is_whole(name: str) -> bool:
    return name.rpartition(".")[2] == WHOLES.get(group_of(name).kind)


def _renamed(event: Event) -> Event:
    """The event with each path of Windows as the name of a file in the root folder."""
    made = dict(event)
    for name, value in event.items():
        group = group_of(name)
        if not _is_whole(name) or not _is_path((name, value)):
            continue
        made[name] = f"/{value}"
        made |= {f"{group.name}.name": value} if f"{group.name}.name" in event else {}
        made |= {f"{group.name}.directory": "/"} if f"{group.name}.directory" in event else {}
    return made
