r"""A regular expression over an object as Java writes it, for the same object as JSON.

    modelId=([^,}\]]+)           ->   modelId(?:=|"\s*:\s*"?)([^,}\]"]+)
    cpu=(8192|16384)[,} ].*      ->   cpu(?:=|"\s*:\s*"?)(8192|16384)[,} "]

`=` stands between a key and its value, a value ends at a quote, and quotes inside of a value are escaped. The
order of the keys is each log's own.
"""

from __future__ import annotations

import dataclasses

from converter.lowering.conversions.base import Lost
from converter.regex import RegexNotSupported
from converter.regex.ast import (
    Alternation,
    Anchor,
    Any,
    Char,
    Class,
    Dialect,
    Flags,
    Group,
    Node,
    Repeat,
    Sequence,
)
from converter.regex.parse import parse_regex
from converter.regex.write import write

MESSAGE = "an object's text is looked for in its JSON, which may hold it in another order or form"
_EQUALS = parse_regex(r'(?:=|"\s*:\s*"?)', "pcre")
_QUOTE = Sequence((Repeat(Char("\\"), 0, None), Char('"')))
_END = Class(tuple((char, char) for char in ',}]"'))
_ENDS = frozenset(",}] ")


def in_json(pattern: str, dialect: Dialect) -> str:
    """The pattern, looked for anywhere in the JSON. Raises Lost for what is written otherwise there."""
    try:
        node = parse_regex(pattern, dialect)
        items = list(node.items) if isinstance(node, Sequence) else [node]
        open_start, open_end = dialect != "lucene", dialect != "lucene"
        while items and (is_anything(items[0]) or (items[0] == Anchor("\\A") and is_anything(*items[1:2]))):
            items.pop(0)
            open_start = True
        while items and is_anything(items[-1]):
            items.pop()
            open_end = True
        if not (open_start and open_end):
            raise Lost("derived-field", "the whole text of an object, which the target writes as JSON")
        if items and isinstance(items[-1], Char) and items[-1].char in ",}]":
            items[-1] = _END
        return write(Sequence(tuple(item if item is _END else _over(item) for item in items)), "pcre")
    except RegexNotSupported as error:
        raise Lost(error.code, error.message) from None


def is_anything(*nodes: Node) -> bool:
    return (
        bool(nodes) and isinstance(nodes[0], Repeat) and isinstance(nodes[0].item, Any) and not nodes[0].least
    )


def _over(node: Node) -> Node:
    match node:
        case Char("="):
            return _EQUALS
        case Char('"'):
            return _QUOTE
        case Char("," | "{" | "}" | "[" | "]"):
            raise Lost("derived-field", f"{node.char} in an object's text, which the target writes as JSON")
        case Class(shorthands=("S",), ranges=(), negated=False):
            return Class(_END.ranges, ("s",), negated=True)
        case Class(negated=True):
            return dataclasses.replace(node, ranges=(*node.ranges, ('"', '"')))
        case Class() if any(low in _ENDS for low, high in node.ranges if low == high):
            return dataclasses.replace(node, ranges=(*node.ranges, ('"', '"')))
        case Sequence(items):
            return Sequence(tuple(map(_over, items)))
        case Alternation(branches):
            return Alternation(tuple(map(_over, branches)))
        case Repeat(item=item) | Group(item=item) | Flags(item=item):
            return dataclasses.replace(node, item=_over(item))
        case Anchor():
            raise Lost(
                "derived-field", "the start or end of an object's text, which the target writes as JSON"
            )
    return node
