"""Literals: a leaf of the rule, and whether it must hold.

Whether it does is asked of the original's own evaluator, never decided here.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from converter.elastic.types import field_type, parent_field
from converter.events.generate.compiled_leaves import CompiledLeaves
from converter.events.generate.forbidden import Forbidden, Holds, OfValues
from converter.ir import Compare, Equals, Exists, Or, Predicate
from converter.ir.predicate import Between, Scalar

Literal: TypeAlias = tuple[Predicate, bool]
Part: TypeAlias = tuple[frozenset[int], Sequence[Predicate], Holds]
"""Some items of an OR: their identities, themselves, and whether one of them holds."""
PATIENCE = 25_000
Images: TypeAlias = dict[
    tuple[str, str, frozenset[tuple[int, bool]]],
    tuple[Sequence[Literal], list[dict[str, str]], Iterator[dict[str, str]]],
]
"""Prefix, system and what is asked -> that (no other leaf has its identity then), the paths found, and where
further ones come from."""
Solved: TypeAlias = dict[
    tuple[Hashable, str, tuple[tuple[int, bool], ...]], tuple[Sequence[Literal], dict[str, Any] | None]
]
"""Group, system and what is asked in this order -> that (no other leaf has its identity then), the values."""
_AT_ONCE = 64
"""Items of an OR that are tested as one: about as many as there are such parts of the longest lists."""

_LETTERS = frozenset({"keyword", "wildcard"})
"""Types of fields that hold texts as they are."""


class Tests:
    """The leaves of one rule, each compiled once; `now` in them is the moment of a case's first event.

    `tried`: events tried so far in the search for those of all the rule's cases; at most `PATIENCE`.
    `images`: paths of programs found so far; `groups`: values of groups of fields; `grouped`: the groups of
    literals.
    """

    def __init__(self) -> None:
        self.tried = 0
        self.images: Images = {}
        self.groups: Solved = {}
        self.grouped: dict[tuple[int, bool], tuple[Literal, Any]] = {}
        compiled = CompiledLeaves()
        self._test, self._compile = compiled.test, compiled.compile
        self._joined: dict[frozenset[int], tuple[tuple[Predicate, ...], Holds]] = {}
        self._forbidden: dict[str, Forbidden] = {}
        self._parts: dict[int, tuple[Or, Sequence[Part]]] = {}

    def holds(self, leaf: Predicate, event: Mapping[str, Any]) -> bool:
        """Whether the leaf holds for the event. Raises NotSupportedError for what can't be evaluated."""
        return self._test(leaf)(event)

    def another_holds(self, node: Or, item: Predicate, event: Mapping[str, Any]) -> bool:
        """Whether one of the other items of an OR holds: asked of some at once, one by one near the item."""
        for ids, some, test in self._parts_of(node):
            if id(item) not in ids:
                if test(event):
                    return True
            elif any(self.holds(one, event) for one in some if one is not item):
                return True
        return False

    def _parts_of(self, node: Or) -> Sequence[Part]:
        """The items of an OR, some at a time, each with one test."""
        if id(node) not in self._parts:
            starts = range(0, len(node.items), _AT_ONCE)
            some = [node.items[start : start + _AT_ONCE] for start in starts]
            parts = [(frozenset(map(id, one)), one, self._compile(Or(one))) for one in some]
            self._parts[id(node)] = node, parts
        return self._parts[id(node)][1]

    def asks(self, leaf: Predicate, field: str) -> bool:
        """Whether the leaf asks the field (or a multi-field of it)."""
        return field_of(leaf) == field

    def fit(self, event: Mapping[str, Any], literals: Iterable[Literal]) -> bool:
        """Whether each literal is as it must be."""
        for leaf, wanted in literals:  # noqa: SIM110 (`all()` of a generator takes twice the time)
            if self._test(leaf)(event) is not wanted:
                return False
        return True

    def fitting(self, literals: Iterable[Literal]) -> Holds:
        """As :meth:`fit`, for many events: what must not hold is asked at once, the last to fail first."""
        literals = tuple(literals)
        must = [self._test(leaf) for leaf, wanted in literals if wanted]
        never = self._some_of(tuple(leaf for leaf, wanted in literals if not wanted))

        def fit(event: Mapping[str, Any]) -> bool:
            for place, test in enumerate(must):
                if not test(event):
                    if place:
                        must.insert(0, must.pop(place))
                    return False
            return not never(event)

        return fit

    def _some_of(self, leaves_: tuple[Predicate, ...]) -> Holds:
        """Whether one of the leaves holds."""
        key = frozenset(map(id, leaves_))
        if key not in self._joined:
            self._joined[key] = leaves_, self._joint(leaves_)
        return self._joined[key][1]

    def _joint(self, leaves_: tuple[Predicate, ...]) -> Holds:
        """A test of all the leaves: one for those that ask values of the same field."""
        by_field: dict[str, list[Predicate]] = {}
        tests: list[Holds] = []
        for leaf in leaves_:
            if isinstance(leaf, OfValues) and "*" not in leaf.field:
                by_field.setdefault(leaf.field, []).append(leaf)
            else:
                tests.append(self._test(leaf))
        for name, some in by_field.items():
            if name not in self._forbidden:
                self._forbidden[name] = Forbidden(name, self._test, self._compile)
            tests.append(self._forbidden[name].some_of(some))
        if len(tests) < 2:
            return tests[0] if tests else lambda event: False
        return lambda event: any(test(event) for test in tests)


@lru_cache(maxsize=4096)
def base_field(name: str) -> str:
    """The field that holds the values: the parent of a multi-field."""
    return parent_field(name) or name


def field_of(leaf: Predicate) -> str | None:
    """The one field that a leaf asks, if it asks one."""
    name = getattr(leaf, "field", None)
    return base_field(name) if isinstance(name, str) else None


def wants_value(literals: Iterable[Literal]) -> bool:
    """Whether some literal holds only where the field is present."""
    return any(wanted for _, wanted in literals)


def forbids_value(literals: Iterable[Literal]) -> bool:
    """Whether the field must be missing."""
    return any(isinstance(leaf, Exists) and not wanted for leaf, wanted in literals)


def only_text(field: str, literals: Iterable[Literal]) -> str | None:
    """The one text that the field can have, where the literals ask for it letter by letter."""
    for leaf, wanted in literals:
        if wanted and isinstance(leaf, Equals) and leaf.field == field and not leaf.ignore_case:
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
