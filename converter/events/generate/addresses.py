"""Addresses that a log holds as texts: one of IPv6, and what stands there that is none.

source.ip : *    sourceIPAddress: 2001:db8::57
                 sourceIPAddress: cloudformation.amazonaws.com, of which Elastic makes no address
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from converter.evaluate.result import Event
from converter.events.generate.drafts import Named
from converter.events.generate.shape import Shape
from converter.taxonomy.model import Record

_OF_IPV6 = "2001:db8::57"


class _Text(NamedTuple):
    """A field of a log: the addresses that it gives, the fields that have it as it is, and a word that is
    none, where the table knows one."""

    addresses: tuple[str, ...]
    plain: tuple[str, ...]
    word: str


def addresses_as_texts(shape: Shape, event: Event) -> Iterator[Named]:
    """The event with other texts, where it has an address that the rule asks and a log has as a text."""
    for text in _texts(shape.record) if shape.record is not None else ():
        held = [name for name in text.addresses if name in event]
        if not shape.asked.isdisjoint(text.plain) or shape.asked.isdisjoint(held):
            continue
        bare = {name: value for name, value in event.items() if name not in (*text.addresses, *text.plain)}
        yield f"{held[0]} of IPv6", {**bare, **dict.fromkeys(held, _OF_IPV6)}
        if text.word and text.plain:
            yield f"no address where a log has {held[0]}", {**bare, text.plain[0]: text.word}


def _texts(record: Record) -> dict[_Text, None]:
    found: dict[_Text, None] = {}
    for profile in record.shapes:
        cells = sorted(record.cells_of(profile, "address"), key=lambda item: item[1].field)
        for field, items in groupby(cells, key=lambda item: item[1].field):
            rows = list(items)
            plain = tuple(ecs for ecs, cell in record.cells_of(profile, "same") if cell.field == field)
            found.setdefault(_Text(tuple(ecs for ecs, _ in rows), plain, rows[0][1].argument))
    return found
