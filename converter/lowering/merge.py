"""Parts that differ only by a value: `Initiated: true` or `Initiated: false` is either, and goes.

[Initiated=false] Image : "*\\x.exe"  and  [Initiated=true] Image : "*\\x.exe"   ->   Image : "*\\x.exe"
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from converter.lowering.plan import Part


def merge(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts, those of one split that say the same merged into one."""
    merged: dict[tuple[object, ...], list[Part]] = {}
    for part in parts:
        shape = part.shape
        place = (shape.table, shape.datamodel, tuple(sorted(shape.logsource.items())))
        split = part.record.split or part.record.name
        merged.setdefault((split, place, part.predicate, part.keys), []).append(part)
    return tuple(_one(group) for group in merged.values())


def _one(group: list[Part]) -> Part:
    """The first part with what all say alike; a value in which they differ becomes the list of values."""
    first = group[0]
    if len(group) == 1 or not first.record.split:
        return first
    kept: list[tuple[str, tuple[str, ...]]] = []
    for name, values in first.where:
        others = [dict(part.where).get(name) for part in group[1:]]
        if all(other == values for other in others):
            kept.append((name, values))
        elif all(other is not None for other in others):
            together = dict.fromkeys(value for part in group for value in dict(part.where)[name])
            kept.append((name, tuple(together)))
    return dataclasses.replace(first, where=tuple(kept))
