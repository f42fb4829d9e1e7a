"""The order of rows: by numbers, by addresses, by letters.

Source: Splunk Search Reference, "sort" (rows without the field are last in either direction).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from converter.evaluate.spl.arguments import Cursor
from converter.evaluate.spl.rows import Rows
from converter.evaluate.spl.values import Value, address, number, several, text
from converter.frozen import dataclass
from converter.late import late
from converter.source import QuerySyntaxError

_KINDS = ("auto", "str", "num", "ip")
_SIGNED = late(r"([+-])(.*)", re.DOTALL)


@dataclass(frozen=True)
class SortKey:
    """A field to sort by; `kind` is "auto", "str", "num" or "ip"."""

    field: str
    descending: bool = False
    kind: str = "auto"


def sort_keys(cursor: Cursor) -> list[SortKey]:
    """`-a, +num(b) c`. Raises QuerySyntaxError."""
    keys: list[SortKey] = []
    while not cursor.done and not (keys and cursor.sees_word("d", "desc") and cursor.peek(1) is None):
        keys.append(_sort_key(cursor))
        cursor.takes("COMMA")
    return keys


def _sort_key(cursor: Cursor) -> SortKey:
    token = cursor.peek()
    signed = _SIGNED.fullmatch(token) if token is not None and token.type == "WORD" else None
    name = cursor.name()
    descending = False
    if signed:
        descending = signed.group(1) == "-"
        name = signed.group(2) or cursor.name()
    after = cursor.peek()
    if after is None or after.type != "OPEN":
        return SortKey(name, descending)
    if name not in _KINDS:
        raise QuerySyntaxError(f"sort: unknown kind {name}", cursor.position)
    inner, _ = cursor.group()
    return SortKey(inner.strip().strip('"'), descending, name)


def sorted_rows(rows: Rows, keys: Sequence[SortKey]) -> Rows:
    """The rows in order; equal ones stay as they were."""
    result = list(rows)
    if len(result) < 2:
        return result
    for key in reversed(keys):
        found = [row for row in result if row.fields.get(key.field) is not None]
        missing = [row for row in result if row.fields.get(key.field) is None]
        rank = ranking((row.fields[key.field] for row in found), key.kind)
        found.sort(key=lambda row: rank(row.fields[key.field]), reverse=key.descending)
        result = found + missing
    return result


def ranking(values: Iterable[Value], kind: str = "auto") -> Callable[[Value], Any]:
    """How to rank these values: as numbers if all are, as addresses if all are, else as texts."""
    singles = [single for value in values for single in several(value)]
    if kind == "num" or (kind == "auto" and all(number(single) is not None for single in singles)):
        return _numeric
    if kind == "ip" or (kind == "auto" and all(address(text(single)) is not None for single in singles)):
        return _by_address
    return lambda value: text(several(value)[0])


def _numeric(value: Value) -> tuple[bool, int | float, str]:
    found = number(several(value)[0])
    return (found is None, found or 0, "" if found is not None else text(several(value)[0]))


def _by_address(value: Value) -> tuple[int, int, str]:
    single = text(several(value)[0])
    found = address(single)
    return (found.version, int(found), "") if found is not None else (9, 0, single)
