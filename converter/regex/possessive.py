"""Possessive repeats that are greedy ones: nothing that they take could be given back.

\\d++\\]   ->   \\d+\\]      a digit is no bracket
\\w++x    stays            an `x` could be given back
"""

from __future__ import annotations

import dataclasses

from converter.regex.ast import Alternation, Char, Class, Flags, Group, Look, Node, Repeat, Sequence
from converter.regex.positions import takes


def without_possessive(node: Node) -> Node:
    """The same expression, with greedy repeats for possessive ones where these are followed by what they
    can't take."""
    match node:
        case Sequence(items):
            changed = [without_possessive(item) for item in items]
            for place, item in enumerate(changed):
                if isinstance(item, Repeat) and item.kind == "+" and _cannot(item.item, changed[place + 1 :]):
                    changed[place] = dataclasses.replace(item, kind="")
            return Sequence(tuple(changed))
        case Alternation(branches):
            return Alternation(tuple(map(without_possessive, branches)))
        case Repeat(item=item) | Group(item=item) | Flags(item=item) | Look(item=item):
            return dataclasses.replace(node, item=without_possessive(item))
    return node


def _cannot(taken: Node, following: list[Node]) -> bool:
    """Whether the next item is a character that the repeated one never is, whatever its case."""
    if not following or not isinstance(taken, Char | Class) or not isinstance(following[0], Char):
        return False
    char = following[0].char
    return not any(takes(taken, form) for form in {char, char.lower(), char.upper()} if len(form) == 1)
