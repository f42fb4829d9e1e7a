"""The leaves of a rule as tests, with what was found for what is asked of them.

Whether one holds is asked of the original's own evaluator, never decided here.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from converter.elastic.types import field_type
from converter.events.generate.asked import Asked, Numbered
from converter.events.generate.blocks import Blocks
from converter.events.generate.compiled_leaves import CompiledLeaves
from converter.events.generate.forbidden import Forbidden, Holds
from converter.events.generate.goals import Goal
from converter.events.generate.reading import Reading
from converter.ir import Compare, Equals, Or, Predicate
from converter.ir.predicate import Between, Scalar

Part: TypeAlias = tuple[frozenset[int], Or | None, Holds]
"""Some items of an OR: their identities, an OR of them if they are several, and whether one of them holds."""
PATIENCE = 25_000
Images: TypeAlias = dict[
    tuple[str, str, Hashable], tuple[Asked, list[dict[str, str]], Iterator[dict[str, str]]]
]
"""Prefix, system and what is asked -> that (no other leaf has its identity then), the paths found, and where
further ones come from."""
Solved: TypeAlias = dict[tuple[Hashable, str, Hashable], tuple[Asked, dict[str, Any] | None]]
"""Group, system and what is asked in this order -> that (no other leaf has its identity then), the values."""
Lines: TypeAlias = dict[tuple[str, str, str, Hashable], tuple[Asked, Asked, dict[str, Any] | None]]
"""Prefix, system, first argument and what is asked of the arguments and the line -> that (no other leaf has
its identity then), the values."""
_AT_ONCE = (64, 8)
"""Items of an OR that are tested as one: about as many as there are such parts of the longest lists; fewer
of these where one of them is left out."""

_LETTERS = frozenset({"keyword", "wildcard"})
"""Types of fields that hold texts as they are."""


class Tests:
    """The leaves of one rule, each compiled once; `now` in them is the moment of a case's first event.

    `tried`: events tried so far in the search for those of all the rule's cases; at most `PATIENCE`.
    `images`: paths of programs found so far; `lines`: their lines; `groups`: values of groups of fields;
    `numbered`: leaves that some search forbids; `blocks`: what goals ask; `reading`: of
    which groups nodes do; `test`: a leaf's test.
    """

    def __init__(self) -> None:
        self.tried = 0
        self.images: Images = {}
        self.lines: Lines = {}
        self.groups: Solved = {}
        self.numbered = Numbered()
        self.blocks = Blocks(self.numbered)
        self.reading = Reading()
        compiled = CompiledLeaves()
        self.test, self._compile = compiled.test, compiled.compile
        self._some_of: dict[int, Holds] = {}
        self._forbidden: dict[str, Forbidden] = {}
        self._parts: dict[int, tuple[Or, Sequence[Part]]] = {}

    def holds(self, leaf: Predicate, event: Mapping[str, Any]) -> bool:
        """Whether the leaf holds for the event. Raises NotSupportedError for what can't be evaluated."""
        return self.test(leaf)(event)

    def another_holds(self, node: Or, item: Predicate, event: Mapping[str, Any]) -> bool:
        """Whether one of the other items of an OR holds: asked of some at once, of fewer near the item."""
        for ids, part, test in self._parts_of(node):
            if id(item) not in ids:
                if test(event):
                    return True
            elif part is not None and test(event) and self.another_holds(part, item, event):
                return True
        return False

    def _parts_of(self, node: Or) -> Sequence[Part]:
        """The items of an OR, some at a time, each with one test; of few items each by itself."""
        if id(node) not in self._parts:
            self._parts[id(node)] = node, [*self._parted(node)]
        return self._parts[id(node)][1]

    def _parted(self, node: Or) -> Iterator[Part]:
        at_once = next((size for size in _AT_ONCE if size < len(node.items)), 1)
        for start in range(0, len(node.items), at_once):
            some = node.items[start : start + at_once]
            part = Or(some) if at_once > 1 else None
            yield frozenset(map(id, some)), part, self.test(some[0]) if part is None else self._compile(part)

    def meet(self, event: Mapping[str, Any], goals: Iterable[Goal]) -> bool:
        """Whether each goal is as it must be."""
        for node, wanted in goals:  # noqa: SIM110 (`all()` of a generator takes twice the time)
            if self.test(node)(event) is not wanted:
                return False
        return True

    def fit(self, event: Mapping[str, Any], asked: Asked) -> bool:
        """Whether all is as it is asked."""
        for leaf in asked.must:
            if not self.test(leaf)(event):
                return False
        return not (asked.never and self._one_of(asked.never)(event))

    def fitting(self, asked: Asked) -> Holds:
        """As :meth:`fit`, for many events: of what must hold the last to fail is asked first."""
        must = [self.test(leaf) for leaf in asked.must]
        never = self._one_of(asked.never)

        def fit(event: Mapping[str, Any]) -> bool:
            for place, test in enumerate(must):
                if not test(event):
                    if place:
                        must.insert(0, must.pop(place))
                    return False
            return not never(event)

        return fit

    def sparing(self, asked: Asked) -> Holds:
        """Whether nothing holds that must not."""
        forbidden = self._one_of(asked.never)
        return lambda event: not forbidden(event)

    def _one_of(self, bits: int) -> Holds:
        """Whether one of the leaves that must not hold does."""
        if bits not in self._some_of:
            self._some_of[bits] = self._joint(bits)
        return self._some_of[bits]

    def _joint(self, bits: int) -> Holds:
        """A test of all these leaves: one for those that ask values of the same field."""
        tests = [self.test(leaf) for _, leaf in self.numbered.leaves(bits & self.numbered.others)]
        for name, of_values in self.numbered.of_values.items():
            if bits & of_values:
                if name not in self._forbidden:
                    self._forbidden[name] = Forbidden(name, self.numbered, self.test, self._compile)
                tests.append(self._forbidden[name].some_of(bits & of_values))
        if len(tests) < 2:
            return tests[0] if tests else lambda event: False
        return lambda event: any(test(event) for test in tests)


def only_text(field: str, must: Iterable[Predicate]) -> str | None:
    """The one text that the field can have, where the leaves ask for it letter by letter."""
    for leaf in must:
        if isinstance(leaf, Equals) and leaf.field == field and not leaf.ignore_case:
            return leaf.value if isinstance(leaf.value, str) and field_type(field) in _LETTERS else None
    return None


def bounds(leaf: Predicate) -> tuple[Scalar, ...]:
    """What the leaf compares its field with, if it compares."""
    match leaf:
        case Between(low=low, high=high):
            return low, high
        case Compare(value=value) | Equals(value=value):
            return (value,)
    return ()
