"""A pattern kept from taking certain characters: to look for a name in a path, an argument in a line.

confine("cmd.*", "lucene", "\\\\")   ->   (?:cmd[^\\\\]*)
"""

from __future__ import annotations

import dataclasses

from converter.regex.ast import (
    Alternation,
    Any,
    Char,
    Class,
    Dialect,
    Flags,
    Group,
    Interval,
    Node,
    Nothing,
    Repeat,
    Sequence,
)
from converter.regex.characters import ASCII_SHORTHANDS, complement
from converter.regex.errors import RegexNotSupported
from converter.regex.parse import parse_regex
from converter.regex.write import write


def confine(pattern: str, dialect: Dialect, excluded: str) -> str:
    """The pattern, meant for a whole value, as PCRE in a group; no part of it takes an excluded character.

    Raises RegexNotSupported for anchors, look-around and what PCRE lacks.
    """
    node = _confined(parse_regex(pattern, dialect), excluded) if excluded else parse_regex(pattern, dialect)
    return f"(?:{write(node, 'pcre')})"


def _confined(node: Node, excluded: str) -> Node:
    match node:
        case Char(char):
            return Nothing() if char in excluded else node
        case Any():
            return Class(tuple((char, char) for char in excluded), negated=True)
        case Class(negated=True):
            outside = tuple((char, char) for char in excluded if not _within(char, node))
            return dataclasses.replace(node, ranges=(*node.ranges, *outside))
        case Class():
            return _plain_class(node, excluded)
        case Nothing():
            return node
        case Interval() if not any(char.isdigit() for char in excluded):
            return node
        case Sequence(items):
            return Sequence(tuple(_confined(item, excluded) for item in items))
        case Alternation(branches):
            return Alternation(tuple(_confined(branch, excluded) for branch in branches))
        case Repeat(item=item) | Group(item=item) | Flags(item=item):
            return dataclasses.replace(node, item=_confined(item, excluded))
    raise RegexNotSupported(f"{type(node).__name__.lower()} inside a part of a value", code="regex-confined")


def _plain_class(node: Class, excluded: str) -> Node:
    """A class without the excluded characters: shorthands are spelled out where need be."""
    ranges = list(node.ranges)
    for sign in node.shorthands:
        known = ASCII_SHORTHANDS.get(sign.lower())
        if known is None:
            raise RegexNotSupported("a Unicode class inside a part of a value", code="regex-confined")
        ranges += complement(known) if sign.isupper() else known
    kept = tuple(ranges)
    for char in excluded:
        kept = tuple(piece for low, high in kept for piece in _without(low, high, char))
    if sorted(kept) == sorted(ranges):
        return node
    return Class(kept) if kept else Nothing()


def _without(low: str, high: str, char: str) -> list[tuple[str, str]]:
    if not low <= char <= high:
        return [(low, high)]
    pieces = []
    if low < char:
        pieces.append((low, chr(ord(char) - 1)))
    if char < high:
        pieces.append((chr(ord(char) + 1), high))
    return pieces


def _within(char: str, node: Class) -> bool:
    return any(low <= char <= high for low, high in node.ranges)
