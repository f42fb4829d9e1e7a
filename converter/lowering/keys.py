"""The field of one profile that stands for a field to join or group by.

Most have a field that tells the same events apart. Others group nearly alike, by a field of which the value
is only a part, or by a value that is computed: each way is one entry of a table, by the conversion.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from converter.lowering.assumed import of_key
from converter.lowering.conversions.values import named_account
from converter.lowering.fidelity import Fidelity, Reason
from converter.lowering.record_fields import RecordFields
from converter.taxonomy.model import Cell

_OF_ONE = ("file_name", "extension", "directory", "hash")
"""Conversions of those in Sigma's way (`_of_a_part`) that give one value."""
_BOTH = (Fidelity.NARROWER, Fidelity.WIDER)
PARTS = ("before", "after", "until", "beyond")
"""Conversions of a part of the log's value, which has none where the separator is missing."""


class KeyField(NamedTuple):
    """The name of a field to group by, with its cell where it must be computed from another field.

    `finer`: code and message where it tells more apart than the original's key: groups are parted. Of values
    that are counted there are more; of elements of an array (`elements`), of which each event has several,
    fewer as well.
    """

    name: str
    computed: Cell | None = None
    finer: tuple[str, str] | None = None
    elements: bool = False

    def directions(self, counted: bool) -> tuple[Fidelity, ...]:
        """How a translation differs that groups by it, or that counts its values."""
        if not counted:
            return (Fidelity.NARROWER,)
        return _BOTH if self.elements else (Fidelity.WIDER,)


Way: TypeAlias = Callable[[RecordFields, str, Cell, bool], KeyField | None]
"""How a cell groups: of the fields, the ECS name, the cell, and whether every event that counts has it."""


def key_field(
    fields: RecordFields, ecs: str, present: bool = False, counted: bool = False
) -> KeyField | None:
    """The field of the profile that the ECS field is joined or grouped by; what it gives up is noted.

    None where the profile has none that tells the same apart. `present`: every event that counts has it;
    `counted`: its different values are counted, and nothing grouped by it.
    """
    found = _field(fields, ecs, present)
    if found is not None and found.finer is not None:
        fields.note(*found.finer, *found.directions(counted))
    return found


def _field(fields: RecordFields, ecs: str, present: bool) -> KeyField | None:
    cell = fields.cell(ecs)
    if ecs in fields.record.when and ecs not in fields.record.cells:
        return None  # what tells the kind of event is in no log under that name
    if cell is None or cell.conversion == "values":
        return _account(fields, ecs, cell)
    named = named_account(ecs) != ecs and not _is_unnamed(fields, named_account(ecs))
    if named and (fields.by_name or _is_unnamed(fields, ecs)):  # Sigma may have a name for the account alone
        return _account(fields, ecs, cell)
    fields.assumed.extend(of_key(ecs, cell))
    return _WAYS.get(cell.conversion, _of_a_part)(fields, ecs, cell, present)


def _is_unnamed(fields: RecordFields, ecs: str) -> bool:
    """Whether the field keeps its ECS name."""
    return fields.record.cell(ecs, fields.profile.name) is None


def called(fields: RecordFields, ecs: str) -> KeyField:
    """The name of a field for a reader: that of the key, or its own where the profile has none."""
    found = key_field(dataclasses.replace(fields.apart(), assumed=[]), ecs)
    return KeyField(ecs if found is None else found.name)


def _account(fields: RecordFields, ecs: str, cell: Cell | None) -> KeyField | None:
    """The name of the account that the field tells by its id, which groups nearly alike."""
    account = fields.cell(named_account(ecs))
    if account is None or account == cell or account.conversion not in ("same", "file_name", "before"):
        return None
    message = f"grouped by {account.field}, the name of the account that {ecs} tells"
    fields.note("similar-key", message, *_BOTH)
    return KeyField(account.field)


def _alike(fields: RecordFields, ecs: str, cell: Cell, present: bool) -> KeyField:
    return KeyField(cell.field)


