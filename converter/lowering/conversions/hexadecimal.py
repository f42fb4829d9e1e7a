"""`ProcessId|hexadecimal`: the target writes the number as hexadecimal text, as Windows' Security log does.

    process.pid : 0       ->   ProcessId : "0x0"
    process.pid : 4660    ->   ProcessId : "0x1234"

Source: Microsoft, "4688(S): A new process has been created" (process ids are hexadecimal values).
"""

from __future__ import annotations

import dataclasses

from converter.ir.predicate import Equals, Exists, Predicate
from converter.lowering.conversions.base import Context, Lost


def hexadecimal(leaf: Predicate, context: Context) -> Predicate:
    """An equality with the number's hexadecimal text. Raises Lost for comparisons by order and patterns."""
    if isinstance(leaf, Exists):
        return dataclasses.replace(leaf, field=context.cell.field)
    if isinstance(leaf, Equals) and (text := hexadecimal_text(leaf.value)) is not None:
        return dataclasses.replace(leaf, field=context.cell.field, value=text, ignore_case=True)
    raise Lost("derived-field", f"{type(leaf).__name__.lower()} on a number that is hexadecimal text")


def hexadecimal_text(number: object) -> str | None:
    """The number as `0x...`; None for what is no whole number of zero or more.

    >>> hexadecimal_text("4660")
    '0x1234'
    """
    text = str(number)
    return hex(int(text)) if text.isascii() and text.isdigit() else None
