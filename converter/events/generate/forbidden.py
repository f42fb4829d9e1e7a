"""What must not hold of a field: which of its leaves hold of a text is found once, for all that ask for some.

Searches from one near miss to the next forbid the same leaves but for one, and try the same texts again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from converter.evaluate.elastic.fields import field_getter
from converter.events.generate.asked import Numbered
from converter.ir import Or, Predicate

Holds: TypeAlias = Callable[[Mapping[str, Any]], bool]
_AT_ONCE = 16
"""Leaves that are asked as one, and one by one where some of these holds."""
_NOTHING = 0, 0
_Part: TypeAlias = tuple[int, Sequence[tuple[int, Predicate]], Holds]
"""The bits of some leaves, the leaves with theirs, and whether one of them holds."""


class Forbidden:
    """All leaves that some search forbade of one field. `test`: of one leaf, `test_of_all`: of an OR."""

    def __init__(
        self,
        field: str,
        numbered: Numbered,
        test: Callable[[Predicate], Holds],
        test_of_all: Callable[[Or], Holds],
    ) -> None:
        self._field, self._get = field, field_getter(field)
        self._numbered, self._test, self._test_of_all = numbered, test, test_of_all
        self._known = 0
        self._parts: dict[int, _Part] = {}
        self._found: dict[str, tuple[int, int]] = {}  # the bits of what was asked, and of what holds

    def some_of(self, bits: int) -> Holds:
        """Whether one of the leaves with these bits holds for an event."""
        new = tuple(self._numbered.leaves(bits & ~self._known))
        self._known |= bits
        for start in range(0, len(new), _AT_ONCE):
            part = new[start : start + _AT_ONCE]
            leaves = tuple(leaf for _, leaf in part)
            one_holds = self._test_of_all(Or(leaves)) if len(part) > 1 else self._test(leaves[0])
            bits_of = sum(bit for bit, _ in part)
            self._parts.update(dict.fromkeys((bit for bit, _ in part), (bits_of, part, one_holds)))
        get, holds_of = self._get, self._holds_of

        def some_holds(event: Mapping[str, Any]) -> bool:
            found = get(event)
            if found is None:
                return False
            for value in found if found.__class__ is list else (found,):
                if value.__class__ is not str:
                    return any(self._test(leaf)(event) for _, leaf in self._numbered.leaves(bits))
                if holds_of(value, bits):
                    return True
            return False

        return some_holds

    def _holds_of(self, text: str, bits: int) -> bool:
        """Whether one of the leaves with these bits holds of the text; the other parts are not asked."""
        tried, held = self._found.get(text, _NOTHING)
        left = 0 if held & bits else bits & ~tried
        if left:
            event = {self._field: text}
            while left:
                of_part, leaves, one_holds = self._parts[left & -left]
                tried |= of_part
                left &= ~of_part
                if one_holds(event):
                    for bit, leaf in leaves:
                        held |= bit if self._test(leaf)(event) else 0
                    left = 0 if held & bits else left
            self._found[text] = tried, held
        return held & bits != 0
