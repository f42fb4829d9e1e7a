"""A pattern of one dialect in another's words, with the same meaning, or refused."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from converter.regex.ast import (
    Alternation,
    Anchor,
    Any,
    Char,
    Complement,
    Dialect,
    Flags,
    Group,
    Intersection,
    Look,
    Node,
    Repeat,
    Sequence,
    Sign,
)
from converter.regex.errors import RegexNotSupported
from converter.regex.folding import fold_ascii, keep_other_case
from converter.regex.parse import parse_regex
from converter.regex.write import write

_START, _END = Anchor("\\A"), Anchor("\\z")
_ANYTHING = Repeat(Any(newline=True), 0, None)
_PERHAPS_LINE_FEED = Sequence((Repeat(Char("\n"), 0, 1), _END))


_KEPT = lru_cache(maxsize=1024)
"""Each profile asks for the same pattern in another's words."""


@_KEPT
def translate(pattern: str, source: Dialect, target: Dialect, ignore_case: bool = False) -> str:
    """The pattern for `target`, with the same meaning as a condition on a text (not for what groups take).

    Lucene's patterns are anchored at both ends, the others searched: `a|b` becomes `^(?:a|b)\\z` in PCRE and
    `^(?:a|b)$` in Kusto, whose `$` is the end. Raises QuerySyntaxError for what is no pattern of `source`,
    RegexNotSupported naming the construct.
    """
    node = parse_regex(pattern, source)
    if ignore_case and target == "lucene":
        node = fold_ascii(node)
    elif ignore_case and source == "lucene":
        node = keep_other_case(node)
    if source == "lucene" and target != "lucene":
        node = _anchored(node, target)
    elif source == "pcre" and target != "pcre":
        node = _end_of_text(node)
    if source != "lucene" and target == "lucene":
        node = _searched(node)
    text = write(node, target)
    return f"(?i){text}" if ignore_case and target != "lucene" else text


@_KEPT
def loosen_end(pattern: str) -> str:
    """A PCRE pattern with `$` for `\\z`, as Sigma rules are written: pySigma refuses `\\z` (Python has none).

    The result also takes a value that ends in a line feed: the only difference.
    """
    return write(_ended(parse_regex(pattern, "pcre"), "\\z", "\\Z"), "pcre")


@_KEPT
def strict_end(pattern: str) -> str:
    """A PCRE pattern with `\\z` for `$`: the very end, also where the value ends in a line feed."""
    return write(_ended(parse_regex(pattern, "pcre"), "\\Z", "\\z"), "pcre")


def _ended(node: Node, old: Sign, new: Sign) -> Node:
    match node:
        case Anchor(sign) if sign == old:
            return Anchor(new)
        case Sequence(items):
            return Sequence(tuple(_ended(item, old, new) for item in items))
        case Alternation(branches):
            return Alternation(tuple(_ended(branch, old, new) for branch in branches))
        case Repeat(item=item) | Group(item=item) | Flags(item=item) | Look(item=item):
            return replace(node, item=_ended(item, old, new))
    return node


def _anchored(node: Node, target: Dialect) -> Node:
    """The whole text: `.*` at an end says that anything may stand there, as a search does without it.

    PCRE can say `~` and `&` of a whole pattern by looking ahead.
    """
    if target == "pcre" and isinstance(node, Complement):
        return Sequence((_START, Look("!", Sequence((_plain(node.item), _END))), _ANYTHING, _END))
    if target == "pcre" and isinstance(node, Intersection):
        left = Look("=", Sequence((_plain(node.left), _END)))
        return Sequence((_START, left, _plain(node.right), _END))
    items = node.items if isinstance(node, Sequence) else (_plain(node),)
    start, end = len(items) > 1 and items[0] == _ANYTHING, len(items) > 1 and items[-1] == _ANYTHING
    kept = items[start : len(items) - end]
    return Sequence((*(() if start else (_START,)), *kept, *(() if end else (_END,))))


def _plain(node: Node) -> Node:
    return Group(node, "plain") if isinstance(node, Alternation | Sequence) else node


def _searched(node: Node) -> Node:
    """For Lucene: what an unanchored pattern leaves open is written out."""
    if isinstance(node, Alternation):
        return Alternation(tuple(map(_searched, node.branches)))
    items = node.items if isinstance(node, Sequence) else (node,)
    start = items[:1] == (_START,)
    end = items[-1:] == (_END,) and len(items) > start
    kept = items[start : len(items) - end]
    return Sequence((*(() if start else (_ANYTHING,)), *kept, *(() if end else (_ANYTHING,))))


def _end_of_text(node: Node) -> Node:
    """PCRE's `$` also holds before a last line feed: where nothing follows it, Kusto can say so."""
    match node:
        case Anchor("\\Z"):
            return _PERHAPS_LINE_FEED
        case Sequence(items) if items:
            last = _end_of_text(items[-1])
            tail = last.items if isinstance(last, Sequence) else (last,)
            return Sequence((*map(_inner, items[:-1]), *tail))
        case Alternation(branches):
            return Alternation(tuple(map(_end_of_text, branches)))
        case Group(item=item) | Flags(item=item):
            return replace(node, item=_end_of_text(item))
    return _inner(node)


def _inner(node: Node) -> Node:
    """A node that others follow, or that is repeated: `$` in it can't be written."""
    match node:
        case Anchor("\\Z"):
            raise RegexNotSupported("$ before the end of a regular expression", code="regex-anchor")
        case Sequence(items):
            return Sequence(tuple(map(_inner, items)))
        case Alternation(branches):
            return Alternation(tuple(map(_inner, branches)))
        case Group(item=item) | Flags(item=item) | Repeat(item=item):
            return replace(node, item=_inner(item))
    return node
