"""Which words of a derived field a log's own fields tell, and what they need for it.

{"failure": "error:AccessDenied*"}      error "AccessDenied"  ->  failure
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

from converter.lowering.conversions.pieces import as_text
from converter.lowering.conversions.told import ANOTHER, Atom, alternatives

Flat: TypeAlias = Mapping[str, Any]
_UNSAID = ("?", "always")
"""Of values that no field of a log tells."""


def values_of(value: Any) -> list[str]:
    """The words of a derived field's value."""
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    return list(map(as_text, items))


def texts_of(values: Sequence[str], table: Mapping[str, str]) -> list[str]:
    """The conditions of these of a derived field's values, as far as they can be said."""
    return [table[one] for one in values if table.get(one, "?") != "?"]


def others_than(words: Collection[str], table: Mapping[str, str]) -> list[tuple[str, str]]:
    """The other words that a field may tell, each with its condition."""
    return [(one, text) for one, text in table.items() if one not in words and text not in _UNSAID]


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
    written = values_of(values)
    if written and table.keys().isdisjoint(written):
        said = any(is_said(text, target) for _, text in others_than(written, table))
        return None if said else target
    made = dict(target)
    told = all(tell(text, made, frozenset(absent), 0, set()) for text in texts_of(written, table))
    return made if told else None


def further(values: Any, table: Mapping[str, str], target: Flat) -> list[str]:
    """The words that a log which has these fields tells, beside those of the derived field that it can tell.

    >>> further("connection", {"connection": "always", "end": "action:*"}, {"action": "close"})
    ['end']
    """
    written = values_of(values)
    if table.keys().isdisjoint(written):
        return []
    return [one for one, text in others_than(written, table) if is_said(text, target)]


def told_alone(derived: Sequence[tuple[Any, Mapping[str, str]]], target: Flat) -> bool:
    """Whether a log that has these fields can tell the values of the derived fields, each with its table, and
    then tells no others of them."""
    made = dict(target)
    words = [(values_of(values), table) for values, table in derived]
    texts = (text for written, table in words for text in texts_of(written, table))
    return all(tell(text, made, frozenset(), 0, set()) for text in texts) and not any(
        is_said(text, made) for written, table in words for _, text in others_than(written, table)
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


def tell(
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


def tell_no_more(
    words: Sequence[str], table: Mapping[str, str], target: dict[str, Any], absent: frozenset[str]
) -> None:
    """Write something where an event has not the word that is told by nothing being there (`not code:*`)."""
    others = others_than(words, table) if words else ()
    for branch in (branch for _, text in others for branch in alternatives(text)):
        missing = [atom.field for atom in branch if atom.value is None and atom.field not in absent]
        if missing and all(atom.negated and satisfied(atom, target) for atom in branch):
            written = {**target, missing[0]: ANOTHER}
            if all(_is_told(text, written) for text in texts_of(words, table)):
                target[missing[0]] = ANOTHER


def _is_told(text: str, target: Flat) -> bool:
    """Whether the target tells this value, also by a field that it has not."""
    return any(all(satisfied(atom, target) for atom in branch) for branch in alternatives(text))


def satisfied(atom: Atom, target: Flat) -> bool:
    """Whether the target is as the atom asks."""
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
