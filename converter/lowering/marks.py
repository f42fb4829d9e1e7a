"""What tells a record's events from those of others in the same table: patterns of a path.

File creation on Linux, DeviceFileEvents      ->   FolderPath like "/*"
FolderPath like "/etc/*" and FolderPath like "/*"  ->   FolderPath like "/etc/*"
(x and p like "/*") or (x and not p like "/*")     ->   x
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from converter.ir import Like, Not, Predicate, Wild
from converter.ir.cover import implies
from converter.ir.rewrite import conjunction, conjuncts
from converter.lowering.plan import Part
from converter.taxonomy.model import Shape


def with_marks(predicate: Predicate, shape: Shape) -> Predicate:
    """The predicate and the shape's marks, but for those that it implies."""
    said = conjuncts(predicate)
    told = (mark for mark in marks(shape) if not any(implies(item, mark) for item in said))
    return conjunction((predicate, *told))


def marks(shape: Shape) -> tuple[Predicate, ...]:
    """What tells the record from others in its table."""
    likes = tuple(Like(name, _pattern(text), True) for name, text in shape.like.items())
    return likes + tuple(Not(Like(name, _pattern(text), True)) for name, text in shape.unlike.items())


def _pattern(text: str) -> tuple[str | Wild, ...]:
    """`/*` as pieces."""
    return tuple(Wild.ANY if piece == "*" else piece for piece in re.split(r"(\*)", text) if piece)


def without_contrast(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts; two that differ only in that one has the mark that the other must not have are one."""
    found: list[Part] = []
    for part in parts:
        place = next((at for at, other in enumerate(found) if _contrast(part, other)), None)
        if place is None:
            found.append(part)
        else:
            found[place] = _unmarked(found[place]).of_both(part)
    return tuple(found)


def _contrast(part: Part, other: Part) -> bool:
    opposite = (part.shape.like, part.shape.unlike) == (other.shape.unlike, other.shape.like)
    marked = bool(part.shape.like or part.shape.unlike)
    whole = all(one.shape.hosts is None or one.shape.hosts.all for one in (part, other))
    return (
        opposite
        and marked
        and whole
        and dataclasses.replace(_unmarked(part), record=other.record) == _unmarked(other)
    )


def _unmarked(part: Part) -> Part:
    told = marks(part.shape)
    rest = conjunction(item for item in conjuncts(part.predicate) if item not in told)
    return dataclasses.replace(
        part, predicate=rest, shape=dataclasses.replace(part.shape, like={}, unlike={}, shared=(), hosts=None)
    )
