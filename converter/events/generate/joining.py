"""What joins a sequence's events: equal keys, and the rest of what these are a part of.

process.executable is C:\\Users\\jlee\\a.exe in one step   ->   process.name is a.exe in the others
host.id is the same in all steps                      ->   so are the machine's other names
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

from converter.evaluate.result import Event
from converter.events.generate.groups import HOST, WHOLES, Group, group_of
from converter.events.generate.one_system import is_elsewhere
from converter.events.generate.paths import split
from converter.events.generate.usual_paths import image_fields, path_fields
from converter.frozen import dataclass
from converter.ir import Step
from converter.ir.rewrite import fields_of


@dataclass(frozen=True, slots=True)
class Asking:
    """What a step's predicate asks: of which groups of fields, and whether of the machine."""

    groups: frozenset[Group]
    machine: bool


def asking(step: Step) -> Asking:
    """What the step asks beside its keys."""
    names = frozenset(fields_of(step.predicate))
    return Asking(frozenset(map(group_of, names)), not names.isdisjoint(HOST))


def key_values(steps: Sequence[Step], asked: Sequence[Asking], chosen: Sequence[Event]) -> list[Any]:
    """The keys' values: each as the first step has it that asks something of what the key is a part of, else
    as the first has it."""
    found: list[Any] = []
    for place in range(len(steps[0].keys)):
        each = [(step.keys[place].field, one) for step, one in zip(steps, asked, strict=False)]
        held = [
            (group_of(name) in one.groups, event[name])
            for (name, one), event in zip(each, chosen, strict=False)
            if event.get(name) is not None
        ]
        found.append(max(held, key=itemgetter(0))[1] if held else "joined-1")
    return found


def with_key(event: Event, key: str, value: Any) -> Event:
    """What changes in the event for another value of a key: a path has its parts, and a name stands at the
    end of its path. Nothing where the value is a path of another system: no event has it."""
    group, part = group_of(key), key.rpartition(".")[2]
    whole = f"{group.name}.{WHOLES.get(group.kind, '')}"
    path, own = event.get(whole), event.get(key)
    # Of several values none is a path's end.
    if not isinstance(value, str) or not isinstance(path, str) or not isinstance(own, str):
        return {key: value}
    if part == "name" and path.endswith(own):
        path = f"{path.removesuffix(own)}{value}"
    elif key == whole and is_elsewhere(value, event):
        return {}
    elif key == whole:
        path = value
    else:
        return {key: value}
    fields = image_fields if group.kind == "image" else path_fields
    told = split(path, fields(group.name, "windows" if "\\" in path else "linux"))
    return {key: value, **{name: one for name, one in told.items() if name in event}}


def of_one_path(steps: Sequence[Step], events: Sequence[Event]) -> Iterator[tuple[Event, ...]]:
    """The events, one for each step, where they are joined by names at the ends of paths: with the whole path
    of one for all. A log may hold the path alone.

    file.name by process.name: /tmp/a, /usr/bin/a   ->   /tmp/a, /tmp/a   and   /usr/bin/a, /usr/bin/a
    """
    for keys in zip(*(step.keys for step in steps), strict=True):
        groups = [group_of(key.field) for key in keys]
        if not all(
            group.kind in WHOLES and key.field == f"{group.name}.name"
            for key, group in zip(keys, groups, strict=True)
        ):
            continue
        wholes = [f"{group.name}.{WHOLES[group.kind]}" for group in groups]
        paths = dict.fromkeys(event.get(whole) for whole, event in zip(wholes, events, strict=True))
        for path in paths if len(paths) > 1 else ():
            yield tuple(
                {**event, **with_key(event, whole, path)} for whole, event in zip(wholes, events, strict=True)
            )


def machine_of(
    steps: Sequence[Step], asked: Sequence[Asking], chosen: Sequence[Event], shown: int | None
) -> Event:
    """The names that all events have where the steps are joined by a machine: those of the step that asks for
    one, first of the one that is `shown`."""
    if not any(key.field in HOST for key in steps[0].keys):
        return {}
    places = [*([] if shown is None else [shown]), *range(len(steps))]
    owner = next((one for one in places if one < len(chosen) and asked[one].machine), None)
    return {} if owner is None else {name: chosen[owner][name] for name in HOST if name in chosen[owner]}
