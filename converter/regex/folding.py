"""Lucene's way of ignoring case: ASCII letters only, written out in classes."""

from __future__ import annotations

from dataclasses import replace

from converter.regex.ast import (
    Alternation,
    Char,
    Class,
    Complement,
    Flags,
    Group,
    Intersection,
    Look,
    Node,
    Repeat,
    Sequence,
)
from converter.regex.characters import both_cases


def fold_ascii(node: Node) -> Node:
    """The tree that matches what `node` matches when the case of ASCII letters does not count."""
    match node:
        case Char(char):
            return Class(both_cases(((char, char),))) if char.isascii() and char.isalpha() else node
        case Class(ranges=ranges):
            return replace(node, ranges=both_cases(ranges))
        case Sequence(items):
            return Sequence(tuple(map(fold_ascii, items)))
        case Alternation(branches):
            return Alternation(tuple(map(fold_ascii, branches)))
        case (
            Repeat(item=item) | Group(item=item) | Flags(item=item) | Look(item=item) | Complement(item=item)
        ):
            return replace(node, item=fold_ascii(item))
        case Intersection(left, right):
            return Intersection(fold_ascii(left), fold_ascii(right))
    return node


def keep_other_case(node: Node) -> Node:
    """For a text under `(?i)`: letters beyond ASCII keep their case, as they do in Lucene."""
    match node:
        case Char(char):
            return node if char.isascii() or char.lower() == char.upper() else Flags("", "i", node)
        case Class(ranges=ranges):
            return node if all(high.isascii() for _, high in ranges) else Flags("", "i", fold_ascii(node))
        case Sequence(items):
            return Sequence(tuple(map(keep_other_case, items)))
        case Alternation(branches):
            return Alternation(tuple(map(keep_other_case, branches)))
        case Repeat(item=item) | Group(item=item) | Complement(item=item):
            return replace(node, item=keep_other_case(item))
        case Intersection(left, right):
            return Intersection(keep_other_case(left), keep_other_case(right))
    return node
