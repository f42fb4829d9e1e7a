"""Alternatives and conditions that another one makes needless.

p like "*admin*" or p == "Enterprise Admins"      ->   p like "*admin*"
p like "/etc/*" and p == "/etc/passwd"            ->   p == "/etc/passwd"
not p like "C:\\*" and not p like "C:\\Temp\\*"   ->   not p like "C:\\*"
p == null or not p == "x"                         ->   not p == "x"

The predicate holds of the same events: a field that is missing, or has several values, changes nothing,
since a value that the one takes is taken by the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from operator import is_
from typing import NamedTuple

from converter.ir.predicate import (
    FALSE,
    TRUE,
    And,
    Constant,
    Equals,
    Exists,
    Like,
    Not,
    Or,
    Predicate,
    Regex,
    Wild,
)
from converter.ir.rewrite import conjunction, disjunction, negation

_ANY, _ONE = "\ue000", "\ue001"
"""How the wildcards of the narrower pattern are written: no rule has these characters."""
_WRITTEN = {Wild.ANY: _ANY, Wild.ONE: _ONE}
_COMPOUND = (And, Or, Not)
_PATTERNS = (Exists, Like)
_WIDE = (*_COMPOUND, *_PATTERNS)
"""What something else may imply."""
_TAKES_MORE = (Or, *_PATTERNS)
"""What a condition may imply that is neither it nor a list in which it stands."""
_WRITTEN_OUT = (Equals, Like)
_ON_ONE_FIELD = (Equals, Exists, Like, Regex)
_MOST = 1_000
"""Comparisons for one list: of hundreds of patterns the first stay as they are."""
_FEW = 12
"""Items beside which one is looked at that asks several fields."""


@lru_cache(maxsize=512)
def without_covered(predicate: Predicate) -> Predicate:
    """A simplified predicate without what another alternative, or condition, makes needless."""
    return _uncovered(predicate)


def _uncovered(predicate: Predicate) -> Predicate:
    """The node itself where nothing of it is needless."""
    if isinstance(predicate, Not):
        item = _uncovered(predicate.item)
        return predicate if item is predicate.item else negation(item, predicate)
    if isinstance(predicate, Or):
        left = _widest([_uncovered(item) for item in predicate.items])
        return predicate if _same(left, predicate.items) else disjunction(left, predicate)
    if isinstance(predicate, And):
        left = _narrowest([_uncovered(item) for item in predicate.items])
        return predicate if _same(left, predicate.items) else conjunction(left, predicate)
    return predicate


def _same(left: Sequence[Predicate], items: Sequence[Predicate]) -> bool:
    return len(left) == len(items) and all(map(is_, left, items))


def implies(narrow: Predicate, wide: Predicate) -> bool:
    """Whether an event that satisfies the one is seen, from the texts alone, to satisfy the other.

    >>> implies(Equals("a", "/etc/passwd"), Like("a", ("/etc/", Wild.ANY)))
    True
    """
    if isinstance(wide, Like) and isinstance(narrow, _WRITTEN_OUT):  # most of what is compared
        return _takes(wide, narrow)
    if isinstance(narrow, Constant) or isinstance(wide, Constant):
        return narrow == FALSE or wide == TRUE
    if isinstance(narrow, Or):
        same = _sorted(wide).all if isinstance(wide, Or) else frozenset()
        return all(item in same or implies(item, wide) for item in narrow.items)
    if isinstance(wide, And):
        if isinstance(narrow, _ON_ONE_FIELD) and not _sorted(wide).fields <= {narrow.field}:
            return False
        return all(implies(narrow, item) for item in wide.items)
    if isinstance(narrow, And):
        if isinstance(wide, _TAKES_MORE):
            return any(implies(item, wide) for item in narrow.items)
        own = _sorted(narrow)
        return wide in own.all or any(implies(item, wide) for item in own.others)
    if isinstance(wide, Or):
        among = _sorted(wide)
        near = among.others if isinstance(narrow, Not) else among.near(narrow)
        return narrow in among.all or any(implies(narrow, item) for item in near)
    if isinstance(narrow, Not):
        return isinstance(wide, Not) and implies(wide.item, narrow.item)
    if isinstance(wide, Exists):
        return isinstance(narrow, _ON_ONE_FIELD) and narrow.field == wide.field
    return narrow == wide


class _Sorted(NamedTuple):
    """A node's items, by what can be implied: those that are it, patterns by their field, and compounds.
    `fields`: of the items that ask one."""

    all: frozenset[Predicate]
    fields: Set[str]
    patterns: Mapping[str, Sequence[Predicate]]
    others: Sequence[Predicate]

    def near(self, leaf: Predicate) -> Iterator[Predicate]:
        """What the leaf may imply without being it."""
        yield from self.patterns.get(getattr(leaf, "field", ""), ())
        yield from self.others


@lru_cache(maxsize=1024)
def _sorted(node: And | Or) -> _Sorted:
    patterns: dict[str, list[Predicate]] = {}
    for item in node.items:
        if isinstance(item, _PATTERNS):
            patterns.setdefault(item.field, []).append(item)
    others = [item for item in node.items if isinstance(item, _COMPOUND)]
    fields = {item.field for item in node.items if isinstance(item, _ON_ONE_FIELD)}
    return _Sorted(frozenset(node.items), fields, patterns, others)


def _takes(wide: Like, narrow: Equals | Like) -> bool:
    """Whether the pattern takes each text that the other one takes."""
    if narrow.field != wide.field or (narrow.ignore_case and not wide.ignore_case):
        return False
    text = _text(narrow)
    if text is None:
        return False
    said = text.casefold() if wide.ignore_case else text
    for piece in _pieces(wide.pattern, wide.ignore_case):
        if piece not in said:  # as in nearly all pairs, for which no expression need be compiled
            return False
    return _matcher(wide.pattern, wide.ignore_case).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _pieces(pattern: tuple[str | Wild, ...], ignore_case: bool) -> tuple[str, ...]:
    """The texts between the wildcards."""
    texts = (piece for piece in pattern if isinstance(piece, str))
    return tuple(text.casefold() if ignore_case else text for text in texts)


def _widest(items: Sequence[Predicate]) -> Sequence[Predicate]:
    """The alternatives without those that imply another; of two that imply each other, the first."""
    wide = [item for item in items if isinstance(item, _WIDE)]
    return _without(items, items, wide, implies)


def _narrowest(items: Sequence[Predicate]) -> Sequence[Predicate]:
    """The conditions without those that another implies; of two that imply each other, the first."""
    wide = [item for item in items if isinstance(item, _WIDE)]
    return _without(items, wide, items, lambda item, other: implies(other, item))


def _without(
    items: Sequence[Predicate],
    tried: Sequence[Predicate],
    others: Sequence[Predicate],
    is_needless: Callable[[Predicate, Predicate], bool],
) -> Sequence[Predicate]:
    """The items without those of `tried`, the last first, that are needless beside one of `others`; only what
    asks the same field is compared, or what asks several."""
    near: dict[object, list[Predicate]] = {}
    for other in others:
        near.setdefault(_asked(other), []).append(other)
    mixed = near.pop(None, [])
    left = _MOST
    gone: set[int] = set()
    for item in reversed(tried):
        asked = _asked(item)
        beside = [
            *(near.get(asked, ()) if asked is not None else others if len(others) < _FEW else ()),
            *mixed,
        ]
        left -= len(beside)
        if left < 0:
            break
        if any(other is not item and id(other) not in gone and is_needless(item, other) for other in beside):
            gone.add(id(item))
    return [item for item in items if id(item) not in gone] if gone else items


def _asked(item: Predicate) -> object:
    """The field that an item asks, and whether it denies it; None for one that may ask several."""
    if isinstance(item, Not):
        return None if (asked := _asked(item.item)) is None else (asked,)
    return item.field if isinstance(item, _ON_ONE_FIELD) else None


def _text(narrow: Equals | Like) -> str | None:
    if isinstance(narrow, Equals):
        return narrow.value if isinstance(narrow.value, str) else None
    return _written(narrow.pattern)


@lru_cache(maxsize=4096)
def _written(pattern: tuple[str | Wild, ...]) -> str:
    return "".join(_WRITTEN[piece] if isinstance(piece, Wild) else piece for piece in pattern)


@lru_cache(maxsize=4096)
def _matcher(pattern: tuple[str | Wild, ...], ignore_case: bool) -> re.Pattern[str]:
    """What the pattern takes of texts in which wildcards stand as characters of their own."""
    pieces = {Wild.ANY: r"[\s\S]*", Wild.ONE: f"[^{_ANY}]"}
    made = "".join(pieces[piece] if isinstance(piece, Wild) else re.escape(piece) for piece in pattern)
    return re.compile(made, re.ASCII | (re.IGNORECASE if ignore_case else 0))
