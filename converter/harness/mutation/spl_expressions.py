"""Expressions of SPL's `eval` and `where` changed one step at a time, and arguments of `stats` and `sort`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from converter.harness.mutation.edit import Edit, swaps, table
from converter.harness.mutation.expressions import expression_edits
from converter.harness.mutation.spl_terms import is_word
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

_EXPRESSIONS = ("match", "mvfind", "replace")
"""Functions whose second argument is a regular expression."""
_SPAN = re.compile(r'"-(\d+)[smhd]"')


def eval_edits(
    text: str,
    tree: Tree[Token],
    tested: frozenset[str] = frozenset(),
    settled: frozenset[str] = frozenset(),
) -> Iterator[Edit]:
    """The changes of an expression. `tested`: the fields that search terms narrow before; `settled`: those of
    which they leave one value."""
    for node in subtrees(tree):
        match node.data:
            case "conjunction":
                items = operands(node, is_word)
                yield from (
                    edit
                    for place, edit in enumerate(dropped("predicate", items))
                    if not _asks_only(items[place], settled)
                )
                yield from joined(text, items, "OR")
            case "disjunction":
                items = operands(node, is_word)
                yield from dropped("element", items)
                yield from joined(text, items, "AND")
            case "negated":
                yield Edit("negation", span(node)[0], span(node.children[1])[0], "")
            case "comparison" | "equality":
                yield from _comparison(node)
            case "call":
                narrowed = any(str(token).strip("'") in tested for token in tokens(node))
                for edit in _call(node):
                    looser = narrowed and edit.kind == "anchor"
                    if not looser and not (edit.kind == "aggregate" and edit.field in settled):
                        yield edit
            case "membership":
                yield from dropped(
                    "element", [child for child in node.children[3:-1] if isinstance(child, Tree)]
                )
        yield from _groups(text, node)
    yield from renamed(token for token in tokens(tree) if token.type in ("FIELD", "QUOTED"))


def _asks_only(node: Node, names: frozenset[str]) -> bool:
    """Whether an expression asks fields, and no others than these."""
    fields = {str(token).strip("'") for token in _tokens(node) if token.type in ("FIELD", "QUOTED")}
    return bool(fields) and fields <= names


def _groups(text: str, parent: Tree[Token]) -> Iterator[Edit]:
    """Parentheses that hold together what the parent would take apart."""
    for child in parent.children:
        if isinstance(child, Tree) and child.data == "group":
            inner = child.children[1]
            loose = {"negated": ("conjunction", "disjunction"), "conjunction": ("disjunction",)}
            if isinstance(inner, Tree) and inner.data in loose.get(str(parent.data), ()):
                yield from unwrapped(text, child)


def _comparison(node: Tree[Token]) -> Iterator[Edit]:
    for child in node.children:
        if isinstance(child, Token):
            yield from swaps(str(child), *span(child), table("spl", "words"))
        elif child.data == "number":
            for token in tokens(child):
                yield from stepped(token)
        elif child.data == "string":
            for token in tokens(child):
                yield from value_edits(str(token)[1:-1], span(token)[0] + 1)


def _asked(arguments: Sequence[Tree[Token]]) -> str:
    """The field that is a call's first argument (`EventCode`, 'Filesystem.action')."""
    found = list(tokens(arguments[0])) if arguments else []
    return str(found[0]).strip("'") if len(found) == 1 else ""


def _call(node: Tree[Token]) -> Iterator[Edit]:
    head = node.children[0]
    assert isinstance(head, Token)
    name = str(head).rstrip("( \t")
    start = span(head)[0]
    arguments = [child for child in node.children[1:] if isinstance(child, Tree)]
    asked = _asked(arguments)
    for edit in swaps(name, start, start + len(name), table("spl", "calls")):
        yield replace(edit, field=asked)
    if name == "coalesce":
        yield from dropped("element", arguments)
    for place, argument in enumerate(arguments):
        if argument.data != "string":
            continue
        (token,) = tokens(argument)
        spelled, first = str(token)[1:-1], span(token)[0] + 1
        if name in _EXPRESSIONS and place == 1:
            yield from (
                replace(edit, field=asked, value=spelled) for edit in expression_edits(spelled, first)
            )
        elif name == "like":
            yield from value_edits(spelled, first)
            yield from wildcard_edits(spelled, first, "%")
        elif found := _SPAN.fullmatch(str(token)):
            at = span(token)[0] + found.start(1)
            for number in (int(found[1]) + 1, int(found[1]) - 1):
                yield Edit("timespan", at, at + len(found[1]), str(number))
        else:
            yield from value_edits(spelled, first)


def _tokens(node: Node) -> Iterator[Token]:
    return tokens(node) if isinstance(node, Tree) else iter((node,))


def argument_edits(text: str, tree: Tree[Token]) -> Iterator[Edit]:
    """The changes of the arguments of `stats`, `streamstats` and `sort`: functions, keys, order."""
    words = list(tokens(tree))
    for word in words:
        yield from swaps(str(word), *span(word), table("spl", "arguments"))
        if word.type == "WORD" and str(word).startswith("-"):
            yield Edit("order", span(word)[0], span(word)[0] + 1, "")
    places = [number for number, word in enumerate(words) if str(word).lower() == "by"]
    if places:
        keys = words[places[-1] + 1 :]
        yield from dropped("key", keys)
        if len(keys) == 1:
            yield Edit("key", span(words[places[-1]])[0], span(keys[0])[1], "")
    elif len(words) > 2 and str(words[0]) == "0":
        yield from dropped("order", words[1:])
        for word in words[1:]:
            start, end = span(word)
            yield Edit("order", start, end, str(word)[1:] if str(word).startswith("-") else f"-{word}")
