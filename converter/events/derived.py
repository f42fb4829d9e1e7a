"""Fields that Elastic derives: which values of the log's own fields an event's derived value tells of.

event.outcome "failure" (`errorCode|told(cloudtrail_outcome)`)  ->  errorCode "AccessDenied", if it has none
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from converter.events.foreign import SPELLING
from converter.lowering.conversions.address import ADDRESS
from converter.lowering.conversions.by_value import UNKNOWN, example_of, words_of
from converter.lowering.conversions.told import ANOTHER, Atom, alternatives
from converter.lowering.settle import lookups
from converter.taxonomy.model import Cell, Profile, Record, Taxonomy

Flat: TypeAlias = Mapping[str, Any]
Asked: TypeAlias = Mapping[str, bool]
"""The fields that the rule asks, and whether with their case."""
_UNSAID = ("?", "always")
"""Of values that no field of a log tells."""
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
        cell, values = record.cell(ecs, profile.name), _values(event.get(ecs))
        if cell is not None and values and cell.field not in (*target, *absent):
            target.update({cell.field: found} if (found := example_of(values, table)) else {})
    told = [(_values(event.get(ecs)), table) for ecs, table in _told(record, profile.name, taxonomy)]
    unsaid = [
        text
        for words, table in told
        for one, text in table.items()
        if words and one not in words and text not in _UNSAID
    ]
    is_told = all(
        _tell(text, target, absent, otherwise, texts, unsaid)
        for words, table in told
        for text in _texts(words, table)
    ) and all(
        ecs not in event or _tell(cell.argument, target, absent, otherwise, texts)
        for ecs, cell in record.cells_of(profile.name, "given", "partly")
    )
    for words, table in told if is_told else ():
        _tell_no_more(words, table, target, absent)
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
        ecs not in asked or _written(_values(event.get(ecs)), table)
        for ecs, table in _told(record, profile, taxonomy)
    )


def _looked_up_together(event: Flat, record: Record, profile: str, taxonomy: Taxonomy, asked: Asked) -> bool:
    return all(
        ecs not in asked or looked_up(_values(event.get(ecs)), event.get(source), table, source in asked)
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
            arguments, number = _values(event.get(ecs.removesuffix("_count"))), _values(event.get(ecs))
            if number != ([str(len(arguments))] if arguments else []):
                return False
    return True


def _single_words(event: Flat, record: Record, profile: str, _: Taxonomy, asked: Asked) -> bool:
    """The log holds the values as one text, with blanks between them."""
    return all(
        " " not in word
        for ecs, _cell in record.cells_of(profile, "words")
        for word in _values(event.get(ecs))
    )


def _small_letters(event: Flat, record: Record, profile: str, _: Taxonomy, asked: Asked) -> bool:
    """Elastic has these values in small letters, however the log spells them."""
    return all(
        word == word.lower()
        for ecs, _cell in record.cells_of(profile, "lowered")
        for word in _values(event.get(ecs))
    )


def _constant(event: Flat, record: Record, profile: str, _: Taxonomy, asked: Asked) -> bool:
    """The fields that have one value in every event of the record have it."""
    return all(
        _values(event.get(ecs)) == [cell.argument]
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


def _values(value: Any) -> list[str]:
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in items]


def _texts(values: Sequence[str], table: Mapping[str, str]) -> list[str]:
    """The conditions of these of a derived field's values, as far as they can be said."""
    return [table[one] for one in values if table.get(one, "?") != "?"]


def agreeing(values: Any, table: Mapping[str, str], target: Flat, absent: Collection[str] = ()) -> bool:
    """Whether a log that has these fields, and not those that are `absent`, can tell the values of a derived
    field; where the table knows none of these, that it tells none of those.

    >>> agreeing("success", {"success": "not error:*"}, {"error": "AccessDenied"})
    False
    >>> agreeing("other", {"directory": "type:8"}, {"type": "8"})
    False
    """
    return telling(values, table, target, absent) is not None


def telling(values: Any, table: Mapping[str, str], target: Flat, absent: Collection[str] = ()) -> Flat | None:
    """The target with what tells the values, as `agreeing`; None where it can't be.

    >>> telling("failure", {"failure": "error:AccessDenied*"}, {"name": "GetObject"})
    {'name': 'GetObject', 'error': 'AccessDenied'}
    """
    written = _values(values)
    if written and table.keys().isdisjoint(written):
        said = any(is_said(text, target) for text in table.values() if text not in _UNSAID)
        return None if said else target
    made = dict(target)
    told = all(_tell(text, made, frozenset(absent), 0, set()) for text in _texts(written, table))
    return made if told else None


