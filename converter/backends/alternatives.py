"""Several regular expressions as one that matches where any of them does.

    \\\\cmd\\.exe$    \\\\pwsh\\.exe$    ->    \\\\(?:cmd|pwsh)\\.exe$

What all begin and end with is written once; no word is taken apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from converter.regex.ast import Alternation, Back, Char, Group, Node, Repeat
from converter.regex.ast import Sequence as Parts
from converter.regex.parse import parse_regex
from converter.regex.walk import nodes
from converter.regex.write import write

_MAY_REFER = re.compile(r"\\[1-9gk]|\(\?P")
"""What may be a reference to a group: without it the expression need not be read."""
MOST_CHARACTERS = 8000
"""Of the expressions made one: PCRE compiles them to 64 KiB at most, and a class takes 33 bytes.

Source: PCRE2's documentation, "pcre2limits"."""


def joinable(pattern: str) -> bool:
    """Whether the PCRE expression says the same beside others: it refers to no group by its number."""
    if not _MAY_REFER.search(pattern):
        return True
    return not any(isinstance(node, Back) for node in nodes(parse_regex(pattern, "pcre")))


def joined(patterns: Sequence[str]) -> list[str]:
    """PCRE expressions, searched for, that together match what the `joinable` ones given match.

    >>> joined(["^a\\\\.exe$", "^b\\\\.exe$", "^c$"])
    ['^(?:a\\\\.exe|b\\\\.exe|c)$']
    """
    return [_one(batch) if len(batch) > 1 else batch[0] for batch in _batches(dict.fromkeys(patterns))]


def _batches(patterns: dict[str, None]) -> Iterator[tuple[str, ...]]:
    batch: list[str] = []
    size = 0
    for pattern in patterns:
        if batch and size + len(pattern) > MOST_CHARACTERS:
            yield tuple(batch)
            batch, size = [], 0
        batch.append(pattern)
        size += len(pattern) + 1
    if batch:
        yield tuple(batch)


@lru_cache(maxsize=512)
def _one(patterns: tuple[str, ...]) -> str:
    """First those that begin with the same expression, so that it is written once, then all."""
    alike: dict[tuple[Node, ...], list[tuple[Node, ...]]] = {}
    for pattern in patterns:
        items = _items(parse_regex(pattern, "pcre"))
        alike.setdefault(_beginning(items), []).append(items)
    return write(Parts(_either([_either(found) for found in alike.values()])), "pcre")


def _either(found: Sequence[tuple[Node, ...]]) -> tuple[Node, ...]:
    """What matches where any of them does."""
    if len(found) == 1:
        return found[0]
    start = _shared(found)
    start = start[: len(start) - _word_length(start[::-1])]
    rest = [items[len(start) :] for items in found]
    end = _shared([items[::-1] for items in rest])[::-1]
    end = end[_word_length(end) :]
    middles = [branch for items in rest for branch in _branches(items[: len(items) - len(end)])]
    choice = Group(Alternation(tuple(dict.fromkeys(middles))), "plain")
    return (*start, choice, *end)


def _beginning(items: tuple[Node, ...]) -> tuple[Node, ...]:
    """The group or repeated part that it begins with, if it does."""
    for place, item in enumerate(items):
        if isinstance(item, Group | Repeat):
            return items[: place + 1]
        if isinstance(item, Char):
            break
    return ()


def _items(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Parts) else (node,)


def _branches(items: tuple[Node, ...]) -> tuple[Node, ...]:
    """A group of alternatives among alternatives needs no parentheses of its own."""
    if len(items) == 1 and isinstance(items[0], Group) and items[0].kind == "plain":
        inner = items[0].item
        return inner.branches if isinstance(inner, Alternation) else (inner,)
    if len(items) == 1 and isinstance(items[0], Alternation):
        return items[0].branches
    return (Parts(items),)


def _shared(found: Sequence[tuple[Node, ...]]) -> tuple[Node, ...]:
    """What all of them begin with."""
    shortest = min(found, key=len)
    for place, item in enumerate(shortest):
        if any(items[place] != item for items in found):
            return shortest[:place]
    return shortest


def _word_length(items: tuple[Node, ...]) -> int:
    """How many letters and digits stand first."""
    return next((place for place, item in enumerate(items) if not _is_word(item)), len(items))


def _is_word(node: Node) -> bool:
    return isinstance(node, Char) and (node.char.isalnum() or node.char == "_")
