"""Search terms of SPL changed one step at a time: conditions, values, wildcards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from converter.harness.mutation.edit import Edit, swaps, table
from converter.harness.mutation.texts import value_edits, wildcard_edits
from converter.harness.mutation.trees import (
    Node,
    dropped,
    joined,
    operands,
    renamed,
    span,
    stepped,
    tokens,
    unwrapped,
)
from converter.kept.nodes import Token, Tree, subtrees


def search_edits(
    text: str, tree: Tree[Token], tested: frozenset[str], told: tuple[str, ...] = ()
) -> Iterator[Edit]:
    """The changes of a search. `tested`: the fields that a `where` behind tests in full; `told`: those that
    the search's own subsearches compare."""
    for node in subtrees(tree):
        match node.data:
            case "conjunction":
                items = operands(node, is_word)
                alone = {span(item) for item in items if not _is_narrowing(item, tested)}
                asked = [_only_term(item) or "" for item in items]
                joins = any(isinstance(item, Tree) and item.data == "subsearch" for item in map(_only, items))
                for place, edit in enumerate(dropped("predicate", items)):
                    if span(items[place]) in alone:
                        beside = (*asked[:place], *asked[place + 1 :])
                        name, value = _term_of(items[place])
                        looked_up = told if joins else ()
                        yield replace(edit, field=name, value=value, beside=beside, told=looked_up)
                for place, (left, right) in enumerate(pairwise(items)):
                    if span(left) in alone and span(right) in alone:
                        both = " ".join(filter(None, asked[place : place + 2]))
                        beside = (*asked[:place], *asked[place + 2 :])
                        whole = both if all(asked[place : place + 2]) else ""
                        for edit in joined(text, [left, right], "OR"):
                            yield replace(edit, field=whole, beside=beside)
            case "disjunction":
                items = operands(node, is_word)
                yield from dropped("element", items)
                yield from joined(text, items, "AND")
            case "negated":
                start, _ = span(node)
                yield Edit("negation", start, span(node.children[1])[0], "")
            case "comparison" | "membership":
                narrowed = name_of(node) in tested
                yield from (edit for edit in _term(node) if not narrowed or edit.kind != "wildcard")
            case "group" if any(token.type == "_OR" for token in tokens(node)):
                yield from unwrapped(text, node)
    yield from renamed(_names(tree))


def is_word(node: Node) -> bool:
    """Whether the node is one of the words between conditions."""
    return isinstance(node, Token) and node.type in ("_AND", "_OR", "_NOT")


def name_of(node: Node) -> str | None:
    """The field of a search term that asks for more than that it is there."""
    if not isinstance(node, Tree) or node.data not in ("comparison", "membership"):
        return None
    words = [str(token).strip('"') for token in tokens(node)]
    return None if words[-1] == "*" else words[0]


def _is_narrowing(node: Node, tested: frozenset[str]) -> bool:
    """Whether a `where` behind tests all that is asked here."""
    terms = subtrees(node) if isinstance(node, Tree) else ()
    names = [name_of(term) for term in terms if term.data in ("comparison", "membership")]
    negated = any(term.data == "negated" for term in terms)
    return bool(names) and not negated and tested.issuperset(name or "" for name in names)


def _only_term(node: Node) -> str | None:
    """The field of the one search term that the node is."""
    return name_of(_only(node))


def _only(node: Node) -> Node:
    """What the node holds, where that is one thing."""
    while isinstance(node, Tree) and node.data in ("conjunction", "disjunction") and len(node.children) == 1:
        (node,) = node.children
    return node


def _term_of(node: Node) -> tuple[str, str]:
    """The field and the value of the one search term that the node is: `*` where it asks that it is there."""
    node = _only(node)
    words = [str(token).strip('"') for token in tokens(node)] if isinstance(node, Tree) else []
    plain = isinstance(node, Tree) and node.data == "comparison" and len(words) == 3 and words[1] == "="
    return (words[0], words[2]) if plain else (name_of(node) or "", "")


def _names(tree: Tree[Token]) -> Iterator[Token]:
    for node in subtrees(tree):
        if node.data == "name":
            yield from tokens(node)


def _term(node: Tree[Token]) -> Iterator[Edit]:
    """`name OPERATOR value`, or `name IN (value, ...)`."""
    for child in node.children:
        if isinstance(child, Token):
            yield from swaps(str(child), *span(child), table("spl", "words"))
    values = [child for child in node.children if isinstance(child, Tree) and child.data == "value"]
    name = next(str(token).strip('"') for token in tokens(node))
    if node.data == "membership":
        yield from dropped("element", values)
    for value in values:
        for token in tokens(value):
            quoted = token.type == "STRING"
            start = span(token)[0] + quoted
            spelled = str(token)[1:-1] if quoted else str(token)
            if spelled.isdigit():
                yield from stepped(token, "value")
            else:
                yield from value_edits(spelled, start)
                for edit in wildcard_edits(spelled, start):
                    first, last = edit.start - start, edit.end - start
                    made = spelled[:first] + edit.after + spelled[last:]
                    yield replace(edit, field=name, value=spelled, made=made)
