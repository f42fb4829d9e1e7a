"""Rows that logs hold beside the record's own: of other kinds, and its constants in other spellings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice

from converter.evaluate.elastic.timeline import FOREIGN
from converter.evaluate.result import Event
from converter.events.foreign import KINDS, SPELLING, spellings, ways
from converter.events.generate.atoms import Atom
from converter.events.generate.drafts import Named, in_turn
from converter.events.generate.world import World
from converter.taxonomy.model import Shape as Shape_

_ANY_STREAM = {"product": "", "service": ""}
_MOST_ROWS = 60
_OTHERS = 2
"""Events beside which rows are made of other kinds, after the first of each kind."""


def other_rows(
    kinds: Sequence[tuple[World, Event]],
    found: Mapping[int, tuple[World, Atom, Event]],
) -> Iterator[Named]:
    """For each kind the rows beside it that logs hold of other kinds; its constants spelled otherwise.

    Then the same beside events of other alternatives: a target may not hold what the first one is known by.
    """
    names = [world.shape.record.name for world, _ in kinds if world.shape.record is not None]
    first = [_rows_beside(world, event, names) for world, event in kinds]
    others = list(found.values())[:: max(len(found) // _OTHERS, 1)]
    more = [_rows_beside(world, event, names) for world, _, event in others]
    yield from islice(chain(in_turn(first), in_turn(more)), _MOST_ROWS)


def _rows_beside(world: World, event: Event, names: Sequence[str]) -> Iterator[Named]:
    record = world.shape.record
    shapes = record.shapes.values() if record is not None else (Shape_("sigma", logsource=_ANY_STREAM),)
    title = record.title if record is not None else "any source"
    for number in range(1, max(map(ways, shapes), default=0) + 1):
        made = {**event, FOREIGN: number, **({KINDS: list(names)} if len(names) > 1 else {})}
        yield f"a row of another kind ({number}) beside {title}", made
    for number in range(1, max(map(spellings, shapes), default=0) + 1):
        yield f"as {title}, spelled otherwise ({number})", {**event, SPELLING: number}
