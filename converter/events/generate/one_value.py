"""Fields that a log holds as one value: with one of them the others change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from converter.lowering.recognise import Itself
from converter.taxonomy.model import Cell, Taxonomy


def names_alike(taxonomy: Taxonomy, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The other names, among ECS fields, of what a log holds once."""
    return {name: _twins(Itself(taxonomy), name) for name in names}


@lru_cache(maxsize=512)
def _twins(taxonomy: Itself[Taxonomy], name: str) -> tuple[str, ...]:
    """Rules count the same few fields, and each kind of event of a rule asks for them again."""
    found: dict[str, None] = {}
    for record in taxonomy.value.records:
        for profile, cell in record.cells.get(name, {}).items():
            twins = (
                other
                for other in record.cells
                if other != name and (held := record.cell(other, profile)) and _same_value(cell, held)
            )
            found.update(dict.fromkeys(twins))
    return tuple(found)


def _same_value(cell: Cell | None, other: Cell) -> bool:
    """Whether a log has one value for two fields; a key stands for what tells the same things apart."""
    if cell is None or cell.field != other.field:
        return False
    return cell == other or {cell.conversion, other.conversion} == {"same", "key"}


def copied_names(alike: Mapping[str, tuple[str, ...]], asked: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Of two names of one value in the log that the filter asks, the one that it asks less and the other."""
    pairs = ((name, twin) for name, twins in alike.items() for twin in twins if {name, twin} <= set(asked))
    return tuple(dict.fromkeys(_by_count(pair, asked) for pair in pairs))


def _by_count(pair: tuple[str, str], asked: Sequence[str]) -> tuple[str, str]:
    less, more = sorted(pair, key=lambda name: (asked.count(name), name))
    return less, more
