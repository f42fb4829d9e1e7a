"""Events that a log tells otherwise: by each of the values that tell a derived word, and nearly.

event.type : error     error: severity:7 and not code:4 and not code:8
    ->  no error, with severity 7 and code 4 in the log (`$nearly`)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from converter.events.foreign import SPELLING
from converter.events.generate.drafts import Named
from converter.events.generate.goals import Goal
from converter.events.generate.settled import Settled
from converter.events.generate.shape import UNTOLD
from converter.events.generate.world import World
from converter.events.nearly import NEARLY, Near, nearly_told
from converter.ir import Equals, Predicate

T = TypeVar("T")
_MOST = 64
"""Ways to tell a word, or nearly to tell it, evenly spread over all that there are: few tables have more."""
_OTHERS = "*"


def told_otherwise(name: str, shown: Iterable[Named], world: World) -> Iterator[Named]:
    """The events, told by the further values of the log's own field that tell its word; they are looked for
    where there are such."""
    ways = range(1, world.shape.tellings.get(name, 0) + 1)
    events = list(shown) if ways else []
    for otherwise in _evenly(ways):
        for how, event in events:
            yield f"{how} ({otherwise})", {**event, SPELLING: otherwise}


def told_nearly(name: str, leaf: Predicate, world: World, settled: Settled | None) -> Iterator[Named]:
    """Events for which the leaf fails, each in a log that has all but one of the conditions by which it tells
    a word for which the leaf holds."""
    if settled is None:
        return
    words = dict.fromkeys(word for table in _tables(name, world) for word in table if word != _OTHERS)
    taken = (word for word in words if world.tests.holds(leaf, {name: word}))
    ways = ((word, number, near) for word in taken for number, near in _nearly(name, word, world).items())
    beside = {own: ecs for told, _, fields in world.shape.told_beside if told == name for own, ecs in fields}
    for word, number, near in _evenly(list(ways)):
        pins: list[Goal] = [(leaf, False)]
        if near.missed.field in beside:
            pins.append((Equals(beside[near.missed.field], near.value), True))
        untold: Goal = (Equals(name, UNTOLD), True)
        found = (world.solve_beside(settled, goals) for goals in ([*pins, untold], pins))
        event = next((one for one in found if one is not None), None)
        if event is not None:
            yield f"not so, but nearly {word} ({number})", {**event, NEARLY: [name, word, number]}


def _tables(name: str, world: World) -> Iterator[Mapping[str, str]]:
    """How each log tells the field."""
    row = world.shape.record.cells.get(name, {}) if world.shape.record is not None else {}
    for cell in row.values():
        if cell is not None and cell.conversion == "told":
            yield world.shape.maps[cell.argument]


def _nearly(name: str, word: str, world: World) -> Mapping[int, Near]:
    """The ways nearly to tell the word by their numbers, in the log that has most of them."""
    return max(
        (dict(enumerate(nearly_told(table, word), 1)) for table in _tables(name, world)), key=len, default={}
    )


def _evenly(found: Sequence[T]) -> Iterator[T]:
    """So many of them, the first and the last among them."""
    last = len(found) - 1
    places = range(len(found)) if last < _MOST else (place * last // (_MOST - 1) for place in range(_MOST))
    return (found[place] for place in places)
