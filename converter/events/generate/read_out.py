"""Words that Elastic reads out of an item of the event which stays beside them.

winlog.event_data.LogonType "3"         ->  winlog.logon.type "Network"
winlog.event_data.AccessMask "0x10010"  ->  ...AccessMaskDescription ["Read Property", "DELETE"]

A rule that asks both is tried on events in which they say the same: a log holds the item alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from converter.lowering.conversions.flags import number_of
from converter.taxonomy.model import Record

_READ = ("enum", "flags", "codes")
"""Conversions whose map has all words that an item stands for."""


class ReadOut(NamedTuple):
    """The field with the words, the field with the item, and how the map's texts stand in it."""

    words: str
    item: str
    conversion: str
    table: tuple[tuple[str, str], ...]

    def together(self, event: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The item with its words, or the words with an item for them; nothing where the event has neither.

        >>> one = ReadOut("words", "item", "flags", (("a", "0x1"), ("b", "0x10")))
        >>> list(one.together({"item": "0x30", "words": "a"}))
        [{'item': '0x30', 'words': 'b'}, {'item': '0x1', 'words': 'a'}]
        """
        item, words = event.get(self.item), event.get(self.words)
        if item is not None:
            told = self._words(str(item))
            if told or words is None:
                yield {self.item: item, self.words: told[0] if len(told) == 1 else told or None}
        if words is not None:
            written = self._item([str(word) for word in (words if isinstance(words, list) else [words])])
            if written is not None:
                yield {self.item: written, self.words: words}

    def _words(self, item: str) -> list[str]:
        """The words that the item stands for, one for each text."""
        texts = {text: word for word, text in reversed(self.table) if _stands_in(text, item, self.conversion)}
        return list(texts.values())

    def _item(self, words: list[str]) -> str | None:
        """An item that stands for these words; None where there is none."""
        table = dict(self.table)
        if not table.keys() >= set(words) or (self.conversion == "enum" and len(words) > 1):
            return None
        return (
            number_of(words, table) if self.conversion == "flags" else ", ".join(table[one] for one in words)
        )


def read_outs(
    record: Record, asked: Iterable[str], maps: Mapping[str, Mapping[str, str]]
) -> tuple[ReadOut, ...]:
    """Those of which the rule asks both the words and the item."""
    names = record.cells.keys() & set(asked)
    return tuple(
        dict.fromkeys(
            ReadOut(words, item, cell.conversion, tuple(maps[cell.argument].items()))
            for profile in (record.shapes if len(names) > 1 else ())
            for words, cell in record.cells_of(profile, *_READ)
            if words in names
            for item, plain in record.cells_of(profile, "same")
            if item in names and plain.field == cell.field
        )
    )


def _stands_in(text: str, item: str, conversion: str) -> bool:
    if conversion == "enum":
        return text.lower() == item.lower()
    if conversion == "codes":
        return text in item
    try:
        return int(item, 16) & int(text, 16) == int(text, 16)
    except ValueError:
        return False
