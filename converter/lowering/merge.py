"""Parts that differ only by a value, as one part that takes either.

[Initiated=false] Image : "*\\x.exe"  and  [Initiated=true] Image : "*\\x.exe"
->   Image : "*\\x.exe"

[EventCode=12] TargetObject : "*\\x"  and  [EventCode=13] TargetObject : "*\\x"
->   [EventCode=12 or 13] TargetObject : "*\\x"
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from converter.lowering.marks import without_contrast
from converter.lowering.plan import Part

_EITHER = {"true", "false"}


def merge(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts, those of one split that say the same merged into one; a part that another one is, to the
    letter, goes (two records that the profile holds alike)."""
    merged: dict[tuple[object, ...], list[Part]] = {}
    for part in parts:
        shape = part.shape
        place = (shape.table, shape.datamodel, tuple(sorted(shape.logsource.items())), shape.hosts)
        split = part.record.split or part.record.name
        told = tuple(name for name, _ in part.where)
        merged.setdefault((split, place, told, part.predicate, part.keys, part.columns), []).append(part)
    found: list[Part] = []
    for part in map(_one, merged.values()):
        same = next((at for at, other in enumerate(found) if _as_of(part, other) == other), None)
        if same is None:
            found.append(part)
        else:
            found[same] = _on_hosts_of_both(found[same], part).of_both(part)
    return without_contrast(found)


def _on_hosts_of_both(part: Part, other: Part) -> Part:
    """The part, on the hosts of either system where their table is told by that."""
    ours, theirs = part.shape.hosts, other.shape.hosts
    if ours is None or theirs is None:
        return part
    hosts = dataclasses.replace(ours, values=tuple(dict.fromkeys((*ours.values, *theirs.values))))
    return dataclasses.replace(part, shape=dataclasses.replace(part.shape, hosts=hosts))


def _as_of(part: Part, other: Part) -> Part:
    """The part as if it were of the other's record."""
    shape = dataclasses.replace(part.shape, shared=other.shape.shared, hosts=other.shape.hosts)
    return dataclasses.replace(part, record=other.record, shape=shape)


def _one(group: list[Part]) -> Part:
    """The first part; a value in which they differ becomes the list of values, and a flag that may be either
    goes."""
    first = group[0]
    if len(group) == 1 or not first.record.split:
        return first
    together = tuple(
        (name, tuple(dict.fromkeys(value for part in group for value in dict(part.where)[name])))
        for name, _ in first.where
    )
    for part in group[1:]:
        first = first.of_both(part)
    return dataclasses.replace(first, where=tuple(term for term in together if set(term[1]) != _EITHER))
