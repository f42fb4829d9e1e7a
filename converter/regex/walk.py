"""What a tree holds."""

from __future__ import annotations

from collections.abc import Iterator

from converter.regex.ast import (
    Alternation,
    Char,
    Complement,
    Flags,
    Group,
    Intersection,
    Look,
    Node,
    Repeat,
    Sequence,
)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    match node:
        case Sequence(items):
            return items
        case Alternation(branches):
            return branches
        case (
            Repeat(item=item) | Group(item=item) | Flags(item=item) | Look(item=item) | Complement(item=item)
        ):
            return (item,)
        case Intersection(left, right):
            return (left, right)
    return ()


def nodes(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    stack = [node]
    while stack:
        found = stack.pop()
        yield found
        if not isinstance(found, Char):
            stack.extend(reversed(children(found)))


def as_literal(node: Node) -> str | None:
    """The one text that the node matches, or None where it matches others too (or a place, or a case)."""
    match node:
        case Char(char):
            return char
        case Group(item=item):
            return as_literal(item)
        case Sequence(items):
            texts = [as_literal(item) for item in items]
            return None if None in texts else "".join(text for text in texts if text is not None)
        case Repeat(item, least, most) if least == most:
            text = as_literal(item)
            return None if text is None else text * least
    return None
