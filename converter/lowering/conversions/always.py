"""`-|always`: every event of the record has the field, and the target does not hold it.

    container.id like "*"   ->   true, in the log of a host whose processes run in containers

`-|always(container)`: it has this value in every event of the record.

    process.entry_leader.entry_meta.type == "container"   ->   true, in the log of processes in containers

That the log holds other processes as well is said by the record's `shared`. A value that is asked is lost.
"""

from __future__ import annotations

from converter.ir.predicate import FALSE, TRUE, Exists, Like, Predicate, Wild
from converter.lowering.conversions.base import Context, Lost
from converter.lowering.recognise import holds


def always(leaf: Predicate, context: Context) -> Predicate:
    """True for what asks only that there is a value, or the value. Raises Lost for any other leaf."""
    if isinstance(leaf, Exists) or (
        isinstance(leaf, Like) and all(isinstance(piece, Wild) for piece in leaf.pattern)
    ):
        return TRUE
    verdict = holds(leaf, context.cell.argument) if context.cell.argument else None
    if verdict is None:
        raise Lost("unmapped-field", f"the value of this field has no counterpart in {context.record.title}")
    return TRUE if verdict else FALSE