def further(values: Any, table: Mapping[str, str], target: Flat) -> list[str]:
    """The words that a log which has these fields tells, beside those of the derived field that it can tell.

    >>> further("connection", {"connection": "always", "end": "action:*"}, {"action": "close"})
    ['end']
    """
    written = _values(values)
    if table.keys().isdisjoint(written):
        return []
    others = (one for one, text in table.items() if one not in written and text not in _UNSAID)
    return [one for one in others if is_said(table[one], target)]


def told_alone(derived: Sequence[tuple[Any, Mapping[str, str]]], target: Flat) -> bool:
    """Whether a log that has these fields can tell the values of the derived fields, each with its table, and
    then tells no others of them."""
    made = dict(target)
    words = [(_values(values), table) for values, table in derived]
    texts = (text for written, table in words for text in _texts(written, table))
    return all(_tell(text, made, frozenset(), 0, set()) for text in texts) and not any(
        is_said(text, made)
        for written, table in words
        for one, text in table.items()
        if one not in written and text not in _UNSAID
    )


def is_said(text: str, target: Flat) -> bool:
    """Whether the target tells this value, by a field that it has."""
    return any(
        all(satisfied(atom, target) for atom in branch) and not all(atom.negated for atom in branch)
        for branch in alternatives(text)
    )


def tellings(table: Mapping[str, str]) -> int:
    """How many further ways there are to tell a value of a derived field, at most."""
    return max((len(alternatives(text)) - 1 for text in table.values() if text != "?"), default=0)


def _tell(
    text: str,
    target: dict[str, Any],
    absent: frozenset[str],
    otherwise: int,
    texts: set[str],
    unsaid: Sequence[str] = (),
) -> bool:
    """Whether the target tells it, or can; `otherwise`: by which of the alternatives first, but for those
    that would tell something `unsaid`; `texts`: the fields that hold nothing but what tells such values, to
    which what is written here is added."""
    if _is_told(text, target):
        return True
    branches = alternatives(text)
    branches = branches[otherwise:] + branches[:otherwise]
    if unsaid and len(branches) > 1:
        branches = tuple(
            sorted(branches, key=lambda branch: _says_more(branch, target, absent, texts, unsaid))
        )
    return any(_complete(branch, target, absent, texts) for branch in branches)


def _says_more(
    branch: Sequence[Atom], target: Flat, absent: frozenset[str], texts: set[str], unsaid: Sequence[str]
) -> bool:
    """Whether the target would tell more than it does, with what the branch needs."""
    made = dict(target)
    written = _complete(branch, made, absent, set(texts))
    return written and any(is_said(text, made) and not is_said(text, target) for text in unsaid)


def _tell_no_more(
    words: Sequence[str], table: Mapping[str, str], target: dict[str, Any], absent: frozenset[str]
) -> None:
    """Write something where an event has not the word that is told by nothing being there (`not code:*`)."""
    others = (text for one, text in table.items() if words and one not in words and text not in _UNSAID)
    for branch in (branch for text in others for branch in alternatives(text)):
        missing = [atom.field for atom in branch if atom.value is None and atom.field not in absent]
        if missing and all(atom.negated and satisfied(atom, target) for atom in branch):
            written = {**target, missing[0]: ANOTHER}
            if all(_is_told(text, written) for text in _texts(words, table)):
                target[missing[0]] = ANOTHER


def _is_told(text: str, target: Flat) -> bool:
    """Whether the target tells this value, also by a field that it has not."""
    return any(all(satisfied(atom, target) for atom in branch) for branch in alternatives(text))


def satisfied(atom: Atom, target: Flat) -> bool:
    found = target.get(atom.field)
    values = found if isinstance(found, list) else [found]
    held = found is not None and any(map(atom.held, values))
    return held is not atom.negated


def _complete(
    branch: Sequence[Atom], target: dict[str, Any], absent: frozenset[str], texts: set[str]
) -> bool:
    """Write what the branch needs, unless the target says otherwise already, or must not have it. A text that
    tells one value can tell another one beside it."""
    open_atoms = [atom for atom in branch if not satisfied(atom, target)]
    beside = [atom for atom in open_atoms if atom.within and atom.field in texts]
    if any(
        atom.negated or atom.field in absent or (atom.field in target and atom not in beside)
        for atom in open_atoms
    ):
        return False
    texts.update(atom.field for atom in open_atoms if atom.within)
    for atom in open_atoms:
        target[atom.field] = f"{target[atom.field]}, {atom.example}" if atom in beside else atom.example
    return True
