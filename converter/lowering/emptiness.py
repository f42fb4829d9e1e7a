"""Whether it shows that Kusto's texts are never null: a missing field is an empty one there.

name != null and name != ""              missing or empty, the rule takes neither, and so does the query
name == null or name == ""               it takes both
name != ""                               it takes the missing one, and the query does not: it shows
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from converter.elastic.types import NUMBER_TYPES
from converter.ir.predicate import FALSE, Constant, Equals, Exists, Like, Predicate, Regex
from converter.ir.rewrite import conjunction, fields_of, leaf_fields, leaves, map_leaves
from converter.lowering.recognise import holds
from converter.lowering.record_fields import RecordFields

CODE = "empty-or-missing"


def without_unshown(fields: RecordFields, asked: Predicate, lowered: Predicate, keys: Iterable[str]) -> None:
    """Takes back the reasons of that kind which no event can show. `asked` became `lowered`; an event that
    counts has the `keys`."""
    whole = conjunction((asked, *map(Exists, keys)))
    names = {reason.field for reason in fields.reasons if reason.code == CODE and reason.field is not None}
    unshown = {name for name in names if not _shows(fields, whole, lowered, name)}
    fields.reasons[:] = [one for one in fields.reasons if one.code != CODE or one.field not in unshown]


def _shows(fields: RecordFields, asked: Predicate, lowered: Predicate, name: str) -> bool:
    cell = fields.cell(name)
    if cell is None or any("*" in one for one in fields_of(asked)):
        return True
    is_number = fields.field_type(name) in NUMBER_TYPES
    missing, empty = (map_leaves(asked, _told(name, text)) for text in (None, None if is_number else ""))
    if (not is_number and None in _verdicts(asked, name)) or None in _verdicts(lowered, cell.field):
        return True
    others = (one for one in fields_of(asked) if one != name)
    if not any((twin := fields.cell(one)) is not None and twin.field == cell.field for one in others):
        alike = map_leaves(asked, _told(name, "", exists=False))
        if cell.conversion == "same" and missing == alike == empty:
            return False
    in_target = map_leaves(lowered, _told(cell.field, "", exists=False))
    return not missing == empty == in_target == FALSE


def _told(name: str, text: str | None, exists: bool | None = None) -> Callable[[Predicate], Predicate]:
    """What a leaf on the field says of this text, or of none; other leaves as they are. `exists`: whether
    there is one, if not as the text says."""

    def told(leaf: Predicate) -> Predicate:
        if name not in leaf_fields(leaf):
            return leaf
        if isinstance(leaf, Exists):
            return Constant(text is not None if exists is None else exists)
        return Constant(text is not None and bool(_holds(leaf, text)))

    return told


def _holds(leaf: Predicate, text: str) -> bool | None:
    return holds(leaf, text) if isinstance(leaf, Equals | Like | Regex) else None


def _verdicts(predicate: Predicate, name: str) -> list[bool | None]:
    """What each leaf on the field says of the empty text; None for a kind of leaf that is not told here."""
    asking = (leaf for leaf in leaves(predicate) if name in leaf_fields(leaf))
    return [True if isinstance(leaf, Exists) else _holds(leaf, "") for leaf in asking]
