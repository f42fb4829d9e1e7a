"""Hosts with one system: what the events of a timeline must be of, that are of one host."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from converter.evaluate.result import Event
from converter.events.generate.groups import HOST

SYSTEM = "host.os.type"


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
