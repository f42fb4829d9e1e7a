"""Reads fields of events: nested objects, dotted keys or any mixture, arrays at any level.

A getter gives what stands at a field: None, one value, or a list that may hold lists and nulls; an
object where the name is not a leaf. :func:`values` flattens that to the field's values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from converter.elastic.types import parent_field

Raw: TypeAlias = Any
Getter: TypeAlias = Callable[[Mapping[str, Any]], Raw]


@lru_cache(maxsize=8192)
def field_getter(name: str) -> Getter:
    """Reads the field; a multi-field (`process.name.text`) that an event lacks reads its parent."""
    get = _getter(tuple(name.split(".")))
    parent = parent_field(name)
    if parent is None:
        return get
    get_parent = field_getter(parent)

    def get_multi(event: Mapping[str, Any]) -> Raw:
        found = get(event)
        return get_parent(event) if found is None else found

    return get_multi


def _getter(parts: tuple[str, ...]) -> Getter:
    """Looks under each way to cut the name into keys: `a.b.c`, `a.b` then `c`, `a` then `b.c` or `b`, `c`."""
    if len(parts) == 1:
        only = parts[0]
        return lambda event: event.get(only)
    if len(parts) == 2:
        return _pair_getter(*parts)
    whole, head, get_head = ".".join(parts), parts[0], _getter(parts[1:])
    others = tuple((".".join(parts[:cut]), _getter(parts[cut:])) for cut in range(2, len(parts)))

    def get(event: Mapping[str, Any]) -> Raw:
        found = event.get(whole)
        inner = event.get(head)
        if inner is not None:
            below = get_head(inner) if inner.__class__ is dict else _through(inner, get_head)
            if below is not None:
                found = below if found is None else [found, below]
        for key, get_rest in others:
            if key in event:
                below = _through(event[key], get_rest)
                if below is not None:
                    found = below if found is None else [found, below]
        return found

    return get


def _pair_getter(head: str, last: str) -> Getter:
    """The same for a name of two parts, which every longer name ends in: written out for speed."""
    whole, get_last = f"{head}.{last}", _getter((last,))

    def get(event: Mapping[str, Any]) -> Raw:
        found = event.get(whole)
        inner = event.get(head)
        if inner is not None:
            below = inner.get(last) if inner.__class__ is dict else _through(inner, get_last)
            if below is not None:
                return below if found is None else [found, below]
        return found

    return get


def _through(inner: Any, get: Getter) -> Raw:
    """The field below an object, or below each object of an array."""
    if isinstance(inner, Mapping):
        return get(inner)
    if isinstance(inner, list | tuple):
        below = [found for item in inner if (found := _through(item, get)) is not None]
        return below or None
    return None


def flat(raw: Raw) -> Iterator[Any]:
    """The values in what a getter gave, without nulls and objects."""
    if isinstance(raw, list | tuple):
        for item in raw:
            yield from flat(item)
    elif raw.__class__ is str or (raw is not None and not isinstance(raw, Mapping)):
        yield raw


def values(raw: Raw) -> tuple[Any, ...]:
    """The same as :func:`flat`, as a tuple."""
    if raw is None:
        return ()
    if raw.__class__ is str:
        return (raw,)
    return tuple(flat(raw))


def present(raw: Raw) -> bool:
    """Whether a field has a value, itself or below it."""
    if raw.__class__ is str:
        return True
    if isinstance(raw, Mapping):
        return any(present(item) for item in raw.values())
    if isinstance(raw, list | tuple):
        return any(present(item) for item in raw)
    return raw is not None


def objects(raw: Raw) -> Iterator[Mapping[str, Any]]:
    """The objects of an array of objects, or the one object."""
    if isinstance(raw, Mapping):
        yield raw
    elif isinstance(raw, list | tuple):
        for item in raw:
            yield from objects(item)


def leaves(event: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """All values of an event with the full names of their fields; keys such as `$table` are no fields."""
    for key, item in event.items():
        if not prefix and key.startswith("$"):
            continue
        yield from _leaves(prefix + key, item)


def _leaves(name: str, item: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(item, Mapping):
        yield from leaves(item, f"{name}.")
    elif isinstance(item, list | tuple):
        for part in item:
            yield from _leaves(name, part)
    elif item is not None:
        yield name, item


def nested(event: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted names as objects; a name that is both a value and an object's stays dotted."""
    made: dict[str, Any] = {}
    for name, value in event.items():
        *above, last = name.split(".")
        holder: dict[str, Any] | None = made
        for part in above:
            inner = holder.setdefault(part, {}) if holder is not None else None
            holder = inner if isinstance(inner, dict) else None
        if holder is None or isinstance(holder.get(last), Mapping):
            made[name] = value
        else:
            holder[last] = value
    return made
