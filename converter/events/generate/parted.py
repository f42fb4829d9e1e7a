"""Fields that a log holds as parts of one value are parts of one value.

user.email `UserId|holding(@)`, user.name `UserId|before(@)`
user.name "helpdesk"  ->  user.name "helpdesk", user.email "helpdesk@contoso.com"
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, TypeAlias

from converter.events.derived import PARTS, part_of
from converter.taxonomy.model import Cell, Record

Parts: TypeAlias = tuple[tuple[str, Cell], ...]
"""The fields that are asked of one value, each with its cell."""
_HEAD, _TAIL = "jlee", "contoso.com"


def parts_of(record: Record, asked: Iterable[str]) -> tuple[Parts, ...]:
    """The fields among those asked that one field of a log holds together, where they are several."""
    names = set(asked)
    found: dict[Parts, None] = {}
    for profile in record.shapes:
        cells = [item for item in record.cells_of(profile, *PARTS, "same") if item[0] in names]
        cells.sort(key=lambda item: item[1].field)
        for _, items in groupby(cells, key=lambda item: item[1].field):
            parts = tuple(items)
            if len(parts) > 1 and any(cell.conversion in PARTS for _, cell in parts):
                found.setdefault(parts)
    return tuple(found)


def as_one(
    event: Mapping[str, Any], parts: Parts, fit: Callable[[Mapping[str, Any]], bool]
) -> dict[str, Any] | None:
    """The event in which these fields are of one value, and fit; None where no such value was found."""
    names = {name for name, _ in parts}
    rest = {name: value for name, value in event.items() if name not in names}
    held = [(cell, event[name]) for name, cell in parts if isinstance(event.get(name), str)]
    if not held:
        return dict(event)
    for whole in dict.fromkeys(_wholes(held)):
        made = {name: part for name, cell in parts if (part := part_of(whole, cell)) is not None}
        if fit(made):
            return {**rest, **made}
    return None


def _wholes(held: Iterable[tuple[Cell, str]]) -> Iterator[str]:
    """Values of which each of these may be the part."""
    for cell, text in held:
        separator = cell.argument
        if cell.conversion == "before":
            yield f"{text}{separator}{_TAIL}"
        elif cell.conversion == "after":
            yield f"{_HEAD}{separator}{text}"
        else:
            yield text
            yield f"{text}@{_TAIL}"
