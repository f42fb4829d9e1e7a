r"""`Parameters|pair(Name:ForwardTo:Value)`: the target holds, as JSON text, an array of named values.

Parameters.ForwardTo : "*@example.com"
    [{"Name":"ForwardTo","Value":"x@example.com"}]
    ->  "Name"\s*:\s*"ForwardTo"\s*,[^{}]*"Value"\s*:\s*"(?:[^"\\]|\\.)*@example\.com"

The name stands before the value in these logs.
"""

from __future__ import annotations

import json
from typing import Any

from converter.ir.predicate import Exists, Predicate, Regex
from converter.lowering.conversions.base import Context
from converter.lowering.conversions.items import text_regex
from converter.lowering.conversions.pieces import escape, pattern_of


def pair(leaf: Predicate, context: Context) -> Predicate:
    """The value that goes with the name. Raises Lost for expressions and comparisons by order."""
    key, name, value = context.cell.argument.split(":")
    before = rf'"{key}"\s*:\s*"{escape(name)}"\s*,[^{{}}]*"{value}"\s*:\s*'
    if isinstance(leaf, Exists):
        return Regex(context.cell.field, before, "pcre", pos=leaf.pos)
    ignore_case = bool(getattr(leaf, "ignore_case", False))
    return Regex(context.cell.field, before + text_regex(pattern_of(leaf)), "pcre", ignore_case, pos=leaf.pos)


def with_pair(text: str | None, argument: str, values: list[Any]) -> str:
    """The array's JSON text with the value beside its name.

    >>> with_pair(None, "Name:ForwardTo:Value", ["x@example.com"])
    '[{"Name":"ForwardTo","Value":"x@example.com"}]'
    """
    array: list[dict[str, Any]] = json.loads(text) if text else []
    key, name, value = argument.split(":")
    for item in array:
        if item[key] == name:
            item[value] = values[0]
            break
    else:
        array += [{key: name, value: one} for one in values]
    return json.dumps(array, separators=(",", ":"), ensure_ascii=False)
