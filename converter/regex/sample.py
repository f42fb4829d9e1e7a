"""Texts that a pattern matches as a whole: one for each alternative, repeat and class. For test events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from converter.regex.ast import (
    Alternation,
    Any,
    Char,
    Class,
    Complement,
    Flags,
    Group,
    Intersection,
    Interval,
    Node,
    Repeat,
    Sequence,
)
from converter.regex.engine import Matcher

_POOL = "ax7 _-.\\/:Z\"'\n\xe9"
"""Tried, in this order, where a class takes many characters."""
_ELSEWHERE = ("x", "", "x7", "other")
"""Tried where a pattern says only what a text is not."""
_FILL = 3
"""Items more than the least, to show a repeat without end."""
_TRIES = 4
"""Candidates looked at for each example wanted: anchors and look-around reject some."""


def examples(node: Node, limit: int = 20) -> list[str]:
    """Up to `limit` different texts that the whole pattern matches; the plainest first, always the same.

    None for a pattern that matches nothing, or whose conditions (look-around, back-references, `~`, `&`)
    no candidate meets. Raises RegexTimeout.
    """
    matcher = Matcher(node)
    candidates = dict.fromkeys(islice(_texts(node), limit * _TRIES))
    return list(islice((text for text in candidates if matcher.fullmatch(text)), limit))


def _texts(node: Node) -> Iterator[str]:
    match node:
        case Char(char):
            yield char
        case Any(newline):
            yield from "x7\n" if newline else "x7"
        case Class():
            yield from _characters(node)
        case Sequence(items):
            yield from _one_at_a_time([list(islice(_texts(item), 30)) for item in items])
        case Alternation(branches):
            yield from _in_turn([_texts(branch) for branch in branches])
        case Repeat():
            yield from _repeated(node)
        case Group(item=item) | Flags(item=item):
            yield from _texts(item)
        case Interval(least, most, width):
            numbers = dict.fromkeys((least, most, (least + most) // 2))
            yield from (str(number).zfill(width) for number in numbers)
        case Intersection(left, right):
            yield from _in_turn(
                [_texts(left), _texts(right), map("".join, zip(_texts(left), _texts(right), strict=False))]
            )
        case Complement():
            yield from _ELSEWHERE
        case _:
            yield ""


def _characters(node: Class) -> Iterator[str]:
    """The ends of each range of a class, or what it takes of the pool."""
    if node.ranges and not node.negated:
        yield from dict.fromkeys(char for low, high in node.ranges for char in (low, high))
    if node.negated or node.shorthands:
        matcher = Matcher(node)
        yield from (char for char in _POOL if matcher.fullmatch(char))


def _one_at_a_time(choices: list[list[str]]) -> Iterator[str]:
    """The first choice everywhere, then each other choice alone."""
    if not all(choices):
        return
    plain = [texts[0] for texts in choices]
    yield "".join(plain)
    for index, texts in enumerate(choices):
        for text in texts[1:]:
            yield "".join([*plain[:index], text, *plain[index + 1 :]])


def _repeated(node: Repeat) -> Iterator[str]:
    """Once or as often as must be, the fewest, the most, one more; then each item once among them."""
    items = list(islice(_texts(node.item), 30)) if node.most != 0 else []
    if not items:
        yield from ("",) if node.least == 0 else ()
        return
    usual = max(node.least, 1)
    most = node.least + _FILL if node.most is None else min(node.most, node.least + 64)
    counts = dict.fromkeys((usual, node.least, most, min(node.least + 1, most)))
    for count in counts:
        yield items[0] * count
    for item in items[1:]:
        yield items[0] * (usual - 1) + item
    if most > 1 and len(items) > 1:
        yield items[0] * max(node.least - 2, 0) + items[1] + items[0]


def _in_turn(sources: Iterable[Iterator[str]]) -> Iterator[str]:
    """The first of each source, then the second of each."""
    waiting = list(sources)
    while waiting:
        left = []
        for source in waiting:
            text = next(source, None)
            if text is not None:
                yield text
                left.append(source)
        waiting = left
