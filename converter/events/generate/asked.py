"""What is asked of a group of fields: leaves that must hold, and leaves that must not.

A rule with lists of hundreds of values forbids all of them but one in each search. Each of these leaves has a
bit of an integer: those of two nodes, all but one, those on a field are found without a walk through all.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from converter.events.generate.groups import base_field, field_of
from converter.frozen import dataclass
from converter.ir import Cidr, Compare, Equals, Exists, Like, Phrase, Predicate
from converter.ir.predicate import Between, Scalar

OfValues = Equals | Like | Compare | Between | Cidr | Phrase
"""Leaves that ask each value of their field by itself. No expressions: one that is not asked for might take
too long."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """The leaves that must hold, in the order in which values are tried for them; those that must not, as the
    bits that `Numbered` gives them."""

    must: tuple[Predicate, ...] = ()
    never: int = 0

    def __bool__(self) -> bool:
        return bool(self.must or self.never)

    @property
    def key(self) -> Hashable:
        """The same for all that asks the same, in whatever order, as long as its leaves are kept."""
        return frozenset(map(id, self.must)), self.never

    @property
    def ordered_key(self) -> Hashable:
        """The same for all that asks the same in the same order."""
        return tuple(map(id, self.must)), self.never

    def beside(self, other: Asked) -> Asked:
        """Both; what both ask, once."""
        never = self.never | other.never
        if not other.must:
            return self if never == self.never else Asked(self.must, never)
        if not self.must:
            return Asked(other.must, never)
        known = set(map(id, self.must))
        return Asked((*self.must, *(leaf for leaf in other.must if id(leaf) not in known)), never)

    def without(self, other: Asked) -> Asked:
        """What the other does not ask."""
        gone = set(map(id, other.must))
        must = tuple(leaf for leaf in self.must if id(leaf) not in gone) if gone else self.must
        return Asked(must, self.never & ~other.never)


NOTHING = Asked()


class Numbered:
    """The leaves that some search forbids, each with a bit of its own. `of_values`: by the field, those that
    ask each of its values by itself; `others`: the rest."""

    def __init__(self) -> None:
        self._bits: dict[int, int] = {}
        self._leaves: list[Predicate] = []
        self._on: dict[str, int] = {}
        self.of_values: dict[str, int] = {}
        self.others = self._missing = self._booleans = self._numbers = 0

    def bit(self, leaf: Predicate, field: str) -> int:
        """The bit of a leaf, which asks the field. The leaf is kept, so that no other has its identity."""
        found = self._bits.get(id(leaf))
        if found is None:
            found = self._bits[id(leaf)] = 1 << len(self._leaves)
            self._leaves.append(leaf)
            name = base_field(field)
            self._on[name] = self._on.get(name, 0) | found
            if isinstance(leaf, OfValues) and "*" not in field:
                self.of_values[field] = self.of_values.get(field, 0) | found
            else:
                self.others |= found
            self._missing |= found if isinstance(leaf, Exists) else 0
            self._booleans |= found if _is_boolean(leaf) else 0
            self._numbers |= found if _compares_number(leaf) else 0
        return found

    def leaves(self, bits: int) -> Iterator[tuple[int, Predicate]]:
        """The leaves with these bits, each with its own: there may be hundreds."""
        while bits:
            lowest = bits & -bits
            yield lowest, self._leaves[lowest.bit_length() - 1]
            bits ^= lowest

    def all_of(self, asked: Asked) -> Iterator[Predicate]:
        """All leaves of what is asked."""
        yield from asked.must
        for _, leaf in self.leaves(asked.never):
            yield leaf

    def on(self, asked: Asked, field: str) -> Asked:
        """What is asked of one field."""
        must = tuple([leaf for leaf in asked.must if field_of(leaf) == field])
        return Asked(must, asked.never & self._on.get(field, 0))

    def by_field(self, asked: Asked, fields: Iterable[str]) -> dict[str, Asked]:
        """The same for each of some fields, in one walk through what must hold."""
        must: dict[str, list[Predicate]] = {field: [] for field in fields}
        for leaf in asked.must:
            name = field_of(leaf)
            if name is not None and name in must:
                must[name].append(leaf)
        on, never = self._on, asked.never
        return {field: Asked(tuple(found), never & on.get(field, 0)) for field, found in must.items()}

    def elsewhere(self, asked: Asked, fields: Iterable[str]) -> Asked:
        """What is asked of other fields."""
        for field in fields:
            asked = asked.without(self.on(asked, field))
        return asked

    def forbids_value(self, asked: Asked) -> bool:
        """Whether a field must be missing."""
        return asked.never & self._missing != 0

    def asks_boolean(self, asked: Asked) -> bool:
        """Whether a field is asked to be true or false, or not to be."""
        return asked.never & self._booleans != 0 or any(map(_is_boolean, asked.must))

    def asks_number(self, asked: Asked) -> bool:
        """Whether a field is compared with a number."""
        return asked.never & self._numbers != 0 or any(map(_compares_number, asked.must))


def _is_boolean(leaf: Predicate) -> bool:
    return isinstance(leaf, Equals) and isinstance(leaf.value, bool)


def _compares_number(leaf: Predicate) -> bool:
    return isinstance(leaf, Compare) and _is_number(leaf.value)


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
