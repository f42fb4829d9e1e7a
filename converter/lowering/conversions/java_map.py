r"""`RequestParameters|java_map`: ECS has an object as Java's `Map.toString` writes it, the target as JSON.

{policyArn=arn:aws:iam::aws:policy/ReadOnly, versions=[v1, v2]}
{"policyArn":"arn:aws:iam::aws:policy/ReadOnly","versions":["v1","v2"]}

request_parameters : "*policyArn=arn:aws:*"   ->   RequestParameters matches policyArn(?:=|"\s*:\s*"?)arn:aws:

Only what is written alike in both, but for the `=` between a key and a plain value, can be looked for.
"""

from __future__ import annotations

import json
import re

from converter.ir.predicate import Exists, Like, Predicate, Regex, Wild
from converter.ir.rewrite import conjunction
from converter.late import late
from converter.lowering.conversions.base import Approximation, Context, Lost
from converter.lowering.conversions.java_text import MESSAGE, in_json, is_anything
from converter.lowering.conversions.pieces import escape
from converter.lowering.fidelity import Fidelity
from converter.regex import RegexNotSupported
from converter.regex.ast import Char, Sequence
from converter.regex.parse import parse_regex

_ALIKE = late(r"[A-Za-z0-9_.:*@+/ $%-]*(?:=[A-Za-z0-9_.:*@+/ $%-]*)*")
_EQUALS = r'(?:=|"\s*:\s*"?)'
_AROUND = 3
"""Pieces of a pattern that has a text between two others."""
_ENTRY = late(r"([A-Za-z0-9_.:$@-]+)=")


def java_map(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """Substrings of the text, or its presence. Raises Lost for the rest."""
    name = context.cell.field
    if isinstance(leaf, Exists):
        return Exists(name, pos=leaf.pos)
    if isinstance(leaf, Regex) and (plain := _without_expression(leaf)) is not None:
        leaf = plain
    if isinstance(leaf, Regex):
        found_text = Regex(name, in_json(leaf.pattern, leaf.dialect), "pcre", leaf.ignore_case, pos=leaf.pos)
        return Approximation(found_text, Fidelity.WIDER, "object-text", MESSAGE, both=True)
    if not isinstance(leaf, Like) or leaf.pattern[0] is not Wild.ANY or leaf.pattern[-1] is not Wild.ANY:
        raise Lost("derived-field", "the whole text of an object, which the target writes as JSON")
    pieces = [piece for piece in leaf.pattern if isinstance(piece, str)]
    if Wild.ONE in leaf.pattern or not all(map(_ALIKE.fullmatch, pieces)):
        raise Lost("derived-field", "characters that an object's text and its JSON write differently")
    found = conjunction(_contains(name, piece, leaf) for piece in pieces)
    if len(pieces) == 1:
        return found
    message = f"the order in which {leaf.field} has its keys is not that of the log"
    return Approximation(found, Fidelity.WIDER, "object-order", message)


def _without_expression(leaf: Regex) -> Like | None:
    """The expression as a pattern, where it is plain text between two `.*`: such are looked for by pieces."""
    if leaf.dialect != "lucene":
        return None
    try:
        node = parse_regex(leaf.pattern, leaf.dialect)
    except RegexNotSupported:
        return None
    pieces: list[str | Wild] = []
    for item in node.items if isinstance(node, Sequence) else (node,):
        if is_anything(item):
            pieces.append(Wild.ANY)
        elif not isinstance(item, Char):
            return None
        elif pieces and isinstance(pieces[-1], str):
            pieces[-1] += item.char
        else:
            pieces.append(item.char)
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    if len(pieces) < _AROUND or not _ALIKE.fullmatch(text):
        return None
    return Like(leaf.field, tuple(pieces), leaf.ignore_case, pos=leaf.pos)


def _contains(name: str, piece: str, leaf: Like) -> Predicate:
    if "=" not in piece:
        return Like(name, (Wild.ANY, piece, Wild.ANY), leaf.ignore_case, pos=leaf.pos)
    body = _EQUALS.join(map(escape, piece.split("=")))
    return Regex(name, body, "pcre", leaf.ignore_case, pos=leaf.pos)


def as_json(text: str, backwards: bool = False) -> str:
    """The JSON of an object in Java's form, or with its keys in the other order (`backwards`); a text that is
    none is a JSON string.

    >>> as_json("{a=b, c={d=[e, f]}}")
    '{"a":"b","c":{"d":["e","f"]}}'
    >>> as_json("[a}")
    '"[a}"'
    """
    value, rest = _value(text)
    found = text if rest else _turned(value) if backwards else value
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False)


def _turned(value: object) -> object:
    """The value with the keys of its objects in the other order."""
    if isinstance(value, dict):
        return {key: _turned(item) for key, item in reversed(value.items())}
    return list(map(_turned, value)) if isinstance(value, list) else value


def _value(text: str) -> tuple[object, str]:
    """A value at the start of the text, and what follows it."""
    if text.startswith("{") and _ENTRY.match(text, 1):
        entries: dict[str, object] = {}
        rest = text[1:]
        while match := _ENTRY.match(rest):
            entries[match[1]], rest = _value(rest[match.end() :])
            rest = rest.removeprefix(", ")
        return (entries, rest[1:]) if rest.startswith("}") else (text, "")
    if text.startswith("["):
        items: list[object] = []
        rest = text[1:]
        while rest and not rest.startswith("]"):
            item, behind = _value(rest)
            if behind == rest:  # a bracket that closes what is not open
                return text, ""
            items.append(item)
            rest = behind.removeprefix(", ")
        return (items, rest[1:]) if rest else (text, "")
    end = re.search(r", (?=[A-Za-z0-9_.:$@-]+=|[^=}\]]*[\]])|[}\]]|$", text)
    place = end.start() if end else len(text)
    return text[:place], text[place:]
