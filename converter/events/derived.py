"""Fields that Elastic derives: which values of the log's own fields an event's derived value tells of.

event.outcome "failure" (`errorCode|told(cloudtrail_outcome)`)  ->  errorCode "AccessDenied", if it has none
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from converter.events.foreign import SPELLING
from converter.events.telling_words import Flat, others_than, tell, tell_no_more, texts_of, values_of
from converter.lowering.conversions.address import ADDRESS
from converter.lowering.conversions.by_value import UNKNOWN, example_of, words_of
from converter.lowering.settle import lookups
from converter.taxonomy.model import Cell, Profile, Record, Taxonomy

Asked: TypeAlias = Mapping[str, bool]
"""The fields that the rule asks, and whether with their case."""
PARTS = ("before", "after", "holding", "until", "beyond", "address")
"""Conversions to a part of what the log holds."""
Part: TypeAlias = tuple[str, str, Cell]
"""A field, that of which it is a part, and the cell that says which."""
TELLING = ("told", "by", "given", "partly")
"""Conversions of fields that tell of other values."""


def derive(
    event: Flat,
    record: Record,
    profile: Profile,
    taxonomy: Taxonomy,
    target: dict[str, Any],
    asked: frozenset[str],
) -> bool:
    """Add to the target what its derived fields tell; False where no log could hold such an event.

    `asked`: as `asked_names`.
    """
    absent = asked - target.keys()
    texts: set[str] = set()
    otherwise = event.get(SPELLING, 0)
    for ecs, (_, table) in lookups(record, profile.name, taxonomy).items():
        cell, values = record.cell(ecs, profile.name), values_of(event.get(ecs))
        if cell is not None and values and cell.field not in (*target, *absent):
            target.update({cell.field: found} if (found := example_of(values, table)) else {})
    told = [(values_of(event.get(ecs)), table) for ecs, table in _told(record, profile.name, taxonomy)]
    unsaid = [text for words, table in told if words for _, text in others_than(words, table)]
    is_told = all(
        tell(text, target, absent, otherwise, texts, unsaid)
        for words, table in told
        for text in texts_of(words, table)
    ) and all(
        ecs not in event or tell(cell.argument, target, absent, otherwise, texts)
        for ecs, cell in record.cells_of(profile.name, "given", "partly")
    )
    for words, table in told if is_told else ():
        tell_no_more(words, table, target, absent)
    return is_told


def asked_names(event: Flat, plain: frozenset[str], parts: Iterable[Part]) -> frozenset[str]:
    """The target's names of the fields that the rule asks and that are held as they are (`plain`), or as a
    part.

    Where the event has not the field that is asked, the log has not its own, whatever Elastic copies it to.
    """
    return plain.union(
        cell.field for ecs, whole, cell in parts if not _parted(event.get(ecs), event.get(whole), cell)
    )


def possible(event: Flat, record: Record, profile: Profile, taxonomy: Taxonomy, asked: Asked) -> bool:
    """Whether each derived field that the rule asks has values that Elastic writes together."""
    return all(check(event, record, profile.name, taxonomy, asked) for check in _checks(record, profile.name))


def _told_together(event: Flat, record: Record, profile: str, taxonomy: Taxonomy, asked: Asked) -> bool:
    return all(
        ecs not in asked or _written(values_of(event.get(ecs)), table)
        for ecs, table in _told(record, profile, taxonomy)
    )


def _looked_up_together(event: Flat, record: Record, profile: str, taxonomy: Taxonomy, asked: Asked) -> bool:
    return all(
        ecs not in asked or looked_up(values_of(event.get(ecs)), event.get(source), table, source in asked)
        for ecs, (source, table) in lookups(record, profile, taxonomy).items()
    )


def _parts_of_wholes(event: Flat, record: Record, profile: str, _: Taxonomy, asked: Asked) -> bool:
    return all(
        not (ecs in asked and whole in asked) or _parted(event.get(ecs), event.get(whole), cell)
        for ecs, whole, cell in wholes_of_parts(record, profile)
    )


def _counted(event: Flat, record: Record, profile: str, _: Taxonomy, asked: Asked) -> bool:
    """The log does not hold the number, which is counted in it: Elastic writes both, or neither."""
    for ecs, _cell in record.cells_of(profile, "argument_count"):
        if ecs in asked:
            arguments, number = values_of(event.get(ecs.removesuffix("_count"))), values_of(event.get(ecs))
            if number != ([str(len(arguments))] if arguments else []):
                return False
    return True


def _single_words(event: Flat, record: Record, profile: str, _: Taxonomy, asked: Asked) -> bool:
    """The log holds the values as one text, with blanks between them."""
    return all(
        " " not in word
        for ecs, _cell in record.cells_of(profile, "words")
        for word in values_of(event.get(ecs))
    )


def _small_letters(event: Flat, record: Record, profile: str, _: Taxonomy, asked: Asked) -> bool:
    """Elastic has these values in small letters, however the log spells them."""
    return all(
        word == word.lower()
        for ecs, _cell in record.cells_of(profile, "lowered")
        for word in values_of(event.get(ecs))
    )


def _constant(event: Flat, record: Record, profile: str, _: Taxonomy, asked: Asked) -> bool:
    """The fields that have one value in every event of the record have it."""
    return all(
        values_of(event.get(ecs)) == [cell.argument]
        for ecs, cell in record.cells_of(profile, "always")
        if cell.argument
    )


_Check: TypeAlias = Callable[[Flat, Record, str, Taxonomy, Asked], bool]
_OF_ASKED: Mapping[_Check, tuple[str, ...]] = {
    _told_together: ("told",),
    _looked_up_together: ("by",),
    _parts_of_wholes: PARTS,
    _counted: ("argument_count",),
}
"""What must hold of an event where the rule asks fields of these conversions."""
_OF_ANY: Mapping[_Check, tuple[str, ...]] = {
    _single_words: ("words",),
    _small_letters: ("lowered",),
    _constant: ("always",),
}
"""What must hold of it whatever the rule asks."""


@lru_cache(maxsize=4096)
def _checks(record: Record, profile: str) -> tuple[_Check, ...]:
    """Those that a record needs: most have none of these fields."""
    checks = {**_OF_ASKED, **_OF_ANY}
    return tuple(check for check, kinds in checks.items() if record.cells_of(profile, *kinds))


@lru_cache(maxsize=4096)
def is_checked(record: Record, profile: str, asked: frozenset[str]) -> bool:
    """Whether there is an event that is not possible, where a rule asks these fields."""
    kinds = tuple(kind for kinds in _OF_ASKED.values() for kind in kinds)
    return any(record.cells_of(profile, *kinds) for kinds in _OF_ANY.values()) or any(
        ecs in asked for ecs, _ in record.cells_of(profile, *kinds)
    )


@lru_cache(maxsize=4096)
def wholes_of_parts(record: Record, profile: str) -> tuple[Part, ...]:
    """Fields that are a part of another one's value."""
    parts = record.cells_of(profile, *PARTS)
    if not parts:
        return ()
    plain: dict[str, str] = {}
    for ecs, cell in record.cells_of(profile, "same"):
        plain.setdefault(cell.field, ecs)
    return tuple((ecs, plain[cell.field], cell) for ecs, cell in parts if cell.field in plain)


