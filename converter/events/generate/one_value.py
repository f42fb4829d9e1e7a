"""Fields that a log holds as one value: with one of them the others change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from converter.evaluate.result import Event
from converter.events.generate.changed import varied, without
from converter.lowering.recognise import Itself
from converter.taxonomy.model import UNASKED, Cell, Taxonomy


class HeldOnce:
    """The fields that a pipeline counts, and by which it groups, with their further names; `asked`: the
    fields that its filter asks, as often as it does."""

    def __init__(
        self, taxonomy: Taxonomy, counted: Sequence[str], grouped: Sequence[str], asked: Sequence[str]
    ) -> None:
        self._alike = names_alike(taxonomy, (*counted, *grouped))
        self._copied = copied_names(self._alike, asked)
        self._grouped = grouped

    @property
    def names(self) -> frozenset[str]:
        """The fields that are counted, or by which events are grouped, with their further names."""
        return frozenset(self._alike).union(*self._alike.values())

    def consistent(self, event: dict[str, Any]) -> dict[str, Any]:
        """The event with one value for what the log holds once."""
        for copy, source in self._copied:
            value = event.get(source, event.get(copy))
            event = event if value is None else {**event, copy: value, source: value}
        return event

    def other(self, event: dict[str, Any], name: str, place: int) -> dict[str, Any]:
        """The event with another value of the field, also where the log's one value has a second name."""
        found = varied(event, name, place)
        if name in found:
            found = {**found, **{twin: found[name] for twin in self._alike.get(name, ()) if twin in event}}
        moved = (name, *self._alike.get(name, ()))
        kept = {group: event[group] for group in self._grouped if group not in moved and group in event}
        return {**found, **kept}

    def without(self, event: Event, name: str) -> Event:
        """The event without the field, under all of its names."""
        return without(event, name, *self._alike.get(name, ()))


def names_alike(taxonomy: Taxonomy, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The other names, among ECS fields, of what a log holds once."""
    return {name: _twins(Itself(taxonomy), name) for name in names}


@lru_cache(maxsize=512)
def _twins(taxonomy: Itself[Taxonomy], name: str) -> tuple[str, ...]:
    """Rules count the same few fields, and each kind of event of a rule asks for them again."""
    found: dict[str, None] = {}
    for record in (one for one in taxonomy.value.records if name in one.fields):
        for profile, cell in record.cells[name].items():
            if cell is None:
                continue
            for other, held in record.cells_of(profile):
                if held.field == cell.field and other != name and _same_value(cell, held):
                    found[other] = None
    return tuple(found)


def _same_value(cell: Cell, other: Cell) -> bool:
    """Whether what a log holds under one name is one value for two fields; a key stands for what tells the
    same things apart."""
    if {cell.conversion, other.conversion} == {"same", "key"}:
        return True
    return cell == other and other.conversion != UNASKED


def copied_names(alike: Mapping[str, tuple[str, ...]], asked: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Of two names of one value in the log that the filter asks, the one that it asks less and the other."""
    pairs = ((name, twin) for name, twins in alike.items() for twin in twins if {name, twin} <= set(asked))
    return tuple(dict.fromkeys(_by_count(pair, asked) for pair in pairs))


def _by_count(pair: tuple[str, str], asked: Sequence[str]) -> tuple[str, str]:
    less, more = sorted(pair, key=lambda name: (asked.count(name), name))
    return less, more
