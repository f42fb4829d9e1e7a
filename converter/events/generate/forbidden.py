"""What must not hold of a field: which of its leaves hold of a text is found once, for all that ask for some.

Searches from one near miss to the next forbid the same leaves but for one, and try the same texts again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from converter.evaluate.elastic.fields import field_getter
from converter.ir import Cidr, Compare, Equals, Like, Or, Phrase, Predicate
from converter.ir.predicate import Between

Holds: TypeAlias = Callable[[Mapping[str, Any]], bool]
OfValues = Equals | Like | Compare | Between | Cidr | Phrase
"""Leaves that ask each value of their field by itself. No expressions: one that is not asked for might take
too long."""
_AT_ONCE = 16
"""Leaves that are asked as one, and one by one where some of these holds."""
_NOTHING: tuple[int, frozenset[int]] = (0, frozenset())


class Forbidden:
    """All leaves that some search forbade of one field. `test`: of one leaf, `test_of_all`: of an OR."""

    def __init__(
        self, field: str, test: Callable[[Predicate], Holds], test_of_all: Callable[[Or], Holds]
    ) -> None:
        self._field, self._get = field, field_getter(field)
        self._test, self._test_of_all = test, test_of_all
        self._known: set[int] = set()
        self._parts: list[tuple[Sequence[Predicate], Holds]] = []
        self._found: dict[str, tuple[int, frozenset[int]]] = {}

    def some_of(self, leaves: Sequence[Predicate]) -> Holds:
        """Whether one of these leaves holds for an event."""
        new = tuple(leaf for leaf in leaves if id(leaf) not in self._known)
        if new:
            self._known.update(map(id, new))
            for start in range(0, len(new), _AT_ONCE):
                part = new[start : start + _AT_ONCE]
                one_holds = self._test_of_all(Or(part)) if len(part) > 1 else self._test(part[0])
                self._parts.append((part, one_holds))
        ids, get, holding = frozenset(map(id, leaves)), self._get, self._holding

        def some_holds(event: Mapping[str, Any]) -> bool:
            found = get(event)
            if found is None:
                return False
            for value in found if found.__class__ is list else (found,):
                if value.__class__ is not str:
                    return any(self._test(leaf)(event) for leaf in leaves)
                if not ids.isdisjoint(holding(value)):
                    return True
            return False

        return some_holds

    def _holding(self, text: str) -> frozenset[int]:
        """The identities of the leaves that hold of the text."""
        tried, held = self._found.get(text, _NOTHING)
        if tried < len(self._parts):
            event = {self._field: text}
            for leaves, one_holds in self._parts[tried:]:
                if one_holds(event):
                    held |= {id(leaf) for leaf in leaves if self._test(leaf)(event)}
            self._found[text] = len(self._parts), held
        return held