def _parted(part: Any, whole: Any, cell: Cell) -> bool:
    """Whether the part is that of the whole, where there is one."""
    return not isinstance(whole, str) or bool(part == part_of(whole, cell))


def part_of(whole: str, cell: Cell) -> str | None:
    """What the cell takes of a value; None where the value has no such part."""
    if cell.conversion not in PARTS:
        return whole
    if cell.conversion == "address":
        return whole if re.match(ADDRESS, whole) else None
    head, separator, tail = whole.partition(cell.argument)
    if cell.conversion == "until":
        return head
    found = {"before": head, "after": tail, "beyond": tail, "holding": whole}[cell.conversion]
    return found if separator else None


def looked_up(values: Sequence[str], key: Any, table: Mapping[str, str], asked: bool) -> bool:
    """Values that are among those looked up, and not none of them; `asked`: whether the key is."""
    if values and key is None and not asked:
        return example_of(values, table) is not None
    words = words_of(None if key is None else str(key), table)
    return words == {UNKNOWN} or (words.issuperset(values) and bool(values) == bool(words))


def _written(values: Sequence[str], table: Mapping[str, str]) -> bool:
    """Values that are all known, among them those that are always there; none where not all are known."""
    known = all(value in table or "*" in table for value in values)
    return (
        known
        and (bool(values) or "*" in table)
        and all(v in values for v, text in table.items() if text == "always")
    )


def _told(record: Record, profile: str, taxonomy: Taxonomy) -> Iterator[tuple[str, Mapping[str, str]]]:
    for ecs, cell in record.cells_of(profile, "told"):
        yield ecs, taxonomy.maps[cell.argument]
