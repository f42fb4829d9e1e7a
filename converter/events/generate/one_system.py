"""Hosts with one system: what the events of a timeline must be of, that are of one host."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from converter.evaluate.result import Event
from converter.events.generate.groups import HOST
from converter.events.generate.prepared import Prepared

SYSTEM = "host.os.type"


def in_one_system(steps: Sequence[Prepared]) -> None:
    """Puts events of one system first, of those of each step, where all steps have some of it: the steps of a
    sequence are often those of one host."""
    each = [dict.fromkeys(world.shape.system for world, _ in step.positives) for step in steps]
    common = (one for one in each[0] if one and all(one in systems or "" in systems for systems in each))
    system = next(common, None)
    for step in steps if system is not None else ():
        step.positives.sort(key=lambda one: one[0].shape.system not in ("", system))


def of_one_system(timeline: Iterable[Event]) -> bool:
    """Whether each host has one system: the event of another record may be of another than its fellows. One
    that tells no system (of a cluster's audit log) is of any."""
    systems: dict[tuple[str, str], Any] = {}
    return all(
        systems.setdefault((name, str(event[name])), event[SYSTEM]) == event[SYSTEM]
        for event in timeline
        for name in HOST
        if name in event and SYSTEM in event
    )


def is_elsewhere(path: str, event: Event) -> bool:
    """Whether the whole path is one of Windows, and the event of another system, or the other way round."""
    if event.get(SYSTEM) == "windows":
        return path.startswith("/")
    return SYSTEM in event and "\\" in path and not path.startswith("/")
