"""What a row has of several of the event's fields, or as one value of what the log holds as a text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from converter.events.derived import PARTS, part_of
from converter.events.foreign import SPELLING
from converter.events.row_values import Flat, each, listed, single
from converter.lowering.conversions.items import with_items
from converter.lowering.conversions.pair import with_pair
from converter.lowering.conversions.w3c import FILLER
from converter.taxonomy.model import Record

ITEMS = ("items", "pair", "first")
"""Conversions of arrays that the log holds as JSON text."""


def fill(columns: Iterable[str], written: frozenset[str], target: dict[str, Any]) -> None:
    """What stands in these columns for no value. `written`: by the names that hold it as it is, what the rule
    asks: there Elastic has the filler itself."""
    for column in columns:
        if column not in written:
            target.setdefault(column, FILLER)


def halves(event: Flat, record: Record, profile: str, target: dict[str, Any]) -> None:
    """One value of both its halves (`name@domain`), where the event has both and not the whole."""
    for first, cell in record.cells_of(profile, "before"):
        for last, other in record.cells_of(profile, "after"):
            head, end = single(event.get(first)), single(event.get(last))
            if cell.field != other.field or not isinstance(head, str) or not isinstance(end, str):
                continue
            whole = f"{head}{cell.argument}{end}"
            written = str(target.get(cell.field))
            if written.startswith(f"{head}{cell.argument}") or written.endswith(f"{cell.argument}{end}"):
                target[cell.field] = whole


def constants_of_parts(event: Flat, record: Record, profile: str) -> dict[str, str]:
    """Of the constants by which the log knows the record those with the event's parts (`event:vpn`)."""
    where = record.shapes[profile].where
    cells = [(ecs, cell) for ecs, cell in record.cells_of(profile, *PARTS) if cell.field in where]
    parts = [(cell, str(single(event[ecs])).lower()) for ecs, cell in cells if event.get(ecs) is not None]
    return {
        cell.field: value
        for cell, _ in parts
        for value in where[cell.field]
        if all((part_of(value, one) or "").lower() == part for one, part in parts if one.field == cell.field)
    }


def hashes(event: Flat, record: Record, profile: str, asked: frozenset[str], target: dict[str, Any]) -> None:
    """Sysmon's one field of all digests, and the fields of single ones; where the event says so, one that the
    rule does not ask (`asked`) comes first."""
    digests: dict[str, list[str]] = {}
    others: dict[str, list[str]] = {}
    for ecs, cell in record.cells_of(profile, "hash"):
        algorithm, _, own = cell.argument.partition(":")
        if event.get(ecs):
            digests.setdefault(cell.field, []).append(f"{algorithm}={single(event[ecs])}")
            target.update({own: single(event[ecs])} if own else {})
        elif ecs not in asked:
            others.setdefault(cell.field, [f"{algorithm}=0"])
    before = others if event.get(SPELLING) else {}
    target.update((name, ",".join((*before.get(name, ()), *values))) for name, values in digests.items())


def items(event: Flat, record: Record, profile: str, target: dict[str, Any]) -> None:
    """Arrays that the log holds as JSON text."""
    for ecs, cell in record.cells_of(profile, *ITEMS):
        values = listed(event.get(ecs)) if "*" not in ecs else each(event, ecs)
        if values:
            add = with_pair if cell.conversion == "pair" else with_items
            argument = "" if cell.conversion == "first" else cell.argument
            if cell.conversion == "pair":
                argument = _named_otherwise(argument, event.get(SPELLING, 0))
            target[cell.field] = add(target.get(cell.field), argument, values)


def _named_otherwise(argument: str, number: int) -> str:
    """The argument with another one of the names first, where there are several."""
    key, names, *rest = argument.split(":")
    listed_names = names.split(",")
    place = number if number < len(listed_names) else 0
    return ":".join((key, ",".join(listed_names[place:] + listed_names[:place]), *rest))
