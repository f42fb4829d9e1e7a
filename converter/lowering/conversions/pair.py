r"""`Parameters|pair(Name:ForwardTo:Value)`: the target holds, as JSON text, an array of named values.

Parameters.ForwardTo : "*@example.com"
    [{"Name":"ForwardTo","Value":"x@example.com"}]
    ->  "Name"\s*:\s*"ForwardTo"\s*,[^{}]*"Value"\s*:\s*"(?:[^"\\]|\\.)*@example\.com"

The name stands before the value in these logs. Several names (`pair(name:NEW_VALUE,DEVICE_NEW_STATE:value)`)
are several parameters that Elastic writes into one field; `Value[]` is an array of values; a last
`:extension` means what follows the last dot of the value.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from converter.ir.predicate import FALSE, Exists, Predicate, Regex, Wild
from converter.lowering.conversions.base import Approximation, Context, Lost
from converter.lowering.conversions.items import bare_regex, expression, text_regex
from converter.lowering.conversions.pieces import escape, pattern_of


def pair(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The value that goes with the name. Raises Lost for comparisons by order, and for an expression on an
    extension."""
    key, names, value, *part = context.cell.argument.split(":")
    inside = r"\[[^\]]*" if value.endswith("[]") else ""
    before = rf'"{key}"\s*:\s*"{_either(names)}"\s*,[^{{}}]*"{value.removesuffix("[]")}"\s*:\s*{inside}'
    if isinstance(leaf, Exists):
        before += text_regex((Wild.ANY, ".", Wild.ANY)) if part else ""
        return Regex(context.cell.field, before, "pcre", pos=leaf.pos)
    if isinstance(leaf, Regex) and not part:
        return expression(leaf, before, context.cell.field)
    pieces = pattern_of(leaf)
    if part:
        return _extension(leaf, before, pieces, context)
    bare = bare_regex(pieces, context.type)
    if bare is not None:
        return Regex(context.cell.field, before + bare, "pcre", pos=leaf.pos)
    ignore_case = bool(getattr(leaf, "ignore_case", False))
    return Regex(context.cell.field, before + text_regex(pieces), "pcre", ignore_case, pos=leaf.pos)


def _extension(leaf: Predicate, before: str, pieces: Sequence[str | Wild], context: Context) -> Predicate:
    if not all(isinstance(piece, str) for piece in pieces):
        raise Lost("derived-field", "a pattern on what follows the last dot of a value in an array")
    ending = "".join(map(str, pieces))
    if "." in ending:
        return FALSE
    ignore_case = bool(getattr(leaf, "ignore_case", False))
    text = text_regex((Wild.ANY, f".{ending}"))
    return Regex(context.cell.field, before + text, "pcre", ignore_case, pos=leaf.pos)


def _either(names: str) -> str:
    known = [escape(name) for name in names.split(",")]
    return known[0] if len(known) == 1 else f"(?:{'|'.join(known)})"


def with_pair(text: str | None, argument: str, values: list[Any]) -> str:
    """The array's JSON text with the value beside its name.

    >>> with_pair(None, "Name:ForwardTo:Value", ["x@example.com"])
    '[{"Name":"ForwardTo","Value":"x@example.com"}]'

    An extension says how the value ends, where it is not there yet.

    >>> with_pair(None, "name:title:value:extension", ["pem"])
    '[{"name":"title","value":"x.pem"}]'
    """
    array: list[dict[str, Any]] = json.loads(text) if text else []
    key, names, value, *part = argument.split(":")
    name = names.partition(",")[0]
    if part and any(item[key] == name for item in array):
        return text or ""
    values = [f"x.{one}" for one in values] if part else values
    together: list[Any] = [values] if value.endswith("[]") else values
    value = value.removesuffix("[]")
    for item in array:
        if item[key] == name:
            item[value] = together[0]
            break
    else:
        array += [{key: name, value: one} for one in together]
    return json.dumps(array, separators=(",", ":"), ensure_ascii=False)
