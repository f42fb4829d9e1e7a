"""What joins a sequence's events: equal keys, and the rest of what these are a part of.

process.executable is C:\\Users\\jlee\\a.exe in one step   ->   process.name is a.exe in the others
host.id is the same in all steps                      ->   so are the machine's other names
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from converter.evaluate.result import Event
from converter.events.generate.groups import HOST, group_of
from converter.events.generate.paths import split
from converter.events.generate.usual_paths import image_fields, path_fields
from converter.ir import Predicate, Step
from converter.ir.rewrite import fields_of

_PATHS: Mapping[str, str] = {"image": "executable", "path": "path"}
"""By the kind of a group of fields, the part that is the whole path."""


def key_values(steps: Sequence[Step], chosen: Sequence[Event]) -> list[Any]:
    """The keys' values: each as the first step has it that asks something of what the key is a part of, else
    as the first has it."""
    found: list[Any] = []
    for place in range(len(steps[0].keys)):
        names = [step.keys[place].field for step in steps]
        asked = [_asks(step.predicate, name) for step, name in zip(steps, names, strict=True)]
        held = [(one, event.get(name)) for one, name, event in zip(asked, names, chosen, strict=False)]
        values = [one for one in held if one[1] is not None]
        found.append(max(values, key=itemgetter(0))[1] if values else "joined-1")
    return found


def _asks(predicate: Predicate, key: str) -> bool:
    """Whether the predicate asks a field that depends on the key."""
    return group_of(key) in map(group_of, fields_of(predicate))


def with_key(event: Event, key: str, value: Any) -> Event:
    """What changes in the event for another value of a key: a path has its parts, and a name stands at the
    end of its path."""
    group, part = group_of(key), key.rpartition(".")[2]
    whole = f"{group.name}.{_PATHS.get(group.kind, '')}"
    path, own = event.get(whole), event.get(key)
    # Of several values none is a path's end.
    if not isinstance(value, str) or not isinstance(path, str) or not isinstance(own, str):
        return {key: value}
    if part == "name" and path.endswith(own):
        path = f"{path.removesuffix(own)}{value}"
    elif key == whole:
        path = value
    else:
        return {key: value}
    fields = image_fields if group.kind == "image" else path_fields
    told = split(path, fields(group.name, "windows" if "\\" in path else "linux"))
    return {key: value, **{name: one for name, one in told.items() if name in event}}


def of_one_machine(event: Event, steps: Sequence[Step], chosen: Sequence[Event], shown: int | None) -> Event:
    """What changes in a step's event where the steps are joined by a machine: all its names are those of the
    step that asks for one, first of the one that is `shown`."""
    if not any(key.field in HOST for key in steps[0].keys):
        return {}
    places = [*([] if shown is None else [shown]), *range(len(steps))]
    asking = (chosen[place] for place in places if place < len(chosen) and _asks_machine(steps[place]))
    names: Event = next(asking, {})
    return {name: names[name] for name in HOST if name in event and name in names}


def _asks_machine(step: Step) -> bool:
    return any(name in HOST for name in fields_of(step.predicate))
