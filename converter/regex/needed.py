"""A text that is in whatever an expression matches: where it is missing, no engine need be asked."""

from __future__ import annotations

from collections.abc import Iterator

from converter.regex.ast import Char, Flags, Group, Node, Repeat, Sequence


def needed(node: Node) -> str:
    """The longest run of ASCII characters that each match holds, in lower case; empty where none is known.

    In an ASCII text in lower case it is as well where case counts as where it does not.
    """
    return max(_runs(node), key=len)


def _runs(node: Node) -> Iterator[str]:
    """The runs that stand in each match, and the empty one."""
    run: list[str] = []
    for part in _in_turn(node):
        if isinstance(part, Char) and part.char.isascii():
            run.append(part.char.lower())
            continue
        yield "".join(run)
        run.clear()
        if isinstance(part, Repeat) and part.least:
            yield from _runs(part.item)
    yield "".join(run)


def _in_turn(node: Node) -> Iterator[Node]:
    """What stands one after the other in each match."""
    match node:
        case Sequence(items=items):
            for item in items:
                yield from _in_turn(item)
        case Group(item=item) | Flags(item=item):
            yield from _in_turn(item)
        case _:
            yield node
