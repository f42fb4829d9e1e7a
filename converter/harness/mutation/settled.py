"""Of which fields a search leaves only one value, or the same list of them in each alternative.

(sourcetype=a EventCode=1) OR (sourcetype=a EventCode=3)    sourcetype
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from converter.evaluate.spl.split import Command
from converter.harness.mutation.trees import Node, parser, tokens
from converter.kept.nodes import Token, Tree, Unexpected


def settled_by(command: Command) -> frozenset[str]:
    """The fields of which a search takes one value, or list, only: to ask them again changes nothing."""
    values: dict[str, set[str]] = {}
    if command.name != "search":
        return frozenset()
    branches = _branches(command.arguments)
    for branch in branches:
        for name, value in branch:
            values.setdefault(name, set()).add(value)
    return frozenset(
        name
        for name, found in values.items()
        if len(found) == 1
        and "*" not in next(iter(found))
        and all(name in dict(branch) for branch in branches)
    )


def _branches(arguments: str) -> Sequence[Sequence[tuple[str, str]]]:
    """For each alternative of a search what its terms ask to be equal."""
    try:
        tree: Node = parser("converter.evaluate.spl", "search.lark").parse(arguments)
    except Unexpected:
        return ()
    branches = list(_alternatives(tree))
    return [
        [
            (words[0], " ".join(words[2:]))
            for node in _terms(branch)
            if (words := [str(token).strip('"') for token in tokens(node)])[1] in ("=", "IN")
        ]
        for branch in branches
    ]


def _alternatives(node: Node) -> Iterator[Node]:
    """What a search is an OR of, whatever holds it together."""
    while isinstance(node, Tree) and node.data not in ("comparison", "membership", "negated"):
        inner = [child for child in node.children if isinstance(child, Tree)]
        if node.data == "disjunction" and len(inner) > 1:
            for child in inner:
                yield from _alternatives(child)
            return
        if len(inner) != 1:
            break
        (node,) = inner
    yield node


def _terms(node: Node) -> Iterator[Tree[Token]]:
    """The comparisons and lists that must all hold."""
    if isinstance(node, Tree):
        if node.data in ("comparison", "membership"):
            yield node
        elif node.data == "conjunction" or len(node.children) == 1:
            for child in node.children:
                yield from _terms(child)
