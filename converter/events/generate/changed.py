"""An event with another value in a field, or none: what depends on the field follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any, TypeAlias

from converter.elastic.types import NUMBER_TYPES, field_type
from converter.events.generate.groups import HOST, WHOLES, Group, Values, fields_of_group, group_of
from converter.events.generate.paths import split
from converter.events.generate.usual_paths import path_fields
from converter.late import late

Other: TypeAlias = Callable[[str, Any, int], Any]
"""Of a field, its value and a number: another value of the same kind."""
_SEPARATOR = late(r"([\\/.@ ])")
"""Between parts of a text: of a path, a domain's name, an address of mail."""


def others(event: Values, field: str, number: int) -> Iterator[Values]:
    """The event with other values in the field: another part of a text changed in each, the last one first.

    /proc/7/stat   ->   /proc/7/stat-1, /proc/7-1/stat, /proc-1/7/stat
    """
    yield changed(event, field, number)
    texts = (event.get(name) for name in _moved(group_of(field), field))
    parts = max((_SEPARATOR.split(text)[::2] for text in texts if isinstance(text, str)), key=len, default=[])
    for place in reversed(range(len(parts) - 1)):
        if parts[place]:
            yield changed(event, field, number, partial(_inside, place))


def _inside(place: int, name: str, value: Any, number: int) -> Any:
    """A text with the part at the place changed."""
    if not isinstance(value, str):
        return other_value(name, value, number)
    parts = _SEPARATOR.split(value)
    if 2 * place < len(parts) and parts[2 * place]:
        parts[2 * place] = f"{parts[2 * place]}-{number}"
    return "".join(parts)


def changed(event: Values, field: str, number: int, other: Other | None = None) -> Values:
    """The event with another value in the field, and in all that depends on it. `other`: what the value is
    changed to; None: :func:`other_value`."""
    other = other or other_value
    group = group_of(field)
    made = dict(event)
    for name in _moved(group, field):
        if name in made:
            made[name] = other(name, made[name], number)
    made.update(_spelled_again(event, field, number))
    if group.kind == "image" and not field.endswith(("args", "command_line", "args_count")):
        path = made.get(f"{group.name}.executable")
        separator = "\\" if isinstance(path, str) and "\\" in path else "/"
        if isinstance(path, str) and f"{group.name}.name" in made:
            made[f"{group.name}.name"] = path.rpartition(separator)[2]
    elif group.kind == "image":
        listed = [*made.get(f"{group.name}.args", []), f"--other={number}"]
        made[f"{group.name}.args"] = listed
        made[f"{group.name}.args_count"] = len(listed)
        made[f"{group.name}.command_line"] = f"{made.get(f'{group.name}.command_line', '')} --other={number}"
    elif group.kind == "path":
        fields = path_fields(
            group.name, "windows" if "\\" in str(made.get(f"{group.name}.path")) else "linux"
        )
        path = made.get(fields.path)
        if isinstance(path, str):
            made.update((name, value) for name, value in split(path, fields).items() if name in made)
    return made


def _spelled_again(event: Values, field: str, number: int) -> Values:
    """An end's address is in both of its fields, as a source writes it and as an address."""
    head, _, last = field.rpartition(".")
    both = (f"{head}.ip", f"{head}.address")
    if (
        last not in ("ip", "address")
        or event.get(both[0]) is None
        or event.get(both[0]) != event.get(both[1])
    ):
        return {}
    return dict.fromkeys(both, other_value(both[0], event[both[0]], number))


def has_its_name(event: Values, field: str) -> bool:
    """Whether the name that stands beside the field's path, or is the field, is the path's end."""
    group = group_of(field)
    path = event.get(f"{group.name}.{WHOLES[group.kind]}") if group.kind in WHOLES else None
    name = event.get(f"{group.name}.name")
    if not isinstance(path, str) or not isinstance(name, str):
        return True
    return path == name or path.endswith((f"/{name}", f"\\{name}"))


def without(event: Mapping[str, Any], *fields: str) -> Values:
    """The event without the fields and all that depends on them."""
    gone = _gone(fields)
    return {name: value for name, value in event.items() if name not in gone}


@lru_cache(maxsize=1024)
def _gone(fields: tuple[str, ...]) -> frozenset[str]:
    """What depends on the fields, and they."""
    own = ((*fields_of_group(group_of(field)), *_moved(group_of(field), field)) for field in fields)
    return frozenset().union(*own)


def _moved(group: Group, field: str) -> tuple[str, ...]:
    if group.kind == "image":
        part = field.rpartition(".")[2]
        return (f"{group.name}.executable",) if part in ("name", "executable") else ()
    if group.kind == "path":
        return (f"{group.name}.path",)
    if field in HOST:
        return HOST
    return fields_of_group(group)


def other_value(name: str, value: Any, number: int = 1) -> Any:
    """Another value of the same kind."""
    if isinstance(value, list):
        return [other_value(name, item, number) for item in value] or [f"other-{number}"]
    kind = field_type(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value) + number
    if kind in NUMBER_TYPES and str(value or 0).isdigit():
        return int(value or 0) + number
    if kind == "ip":
        return f"198.51.{100 + number // 250}.{number % 250}"
    return f"{value or 'other'}-{number}"


def varied(event: dict[str, Any], name: str, place: int) -> dict[str, Any]:
    """The event with another value of the field; further ones are numbered."""
    value = event.get(name)
    if value is None:
        return event
    if name.endswith(".ip"):
        return {**event, name: f"198.51.{place // 250}.{place % 250 + 1}"}
    if isinstance(value, str) and place > 1:
        return {**event, name: f"{value}{place}"}
    if isinstance(value, int) and not isinstance(value, bool):
        return {**event, name: value + place}
    return changed(event, name, place)
