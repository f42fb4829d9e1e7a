"""Fields that a log holds as one value: with one of them the others change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from converter.taxonomy.model import Cell, Taxonomy


def names_alike(taxonomy: Taxonomy, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The other names, among ECS fields, of what a log holds once."""
    found: dict[str, dict[str, None]] = {name: {} for name in names}
    for record in taxonomy.records:
        for name in found:
            for profile, cell in record.cells.get(name, {}).items():
                twins = (
                    other
                    for other in record.cells
                    if other != name and (held := record.cell(other, profile)) and _same_value(cell, held)
                )
                found[name].update(dict.fromkeys(twins))
    return {name: tuple(twins) for name, twins in found.items()}


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
