"""Lucene's patterns by sets of positions: where can a match that begins here end?

Slow (polynomial) but exact for `~` and `&`, which no engine at hand has; also the reference that the
engines are tested against.
"""

from __future__ import annotations

from collections.abc import Iterable

from converter.regex.ast import (
    Alternation,
    Any,
    Char,
    Class,
    Complement,
    Group,
    Intersection,
    Interval,
    Node,
    Nothing,
    Repeat,
    Sequence,
)
from converter.regex.characters import ASCII_SHORTHANDS
from converter.regex.errors import RegexNotSupported, RegexTimeout

MAX_STEPS = 2_000_000
"""Positions that one match may look at: about a second's work."""


class Positions:
    """The matches of a pattern in one text. Raises RegexTimeout where they take too long."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.steps = 0
        self._known: dict[tuple[int, int], frozenset[int]] = {}

    def ends(self, node: Node, start: int) -> frozenset[int]:
        """Where matches of the node that begin at `start` end."""
        key = (id(node), start)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = frozenset(self._ends(node, start))
            self.steps += 1 + len(found)
            if self.steps > MAX_STEPS:
                raise RegexTimeout("regular expression took too many steps")
        return found

    def _ends(self, node: Node, start: int) -> Iterable[int]:
        match node:
            case Char() | Any() | Class():
                return (start + 1,) if start < len(self.text) and takes(node, self.text[start]) else ()
            case Sequence(items):
                places = frozenset((start,))
                for item in items:
                    places = self._each(item, places)
                return places
            case Alternation(branches):
                return (end for branch in branches for end in self.ends(branch, start))
            case Repeat(item, least, most):
                return self._repeated(item, least, most, start)
            case Group(item):
                return self.ends(item, start)
            case Interval():
                return self._numbers(node, start)
            case Complement(item):
                return set(range(start, len(self.text) + 1)) - self.ends(item, start)
            case Intersection(left, right):
                return self.ends(left, start) & self.ends(right, start)
            case Nothing():
                return ()
        raise RegexNotSupported(f"{type(node).__name__.lower()} beside ~ or &", code="regex-complement")

    def _each(self, node: Node, places: Iterable[int]) -> frozenset[int]:
        return frozenset(end for place in places for end in self.ends(node, place))

    def _repeated(self, item: Node, least: int, most: int | None, start: int) -> set[int]:
        places = frozenset((start,))
        for _ in range(least):
            places = self._each(item, places)
        reached = set(places)
        rounds = 0
        while places and (most is None or rounds < most - least):
            places = self._each(item, places) - reached
            reached |= places
            rounds += 1
        return reached

    def _numbers(self, node: Interval, start: int) -> Iterable[int]:
        end = start
        while end < len(self.text) and self.text[end] in "0123456789":
            end += 1
            if (not node.width or end - start == node.width) and (
                node.least <= int(self.text[start:end]) <= node.most
            ):
                yield end


def takes(node: Char | Any | Class, char: str) -> bool:
    """Whether the one-character node takes this character."""
    if isinstance(node, Char):
        return node.char == char
    if isinstance(node, Any):
        return node.newline or char != "\n"
    inside = any(low <= char <= high for low, high in node.ranges) or any(
        _in_shorthand(sign, char) for sign in node.shorthands
    )
    return inside != node.negated


def _in_shorthand(sign: str, char: str) -> bool:
    ranges = ASCII_SHORTHANDS.get(sign.lower())
    if ranges is None:
        raise RegexNotSupported(f"the class {sign} beside ~ or &", code="regex-unicode-class")
    return any(low <= char <= high for low, high in ranges) != sign.isupper()
