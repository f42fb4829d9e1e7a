r"""`Groups|items`, `Containers|items(image)`, `Rules|items(verbs[])`: the target holds an array as JSON text.

groups : "system:masters"       ["dev","system:masters"]            "system:masters"
containers.image : "*/nc"       [{"name":"a","image":"x/nc"}]       "image"\s*:\s*"(?:[^"\\]|\\.)*/nc"
rules.verbs : "escalate"        [{"verbs":["get","escalate"]}]      "verbs"\s*:\s*\[[^\]]*"escalate"

An item of the array is one of its texts, the value of a key in one of its objects, or an item of the array
under such a key; `items(name[?])`: under the key stands a value, or an array of values.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from converter.ir.predicate import Exists, Predicate, Regex, Wild
from converter.late import late
from converter.lowering.conversions.base import Approximation, Context
from converter.lowering.conversions.pieces import escape, pattern_of, regex_within
from converter.lowering.fidelity import Fidelity

_ANY = r'(?:[^"\\]|\\.)*'
_ONE = r'(?:[^"\\]|\\.)'
_BARE = late(r"true|false|-?\d+(?:\.\d+)?")


def items(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """A search in the JSON text. Raises Lost for comparisons by order."""
    before = _before(context.cell.argument)
    if isinstance(leaf, Exists):
        return Regex(context.cell.field, before or '"', "pcre", pos=leaf.pos)
    if isinstance(leaf, Regex):
        return expression(leaf, before, context.cell.field)
    pieces = pattern_of(leaf)
    ignore_case = bool(getattr(leaf, "ignore_case", False))
    bare = bare_regex(pieces, context.type)
    if bare is not None:
        return Regex(context.cell.field, before + bare, "pcre", pos=leaf.pos)
    return Regex(context.cell.field, before + text_regex(pieces), "pcre", ignore_case, pos=leaf.pos)


def expression(leaf: Regex, before: str, name: str) -> Predicate | Approximation:
    """A JSON text that the expression takes. Quotes and backslashes are escaped in it: no part of the
    expression takes them."""
    body = regex_within(leaf, excluded='"\\')
    found = Regex(name, f'{before}"{body}"', "pcre", leaf.ignore_case, pos=leaf.pos)
    if body == regex_within(leaf, excluded=""):
        return found
    message = "a text with a quote or a backslash in it is not found by an expression"
    return Approximation(found, Fidelity.NARROWER, "escaped-text", message)


def bare_regex(pieces: Sequence[str | Wild], kind: str) -> str | None:
    """A number or a truth value, with or without quotes; None for any other pattern."""
    if len(pieces) != 1 or not isinstance(pieces[0], str) or not _BARE.fullmatch(pieces[0].lower()):
        return None
    text = pieces[0].lower() if kind == "boolean" else pieces[0]
    return rf'"?{escape(text)}"?\s*[,\]}}]'


def text_regex(pieces: Sequence[str | Wild]) -> str:
    """A JSON text, in its quotes, that matches the pattern."""
    return '"' + "".join(map(_piece, pieces)) + '"'


def with_items(text: str | None, argument: str, values: list[Any]) -> str:
    """The array's JSON text with the values added in the form that the argument names.

    >>> with_items('[{"name":"a"}]', "image", ["x/nc"])
    '[{"name":"a","image":"x/nc"}]'
    """
    array: list[Any] = json.loads(text) if text else []
    key = argument.removesuffix("[]").removesuffix("[?]")
    if not key:
        array += values
    elif argument.endswith("[]"):
        array[:1] = [{**(array[0] if array else {}), key: values}]
    else:
        array += [{} for _ in range(len(values) - len(array))]
        array = [{**item, key: value} for item, value in zip(array, values, strict=False)] + array[
            len(values) :
        ]
    return json.dumps(array, separators=(",", ":"), ensure_ascii=False)


def _before(argument: str) -> str:
    key = argument.removesuffix("[]").removesuffix("[?]")
    if not key:
        return ""
    array = r"\[[^\]]*" if argument.endswith("[]") else r"(?:\[[^\]]*)?" if argument.endswith("[?]") else ""
    return rf'"{escape(key)}"\s*:\s*{array}'


def _piece(piece: str | Wild) -> str:
    if isinstance(piece, Wild):
        return _ANY if piece is Wild.ANY else _ONE
    return escape(json.dumps(piece, ensure_ascii=False)[1:-1])
