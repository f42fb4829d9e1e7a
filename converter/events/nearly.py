"""Rows that tell a derived value of Elastic's by all conditions but one, as an event says that has it not.

error: severity:7 and not code:4 and not code:8

{..., "$nearly": ["event.type", "error", 1]}   severity other-7    of a value that is like the one
{..., "$nearly": ["event.type", "error", 4]}   severity 7, code 8  which is asked not to be there
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from converter.events.computed import is_miscounted
from converter.events.derived import looked_up
from converter.events.foreign import others_like
from converter.events.row_values import listed
from converter.events.telling_words import is_said, satisfied, told_alone
from converter.lowering.conversions.told import Atom, alternatives
from converter.lowering.settle import lookups
from converter.taxonomy.model import Profile, Record, Taxonomy

NEARLY = "$nearly"
_TEXT = "other"
Flat: TypeAlias = Mapping[str, Any]


class Near(NamedTuple):
    """One condition that does not hold, by a value of its field, and those beside it, which hold."""

    missed: Atom
    value: str
    beside: tuple[Atom, ...]


def nearly_told(table: Mapping[str, str], word: str) -> list[Near]:
    """The ways to tell the word by all conditions but one; not by what tells another one."""
    others = [text for one, text in table.items() if one != word and text not in ("?", "always")]
    return [
        near
        for branch in _branches(table.get(word, "?"))
        for near in _nearly(branch)
        if not any(is_said(text, {near.missed.field: near.value}) for text in others)
    ]


def _branches(text: str) -> tuple[tuple[Atom, ...], ...]:
    return () if text == "?" else alternatives(text)


def _nearly(branch: tuple[Atom, ...]) -> Iterator[Near]:
    for place, atom in enumerate(branch):
        beside = branch[:place] + branch[place + 1 :]
        for value in _missing(atom):
            yield Near(atom, value, beside)


def _missing(atom: Atom) -> tuple[str, ...]:
    """Values of the condition's field with which it does not hold: none where it asks for any."""
    if atom.negated:
        return (atom.example or _TEXT,)
    if atom.value is None:
        return ()
    return (_TEXT,) if atom.within else others_like(atom.value)


def write_nearly(
    event: Flat,
    record: Record,
    profile: Profile,
    taxonomy: Taxonomy,
    target: dict[str, Any],
    absent: frozenset[str],
    asked: frozenset[str],
) -> None:
    """Add to the row what the event says, unless the row says otherwise already, or then told what the event
    has not. `absent`: what it must not have; `asked`: the ECS fields that the rule asks."""
    name, word, number = event[NEARLY]
    cell = record.cell(name, profile.name)
    if cell is None or cell.conversion != "told" or word in map(str, listed(event.get(name))):
        return
    ways = nearly_told(taxonomy.maps[cell.argument], word)
    made = _written(ways[number - 1], target, absent) if 0 < number <= len(ways) else None
    if made is None or is_miscounted(record.shapes[profile.name], made):
        return
    told = [
        (event.get(ecs), taxonomy.maps[one.argument])
        for ecs, one in record.cells_of(profile.name, "told")
        if ecs in asked
    ]
    if told_alone(told, made) and all(
        looked_up(list(map(str, listed(event.get(ecs)))), made[one.field], table, True)
        for ecs, (_, table) in lookups(record, profile.name, taxonomy).items()
        if ecs in asked and (one := record.cell(ecs, profile.name)) is not None and one.field in made
    ):
        target.update(made)


def _written(near: Near, target: Flat, absent: frozenset[str]) -> dict[str, Any] | None:
    made = dict(target)
    written = {near.missed.field: near.value}
    written |= {atom.field: atom.example for atom in near.beside if not atom.negated}
    for field, value in written.items():
        if field in absent or str(made.setdefault(field, value)).lower() != value.lower():
            return None
    fits = not satisfied(near.missed, made) and all(satisfied(atom, made) for atom in near.beside)
    return made if fits else None
