"""Whether no event satisfies what is left of a rule: what it asks of one field, no value is.

path in ("/a/*", "/b") and path == "/c"   ->   never (kuery's quoted "/a/*" is that text)
"""

from __future__ import annotations

from collections.abc import Set

from converter.ir.predicate import And, Constant, Equals, Like, Or, Predicate, Regex
from converter.lowering.esql_several import several
from converter.lowering.recognise import holds
from converter.lowering.record_fields import RecordFields
from converter.lowering.settle import Known, values_left


def columns_of_one(fields: RecordFields) -> frozenset[str]:
    """The profile's fields that hold just the one value which an event of the record has."""
    lists = several([fields.record])
    cells = fields.record.cells_of(fields.profile.name)
    others = {cell.field for ecs, cell in cells if cell.conversion != "same" or ecs in lists}
    return frozenset({cell.field for _, cell in cells} - others)


def never_holds(predicate: Predicate, single: Set[str], known: Known | None = None) -> bool:
    """Whether the predicate asks values of a field that exclude each other, in each of its alternatives;
    `single`: fields that never have several."""
    known = known or {}
    if isinstance(predicate, Or):
        return all(never_holds(item, single, known) for item in predicate.items)
    if isinstance(predicate, And):
        told = dict(known)
        for item in predicate.items:
            if (found := values_left(item)) is not None and found[0] in single:
                told[found[0]] = found[1] & told.get(*found)
        return any(never_holds(item, single, told) for item in predicate.items)
    if isinstance(predicate, Equals | Like | Regex) and predicate.field in known:
        return not any(holds(predicate, value) for value in known[predicate.field])
    return predicate == Constant(False)
