"""Near misses: events one step from one that an atom takes, pinned while the rest of the rule holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice
from typing import Any, TypeVar

from converter.events.generate.atoms import Atom, deciding
from converter.events.generate.changed_texts import IN_ANOTHER_CASE, Pin
from converter.events.generate.counted_lists import of_several
from converter.events.generate.cut_arguments import ARGS
from converter.events.generate.drafts import Named
from converter.events.generate.goals import Wanted
from converter.events.generate.groups import field_of
from converter.events.generate.likeness import ALIKE, in_another_case
from converter.events.generate.named_values import beside_another_name
from converter.events.generate.near_values import (
    elsewhere,
    ends,
    good_texts,
    lookalikes_of,
    other_values,
    words_alike,
)
from converter.events.generate.objects import near_objects
from converter.events.generate.rewritten import of_arguments, of_lengths, of_patterns, written_otherwise
from converter.events.generate.settled import Settled
from converter.events.generate.tellings import told_nearly, told_otherwise
from converter.events.generate.world import World
from converter.frozen import dataclass
from converter.ir import Equals, Nested, Script

_Way = TypeVar("_Way")
_MOST_WORDS = 6
"""Other words of a derived field."""


@dataclass(frozen=True)
class Misses:
    """Events that differ from one in which the atom decides by one value; named by what was done.

    `asked`: the fields that the rule asks, of which another may hold the value instead; `where`: what the
    name says of the kind of event; `place`: how many atoms are alike and come before; `field_place`: how many
    ask of the same field, whatever its pattern.
    """

    world: World
    atom: Atom
    number: int
    asked: Sequence[str]
    where: str = ""
    place: int = 0
    field_place: int = 0

    def telling(self) -> Iterator[Named]:
        """Those that tell most: case, anchors, gaps, the place among others; and lengths."""
        name = self._name
        if not self._is_of_its_kind:
            return
        if isinstance(self.atom.leaf, Script):
            yield from self._named("", of_lengths(self.world, self.atom, self.atom.leaf))
            if self._holding is not None:
                yield from self._named("", of_patterns(self._holding, self.world, self.atom, self.atom.leaf))
        if not name:
            return
        if name.endswith(ARGS) and self._holding is not None:
            placed = list(of_arguments(self._holding, self.atom, self.world))
            yield from self._named(name, placed if self._is_early else self._turned(placed)[:1])
        yield from self._named(name, told_otherwise(name, self._told, self.world))
        yield from self._named(name, told_nearly(name, self.atom.leaf, self.world, self._settled))
        yield from self._named(name, self._as_other_words())
        beside = beside_another_name(name, self.atom.leaf, self._held, self.world, self._settled)
        yield from self._named(name, beside)
        if self._decides is not None:
            told = chain([("", self._decides)], self._as_other_words())
            yield from self._named(name, of_several(told, self.world.shape, name))
        if isinstance(self.atom.leaf, Nested):
            yield from self._pinned(near_objects(self.atom.leaf))
        yield from self._pinned_in_turn(list(ends(name, self.atom.leaf, self._good, self.world)))
        if self._is_early:
            yield from self._pinned(elsewhere(name, self.atom.leaf, self._good, self.world))
        yield from self._pinned(words_alike(name, self.atom.leaf, self.world))

    def further(self) -> Iterator[Named]:
        """Other spellings, nothing in its place, other texts of a pattern."""
        name = self._name
        if not name or not self._is_of_its_kind:
            return
        if self._decides is not None:
            yield from self._named(name, written_otherwise(self._decides, self.atom, self.world))
        yield from self._pinned(other_values(name, self.atom.leaf, self._good, self.asked))
        if self.field_place == 0:
            yield from self._pinned(lookalikes_of(name, self._good))

    @property
    def _is_of_its_kind(self) -> bool:
        """Not where the atom decides only in an event that no log of the kind writes."""
        return self._decides is None or self.world.shape.has(self._decides)

    @cached_property
    def _name(self) -> str:
        return field_of(self.atom.leaf) or ""

    @cached_property
    def _found(self) -> tuple[list[Wanted], bool, Mapping[str, Any] | None]:
        """What must hold beside the atom, of the fields that each log holds if it can be; with which value
        of the atom the rule holds, and an event of that."""
        goals, value = deciding(self.atom)
        held = self.world.held(goals)
        event = self.world.solve([*held, (self.atom.leaf, value)])
        if event is None and held is not goals:
            held, event = goals, self.world.solve([*goals, (self.atom.leaf, value)])
        return held, value, event

    def _solved(self, wanted: bool) -> Mapping[str, Any] | None:
        return self.world.solve([*self._found[0], (self.atom.leaf, wanted)])

    @property
    def _decides(self) -> Mapping[str, Any] | None:
        return self._found[2]

    @cached_property
    def _holding(self) -> Mapping[str, Any] | None:
        """An event in which the atom holds, and all else that is asked of its field is as it must be."""
        return self._decides if self._found[1] else self._solved(True)

    @property
    def _held(self) -> object:
        return (self._holding or {}).get(self._name)

    @cached_property
    def _good(self) -> Sequence[str]:
        return good_texts(self._name, self.atom.leaf, self._held, self.world)

    @cached_property
    def _settled(self) -> Settled | None:
        return self.world.settle(self._found[0])

    def _named(self, name: str, found: Iterable[Named]) -> Iterator[Named]:
        for how, event in found:
            if self.world.invents(event, self.atom.path[0]):
                continue
            yield f"{self.number}: {' '.join(filter(None, (name, how)))}{self.where}", event

    @property
    def _told(self) -> Iterator[Named]:
        """Events that a log may tell otherwise: one in which the atom decides, one in which it does not."""
        if self._decides is not None:
            yield "told otherwise", self._decides
        if (event := self._solved(not self._found[1])) is not None:
            yield "not so, told otherwise", event

    def _as_other_words(self) -> Iterator[Named]:
        """Where the field is derived, events with its other words, with which the rule fails: each is told in
        its way."""
        words, leaf = self.world.shape.derived.get(self._name, ()), self.atom.leaf
        wanted = not self._found[1]
        others = [one for one in words if self.world.tests.holds(leaf, {self._name: one}) is wanted]
        if self._settled is None or len(others) < 2:
            return
        for word in others[:_MOST_WORDS]:
            listed = word if isinstance(word, list) else [word]
            goals = [(Equals(self._name, one), True) for one in listed]
            event = self.world.solve_beside(self._settled, [(leaf, wanted), *goals])
            if event is not None:
                yield f"not so, but {' and '.join(map(str, listed))}", event

    def _pinned_in_turn(self, pins: Sequence[Pin]) -> Iterator[Named]:
        """All of them for the first atoms that are alike; of each further one another, of which there is an
        event: what tells a query that treats such texts wrongly, one of them shows. What another case tells,
        the event in which it decides does, if it can."""
        if self._is_early:
            return self._pinned(pins)
        if in_another_case(self.atom.leaf, self.world.shape) is not None:
            pins = [pin for pin in pins if pin[0] != IN_ANOTHER_CASE]
        return islice(self._pinned(self._turned(pins)), 1)

    @property
    def _is_early(self) -> bool:
        """Whether it is among the first atoms that are alike."""
        return self.place < (1 if self.where else ALIKE)

    def _turned(self, ways: Sequence[_Way]) -> Sequence[_Way]:
        """The ways, another one first for each further atom."""
        turn = self.place % max(len(ways), 1)
        return [*ways[turn:], *ways[:turn]]

    def _pinned(self, pins: Iterable[Pin]) -> Iterator[Named]:
        """An event for each pin; where a field may be missing, also with a null."""
        name, record = self._name, self.world.shape.record
        if self._settled is None or (record is not None and name in record.when):
            return  # a real source always writes these
        for how, ways in pins:
            found = (self.world.solve_beside(self._settled, goals) for goals in ways if goals)
            event = next((one for one in found if one is not None), None)
            if event is not None and self.world.shape.is_written(name, event.get(name)):
                yield from self._named(name, [(how, event)])
                if how == "missing":
                    yield from self._named(name, [("null", {**event, name: None})])
