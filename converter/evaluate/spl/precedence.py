"""Where a search's meaning depends on whether AND or OR binds closer.

Splunk's documentation has `search` evaluate OR first and `where` AND first; other readers of SPL take one
order for both. A search in which the two never meet without parentheses between them means the same to all.
"""

from __future__ import annotations

from collections.abc import Iterator

from converter.evaluate.spl.arguments import Cursor
from converter.evaluate.spl.grammars import parse_assignments, parse_expression, parse_search
from converter.evaluate.spl.split import Command, split
from converter.evaluate.spl.text import prepare
from converter.kept.nodes import Token, Tree, subtrees
from converter.source import Position

_LOOSE = frozenset({"conjunction", "disjunction", "exclusive"})


def precedence_sensitive(query: str) -> list[Position]:
    """The places where AND (also the implied one), OR or XOR stand side by side without parentheses.

    Empty where the meaning is the same whichever binds closer.
    Raises QuerySyntaxError for what is not SPL, NotSupportedError for an unknown macro.
    """
    return list(dict.fromkeys(place for command in split(prepare(query)) for place in _places(command)))


def _places(command: Command) -> Iterator[Position]:
    match command.name:
        case "search":
            yield from _mixed(parse_search(command.arguments, command, 0), command, 0)
        case "where":
            yield from _mixed(parse_expression(command.arguments, command, 0), command, 0)
        case "eval":
            yield from _mixed(parse_assignments(command.arguments, command, 0), command, 0)
        case "tstats":
            yield from _in_tstats(command)
    for commands in command.subsearches:
        for inner in commands:
            yield from _places(inner)


def _in_tstats(command: Command) -> Iterator[Position]:
    cursor = Cursor(command)
    while not cursor.done and not cursor.takes_word("where"):
        cursor.next()
    if not cursor.done:
        source, offset = cursor.rest_until("by", "groupby")
        yield from _mixed(parse_search(source, command, offset), command, offset)


def _mixed(tree: Tree[Token], command: Command, offset: int) -> Iterator[Position]:
    """The nodes of AND, OR and XOR that have another of them as a child, with no parentheses between."""
    for node in subtrees(tree):
        if node.data not in _LOOSE or len(_items(node)) < 2:
            continue
        if any(child.data in _LOOSE and len(_items(child)) > 1 for child in _items(node)):
            yield command.at(offset + node.meta.start_pos)


def _items(node: Tree[Token]) -> list[Tree[Token]]:
    return [child for child in node.children if isinstance(child, Tree)]
