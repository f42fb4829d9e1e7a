"""KQL changed one step at a time, by the tree of the evaluator's own grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from converter.harness.mutation.edit import Edit, Mutant, few, mutants, swaps, table
from converter.harness.mutation.expressions import expression_edits
from converter.harness.mutation.known import NOTHING, Known
from converter.harness.mutation.texts import value_edits
from converter.harness.mutation.trees import (
    Node,
    dropped,
    joined,
    operands,
    parser,
    renamed,
    span,
    stepped,
    tokens,
    unwrapped,
)
from converter.kept.nodes import Token, Tree, Unexpected, subtrees

_STRING = re.compile(r"""(?P<open>[hH]?@?["'])(?P<text>.*)["']""", re.DOTALL)
_ROOTED = re.compile(r'where\w+startswith"/"')
_SPAN = re.compile(r"(\d+)[a-z]+")
_PRESENT = re.compile(r"where isnotempty\(\w+\)(?: and isnotempty\(\w+\))*")
_LOOSER = ("predicate", "logic", "column")
"""Kinds of changes that let such a condition take more."""
_EXPRESSIONS = ("extract", "extract_all", "replace_regex")
"""Functions whose first argument is a regular expression."""


def kusto_mutants(text: str, most: int | None = None, known: Known = NOTHING) -> Iterator[Mutant]:
    """Texts one step from a query, `most` of each kind; none of a text that isn't read.

    `known`: what is known of the columns.
    """
    try:
        tree = parser("converter.evaluate.kusto", "kusto.lark").parse(text)
    except Unexpected:
        return iter(())
    repeated = list(_repeated(text, tree))
    edits = (edit for edit in _edits(text, tree) if edit.kind not in _LOOSER or not _lies_in(edit, repeated))
    return mutants(text, few(known.telling(edits), most, lambda edit: edit.kind))


def _repeated(text: str, tree: Tree[Token]) -> Iterator[tuple[int, int]]:
    """Where a step asks of its keys that they are there, as another step does: what is joined by keys is then
    without those that are missing, whichever of the two asks."""
    found: dict[str, list[tuple[int, int]]] = {}
    for node in subtrees(tree):
        if node.data == "where":
            start, end = span(node)
            if _PRESENT.fullmatch(text[start:end]):
                found.setdefault(text[start:end], []).append((start, end))
    for places in found.values():
        yield from places if len(places) > 1 else ()


def _lies_in(edit: Edit, places: list[tuple[int, int]]) -> bool:
    return any(start <= edit.end and edit.start <= end for start, end in places)


def _is_word(node: Node) -> bool:
    return isinstance(node, Token)


def _edits(text: str, tree: Tree[Token]) -> Iterator[Edit]:
    for node in subtrees(tree):
        match node.data:
            case "any_of":
                items = operands(node, _is_word)
                yield from dropped("element", items)
                yield from joined(text, items, "and")
            case "all_of":
                items = operands(node, _is_word)
                yield from dropped("predicate", items)
                yield from joined(text, items, "or")
            case "binary":
                yield from _binary(node)
            case "membership":
                yield from _membership(node)
            case "call":
                yield from _call(text, node)
            case "where" | "step":
                yield from renamed(_columns(node))
            case "join" | "lookup":
                yield from _join(text, node)
            case "groups":
                items = [child for child in node.children if isinstance(child, Tree)]
                yield from dropped("key", items)
            case "timespan":
                yield from _timespan(node)
            case "pipeline":
                yield from _filters(node)
        yield from _groups(text, node)


def _columns(node: Tree[Token]) -> Iterator[Token]:
    for inner in subtrees(node):
        if inner.data == "name_expression":
            yield from (token for token in tokens(inner) if token.type == "IDENT")


def _filters(pipeline: Tree[Token]) -> Iterator[Edit]:
    """A `where` left out, with its pipe."""
    filters = [child for child in pipeline.children if isinstance(child, Tree) and child.data == "where"]
    for before, child in pairwise(pipeline.children):
        if isinstance(child, Tree) and child.data == "where" and isinstance(before, Token):
            told = tuple(name for other in filters if other is not child for name in _told(other))
            rooted = _ROOTED.fullmatch("".join(map(str, tokens(child)))) is not None
            start, end = span(before)[0], span(child)[1]
            yield Edit("predicate", start, end, "", value="/" if rooted else "", told=told)


def _told(where: Tree[Token]) -> tuple[str, ...]:
    """The columns of the other table in which a `where` looks its rows up."""
    inner = (node for node in subtrees(where) if node.data == "where" and node is not where)
    return tuple(str(token) for node in inner for token in tokens(node) if token.type == "IDENT")


def _groups(text: str, parent: Tree[Token]) -> Iterator[Edit]:
    """Parentheses around an `or` inside of an `and`."""
    if parent.data != "all_of":
        return
    for child in parent.children:
        if isinstance(child, Tree) and child.data == "parenthesis":
            inner = child.children[1]
            while isinstance(inner, Tree) and inner.data == "pipeline":
                inner = inner.children[0]
            if isinstance(inner, Tree) and inner.data == "any_of":
                yield from unwrapped(text, child)


def _binary(node: Tree[Token]) -> Iterator[Edit]:
    left, operator, right = node.children
    if not isinstance(operator, Token) or operator.type != "COMPARE":
        return
    asked = _asked(left)
    cased = any(char.isalpha() for side in (left, right) for char in _literal_text(side))
    for edit in swaps(str(operator), *span(operator), table("kql", "words")):
        if cased or edit.kind != "case":
            yield replace(edit, field=asked, value=_literal_text(right).strip("\"'"))
    expression = str(operator).startswith("matches")
    for side in (left, right):
        if not isinstance(side, Tree):
            continue
        if side.data == "string":
            yield from (replace(edit, field=asked) for edit in _literal(side, expression))
        elif side.data == "integer":
            for token in tokens(side):
                yield from stepped(token)
        elif side.data in ("true", "false"):
            yield Edit("value", *span(side), "false" if side.data == "true" else "true")


def _asked(node: Node | None) -> str:
    """The column, or the path into one, that a side of a comparison is; as a text, or as it stands."""
    spelled = "".join(map(str, tokens(node))) if isinstance(node, Tree) else str(node or "")
    return spelled.removeprefix("tostring(").removesuffix(")")


def _literal_text(node: Node | None) -> str:
    """The texts of the string literals below the node."""
    if node is None or isinstance(node, Token):
        return ""
    return "".join(str(token).lstrip("@hH") for token in tokens(node) if token.type == "STRING")


def _literal(node: Tree[Token], expression: bool) -> Iterator[Edit]:
    for token in tokens(node):
        if found := _STRING.fullmatch(str(token)):
            start = span(token)[0] + len(found["open"])
            if expression:
                edits = expression_edits(found["text"], start, escaped="@" not in found["open"])
            else:
                edits = value_edits(found["text"], start)
            yield from (replace(edit, value=found["text"]) for edit in edits)


def _membership(node: Tree[Token]) -> Iterator[Edit]:
    operator = node.children[1]
    assert isinstance(operator, Token)
    items = [child for child in node.children[2:] if isinstance(child, Tree)]
    texts = (_literal_text(item) for item in items if item.data == "string")
    cased = any(char.isalpha() for text in texts for char in text)
    for edit in swaps(str(operator), *span(operator), table("kql", "words")):
        if cased or edit.kind != "case":
            yield replace(edit, field=_asked(node.children[0]))
    yield from dropped("element", items)
    for item in items:
        for inner in subtrees(item):
            if inner.data == "string":
                yield from _literal(inner, False)
            elif inner.data == "integer":
                for token in tokens(inner):
                    yield from stepped(token, "value")


def _call(text: str, node: Tree[Token]) -> Iterator[Edit]:
    head = node.children[0]
    assert isinstance(head, Token)
    name = str(head)
    if name == "not":
        yield Edit("negation", *span(head), "")
    yield from swaps(name, *span(head), table("kql", "calls"))
    arguments = [child for child in node.children[1:] if isinstance(child, Tree)]
    if name in ("coalesce", "pack_array"):
        yield from dropped("element", arguments)
    for place, argument in enumerate(arguments):
        inner: Node = argument
        while isinstance(inner, Tree) and inner.data in ("pipeline", "argument"):
            inner = inner.children[0]
        if isinstance(inner, Tree) and inner.data == "string":
            yield from _literal(inner, expression=name in _EXPRESSIONS and place == 0)


def _join(text: str, node: Tree[Token]) -> Iterator[Edit]:
    for child in node.children:
        if isinstance(child, Tree) and child.data == "setting":
            for token in tokens(child):
                yield from swaps(str(token), *span(token), table("kql", "settings"))
    words = [str(child) if isinstance(child, Token) else "" for child in node.children]
    if "on" in words:
        place = words.index("on")
        keys = [child for child in node.children[place + 1 :] if isinstance(child, Tree)]
        yield from dropped("key", keys)


def _timespan(node: Tree[Token]) -> Iterator[Edit]:
    for token in tokens(node):
        found = _SPAN.fullmatch(str(token))
        if found:
            start = span(token)[0]
            for number in (int(found[1]) + 1, int(found[1]) - 1):
                yield Edit("timespan", start, start + len(found[1]), str(number))
