"""Parts that differ only by a value, as one part that takes either.

[Initiated=false] Image : "*\\x.exe"  and  [Initiated=true] Image : "*\\x.exe"
->   Image : "*\\x.exe"

[EventCode=12] TargetObject : "*\\x"  and  [EventCode=13] TargetObject : "*\\x"
->   [EventCode=12 or 13] TargetObject : "*\\x"

Two values that differ stay two parts: [a=1, b=1] and [a=2, b=2] together would take [a=1, b=2] too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from itertools import combinations

from converter.lowering.marks import without_contrast
from converter.lowering.plan import LOGS, Part

_EITHER = {"true", "false"}


def merge(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts, those of one place that say the same merged into one; a part that another one is, to the
    letter, goes (two records that the profile holds alike)."""
    alike: dict[tuple[object, ...], list[Part]] = {}
    order: dict[str, int] = {}
    for place, part in enumerate(parts):
        split = part.computed and part.record.separator
        alike.setdefault((part.predicate, part.keys, part.columns, part.computed, split), []).append(part)
        order.setdefault(part.record.name, place)
    merged = [part for group in alike.values() for part in _merged(group)]
    return without_contrast(sorted(merged, key=lambda part: order[part.record.name]))


def _merged(parts: list[Part]) -> list[Part]:
    """The parts, as long as two of them can be one."""
    for one, other in combinations(range(len(parts)), 2):
        together = _together(parts[one], parts[other])
        if together is not None:
            return _merged([*parts[:one], together, *parts[one + 1 : other], *parts[other + 1 :]])
    return parts


def _together(part: Part, other: Part) -> Part | None:
    """Two parts that say the same, as one; None where their places differ, or more than one of the values."""
    names, values = dict(part.where), dict(other.where)
    if names.keys() != values.keys() or not _in_one_place(part, other):
        return None
    different = [name for name in names if names[name] != values[name]]
    if not different:
        return _on_hosts_of_both(part, other)
    name = different[0]
    if len(different) > 1 or part.shape.hosts != other.shape.hosts or (part.shape.order and name in LOGS):
        return None
    names[name] = tuple(dict.fromkeys((*names[name], *values[name])))
    if set(names[name]) == _EITHER:
        del names[name]
    return dataclasses.replace(part.of_both(other), where=tuple(names.items()))


def _in_one_place(part: Part, other: Part) -> bool:
    """Whether their shapes differ, if at all, in their constants and hosts only."""
    ours, theirs = (dataclasses.replace(one.shape, where={}, shared=(), hosts=None) for one in (part, other))
    return ours == theirs


def _on_hosts_of_both(part: Part, other: Part) -> Part:
    """The part, on the hosts of either system where their table is told by that."""
    ours, theirs = part.shape.hosts, other.shape.hosts
    if ours is None or theirs is None:
        return part.of_both(other)
    hosts = dataclasses.replace(ours, values=tuple(dict.fromkeys((*ours.values, *theirs.values))))
    return dataclasses.replace(part.of_both(other), shape=dataclasses.replace(part.shape, hosts=hosts))