def _nearly(how: str) -> Way:
    def way(fields: RecordFields, ecs: str, cell: Cell, present: bool) -> KeyField:
        fields.note("similar-key", f"grouped by {cell.field}, {how}", *_BOTH)
        return KeyField(cell.field)

    return way


def _filled(fields: RecordFields, ecs: str, cell: Cell, present: bool) -> KeyField | None:
    if present:
        return KeyField(cell.field)
    return _DASH(fields, ecs, cell, present)


def _first_item(fields: RecordFields, ecs: str, cell: Cell, present: bool) -> KeyField | None:
    single = f"{cell.field}{cell.argument}First"
    if single not in fields.record.shapes[fields.profile.name].extend:
        return None
    fields.note("first-items", f"grouped by the first item of {ecs} alone", *_BOTH)
    return KeyField(single)


def _address(fields: RecordFields, ecs: str, cell: Cell, present: bool) -> KeyField:
    if not present:
        message = f"{cell.field} can be a name instead of an address, where {ecs} is missing"
        # No event of the original has a name for its key.
        fields.reasons.append(Reason("name-or-address", message, Fidelity.WIDER, apart=(ecs,)))
    return KeyField(cell.field)


def _either(fields: RecordFields, ecs: str, cell: Cell, present: bool) -> KeyField:
    if fields.profile.target == "sigma":
        message = f"grouped by {cell.field} alone, and not by {cell.argument}"
        fields.note("sigma-key", message, Fidelity.NARROWER)
        return KeyField(cell.field)
    return KeyField(f"{cell.field}_either".replace(".", "_"), cell)


def _joined(fields: RecordFields, ecs: str, cell: Cell, present: bool) -> KeyField:
    message = f"{ecs} is told by {cell.field} and {cell.argument}, which a later process can have again"
    fields.note("process-id-reuse", message, Fidelity.WIDER)
    return KeyField(f"{cell.field}_{cell.argument}".replace(".", "_"), cell)


def _enum(fields: RecordFields, ecs: str, cell: Cell, present: bool) -> KeyField | None:
    """A log's words for all values: they tell apart what the values do, if each has its own."""
    words = list(fields.taxonomy.maps[cell.argument].values())
    return KeyField(cell.field) if len(set(words)) == len(words) else _of_a_part(fields, ecs, cell, present)


def _of_a_part(fields: RecordFields, ecs: str, cell: Cell, present: bool) -> KeyField | None:
    """A field of which the key is a part: Sigma groups by the whole, the others take a name out of a path."""
    if fields.profile.target == "sigma":
        finer = ("sigma-key", f"grouped by {cell.field}, of which {ecs} is only a part")
        return KeyField(cell.field, finer=finer, elements=cell.conversion not in _OF_ONE)
    if cell.conversion != "file_name":
        return None
    return KeyField(f"{cell.field.replace('.', '_')}_name", cell)


def _whole(fields: RecordFields, ecs: str, cell: Cell, present: bool) -> KeyField:
    """What the key is a part of tells more apart than it does: groups are parted, and never one."""
    return KeyField(
        cell.field, finer=("similar-key", f"grouped by {cell.field}, of which {ecs} is only a part")
    )


_DASH = _nearly("which is a dash where there is none")
_WAYS: Mapping[str, Way] = {
    **dict.fromkeys(("same", "key", "renamed", "holding", "hive", "hexadecimal", "lowered"), _alike),
    **dict.fromkeys(PARTS, _whole),
    "filled": _filled,
    "encoded": _nearly("which is encoded, and a dash where there is none"),
    "java_map": _nearly("which writes the same object in the order of its keys"),
    "other_database": _nearly("which is from the log's own database of networks"),
    "one_or_items": _nearly("where an array is one value"),
    "items": _first_item,
    "address": _address,
    "enum": _enum,
    "either": _either,
    "joined": _joined,
}
"""Conversion -> how its field groups; of the others the key is a part."""
