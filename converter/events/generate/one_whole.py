"""A sequence joined by the names of paths, all of whose events have the same path: logs that join by the
whole path take it, and show what else they give up.

[file where ...] by file.name  [process where ...] by process.name
    {file.path: "/tmp/a"}      {process.executable: "/usr/bin/a"}    ->    {process.executable: "/tmp/a"}
"""

from __future__ import annotations

from collections.abc import Sequence

from converter.events.case import Timeline
from converter.events.generate.groups import WHOLES, group_of
from converter.ir import Step


def of_one_whole(timeline: Timeline, steps: Sequence[Step]) -> Timeline | None:
    """The timeline, an event a step, with the first event's path in all; None where no key is such a name, or
    the paths are one anyway."""
    made = [dict(event) for event in timeline]
    if len(timeline) != len(steps):
        return None
    for keys in zip(*([key.field for key in step.keys] for step in steps), strict=True):
        wholes = [_whole(name) for name in keys]
        first = made[0].get(wholes[0] or "")
        if first is None or None in wholes:
            continue
        for event, whole in zip(made, wholes, strict=True):
            event[str(whole)] = first
            directory = f"{str(whole).removesuffix('.path')}.directory"
            if directory in event:
                event[directory] = str(first).rpartition("\\" if "\\" in str(first) else "/")[0]
    found = tuple(made)
    return None if found == tuple(timeline) else found


def _whole(name: str) -> str | None:
    """The path of which the field is the name, if it is one."""
    group = group_of(name)
    return f"{group.name}.{WHOLES[group.kind]}" if name.endswith(".name") and group.kind in WHOLES else None
