"""Events without a path, for logs that know a record by one: nothing else is asked of the path, or it is in
another way.

process.name == "touch" or process.args == "touch"
    {executable: "/bin/touch", name: "touch", args: ["touch"]}   ->   {args: ["touch"]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from converter.events.generate.held import left
from converter.events.generate.world import World
from converter.ir import Exists, Predicate

_PARTS: Mapping[str, tuple[str, ...]] = {
    "process.executable": ("process.name",),
    "file.path": ("file.name", "file.extension", "file.directory"),
    "process.parent.executable": ("process.parent.name",),
}
"""Each path with its parts: an event that has not the one has not the others."""


def without_paths(
    world: World, event: Mapping[str, Any], predicate: Predicate
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """For each path of the event, the event without it; where it does not do without, another that does."""
    for path, parts in _PARTS.items():
        if path not in event:
            continue
        names = (path, *parts)
        made = {name: value for name, value in event.items() if name not in names}
        if not world.tests.holds(predicate, made):
            absent = [(Exists(name), False) for name in names]
            lacking = replace(world.shape, absent=world.shape.absent.union(names))
            rest = [(left(predicate, frozenset(names)), True)]
            found = world.solve([(predicate, True), *absent]) or world.of(lacking, strict=True).solve(rest)
            made = found or made
        yield f"without {path}", made
