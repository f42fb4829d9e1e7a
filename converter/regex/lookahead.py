"""Looking ahead at one character, said as a class without those that must not follow.

a(?!b|c)[a-z]   ->   a[ad-z]
"""

from __future__ import annotations

import dataclasses

from converter.regex.ast import Alternation, Char, Class, Group, Look, Node, Repeat, Sequence
from converter.regex.positions import takes

_ASCII = [chr(code) for code in range(128)]


def without_lookahead(node: Node) -> Node:
    """The same expression, with a class for each `(?!x)` of single characters before an ASCII class.

    Where the case of letters is ignored nothing is changed: classes would have to be folded first.
    """
    match node:
        case Sequence(items):
            return Sequence(tuple(_joined([without_lookahead(item) for item in items])))
        case Alternation(branches):
            return Alternation(tuple(map(without_lookahead, branches)))
        case Repeat(item=item) | Group(item=item):
            return dataclasses.replace(node, item=without_lookahead(item))
    return node


def _joined(items: list[Node]) -> list[Node]:
    joined: list[Node] = []
    for item in items:
        before = joined[-1] if joined else None
        if (
            isinstance(before, Look)
            and before.sign == "!"
            and (kept := _without(item, before.item)) is not None
        ):
            joined[-1] = kept
        else:
            joined.append(item)
    return joined


def _without(item: Node, barred: Node) -> Class | None:
    """The class of the item's characters that are none of the barred ones; None where that can't be said."""
    if not isinstance(item, Class) or item.negated or item.shorthands:
        return None
    branches = barred.branches if isinstance(barred, Alternation) else (barred,)
    singles = [one for one in branches if isinstance(one, Char | Class)]
    if len(singles) < len(branches) or any(high > "\x7f" for _, high in item.ranges):
        return None
    kept = [char for char in _ASCII if takes(item, char) and not any(takes(one, char) for one in singles)]
    return Class(tuple(_ranges(kept))) if kept else None


def _ranges(chars: list[str]) -> list[tuple[str, str]]:
    """Neighbouring characters as ranges."""
    found: list[tuple[str, str]] = []
    for char in chars:
        if found and ord(char) == ord(found[-1][1]) + 1:
            found[-1] = (found[-1][0], char)
        else:
            found.append((char, char))
    return found
