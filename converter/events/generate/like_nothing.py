"""Texts like the one that a log of summaries has for nothing, which a translation may mistake for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from converter.events.generate.drafts import Named
from converter.events.generate.near_values import is_text
from converter.events.generate.world import World
from converter.ir import Equals, Like, Predicate, Wild

_NOTHING = "null"
"""What `tstats` is told to fill in."""


def like_nothing(
    kinds: Sequence[tuple[World, Mapping[str, Any]]],
    predicate: Predicate,
    asked: Sequence[str],
    compared: Sequence[str],
) -> Iterator[Named]:
    """Events that the predicate takes, with texts like the one that a log of summaries has for nothing.

    The first kind of event that such a log holds, each field in turn; those that are `compared` with each
    other together.
    """
    held = (world for world, _ in kinds if _is_summarised(world))
    world = next(held, None)
    settled = None if world is None else world.settle([(predicate, True)])
    if world is None or settled is None:
        return
    fields = [(name,) for name in dict.fromkeys(map(_line_of, asked))]
    for names in (*fields, *([tuple(compared)] if len(compared) > 1 else [])):
        if not all(_is_asked(name, predicate, world) for name in names):
            continue
        for form in ((Wild.ANY, _NOTHING), (_NOTHING, Wild.ANY), (_NOTHING.upper(),)):
            goals = [(Like(name, form), True) for name in names]
            event = world.solve_beside(
                settled, [*goals, *((Equals(name, _NOTHING), False) for name in names)]
            )
            if event is not None:
                yield f"{' and '.join(names)} like nothing", event


def _is_asked(name: str, predicate: Predicate, world: World) -> bool:
    """Whether the field's text may be like that."""
    return not name.endswith(".id") and is_text(name, predicate) and name not in world.shape.selecting


def _line_of(name: str) -> str:
    """The field of the line, for the number of its arguments."""
    count = ".args_count"
    return f"{name.removesuffix(count)}.command_line" if name.endswith(count) else name


def _is_summarised(world: World) -> bool:
    """Whether a log of summaries holds such events."""
    record = world.shape.record
    return record is not None and any(shape.datamodel for shape in record.shapes.values())
