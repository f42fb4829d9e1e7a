"""Changes of a parse tree that all query languages share: operands, lists, parentheses, columns.

The trees hold every token of the text (Lark's `keep_all_tokens`), so that each node knows its characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

from converter import kept
from converter.harness.mutation.edit import Edit
from converter.kept.nodes import Token, Tree

_CONVERTER = Path(kept.__file__).parents[1]

Node: TypeAlias = Tree[Token] | Token


@cache
def parser(package: str, grammar: str, starts: tuple[str, ...] = ("start",)) -> kept.Parser:
    """The evaluator's own grammar, which here drops nothing from the tree."""
    path = _CONVERTER.joinpath(*package.split(".")[1:], grammar)
    return kept.parser(path, start=list(starts), propagate_positions=True, keep_all_tokens=True)


def span(node: Node) -> tuple[int, int]:
    """Where the node's characters begin and end."""
    if isinstance(node, Token):
        return node.start_pos, node.end_pos
    return node.meta.start_pos, node.meta.end_pos


def tokens(tree: Tree[Token]) -> Iterator[Token]:
    """All tokens below the tree."""
    for child in tree.children:
        if isinstance(child, Token):
            yield child
        elif child is not None:
            yield from tokens(child)


def operands(tree: Tree[Token], is_word: Callable[[Node], bool]) -> list[Node]:
    """The children that are not separators."""
    return [child for child in tree.children if child is not None and not is_word(child)]


def dropped(kind: str, items: Sequence[Node]) -> Iterator[Edit]:
    """Each item left out, with the separator beside it; the only one of a list stays."""
    if len(items) < 2:
        return
    for number, item in enumerate(items):
        start, end = span(item)
        if number:
            yield Edit(kind, span(items[number - 1])[1], end, "")
        else:
            yield Edit(kind, start, span(items[1])[0], "")


def joined(text: str, items: Sequence[Node], word: str) -> Iterator[Edit]:
    """Two neighbours joined by the other word, in parentheses."""
    for left, right in pairwise(items):
        (start, middle), (again, end) = span(left), span(right)
        yield Edit("logic", start, end, f"({text[start:middle]} {word} {text[again:end]})")


def unwrapped(text: str, group: Tree[Token]) -> Iterator[Edit]:
    """A group without its parentheses."""
    start, end = span(group)
    yield Edit("parenthesis", start, end, text[start + 1 : end - 1])


def renamed(names: Iterable[Token]) -> Iterator[Edit]:
    """Each name turned into the next other one of the same text."""
    found = list(names)
    order = list(dict.fromkeys(str(name) for name in found))
    if len(order) < 2:
        return
    for name in found:
        other = order[(order.index(str(name)) + 1) % len(order)]
        yield Edit("column", *span(name), other)


def stepped(number: Token, kind: str = "threshold") -> Iterator[Edit]:
    """One more and one fewer."""
    start, end = span(number)
    if str(number).isdigit():
        value = int(number)
        yield Edit(kind, start, end, str(value + 1))
        if value:
            yield Edit(kind, start, end, str(value - 1))
