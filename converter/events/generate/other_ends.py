"""A connection with what the rule asks of one end at the other: logs name the ends by the direction, or by
who listens, and a target may take one for the other.

    destination.port == 445    ->   source.port 445, and the destination another
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from converter.evaluate.result import Event
from converter.events.generate.atoms import Atom, deciding
from converter.events.generate.drafts import Named
from converter.events.generate.groups import field_of
from converter.events.generate.other_kinds import kind_of
from converter.events.generate.world import World
from converter.ir import Equals

_ENDS = (("source", "destination"), ("client", "server"))


def other_end(name: str) -> str | None:
    """The same field of the connection's other end: `source.ip` for `destination.ip`."""
    head, dot, rest = name.partition(".")
    for one, other in _ENDS:
        if dot and head in (one, other):
            return f"{other if head == one else one}.{rest}"
    return None


def at_other_ends(kinds: Iterable[World], found: Mapping[int, tuple[World, Atom, Event]]) -> Iterator[Named]:
    """For the first atom of each field, in each kind of event: the value with which the rule holds at the
    other end, and one with which it does not at its own."""
    worlds = tuple(kinds)
    tried: set[str] = set()
    for number, (_, atom, event) in found.items():
        name = field_of(atom.leaf)
        other = None if name is None else other_end(name)
        if name is None or other is None or name not in event or name in tried:
            continue
        tried.add(name)
        goals, value = deciding(atom)
        for world in worlds:
            made = world.solve([*goals, (atom.leaf, not value), (Equals(other, event[name]), True)])
            if made is not None:
                yield f"{number}: {name} at the other end, as {kind_of(world)}", made
