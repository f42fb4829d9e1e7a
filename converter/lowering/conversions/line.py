"""`_raw|line`: the target holds the message as a part of the whole line, behind its header.

message : "segfault"   ->   _raw matches (?:^|[^0-9A-Za-z_])segfault(?:[^0-9A-Za-z_]|$)
"""

from __future__ import annotations

from converter.ir.predicate import Exists, Phrase, Predicate
from converter.lowering.conversions.base import Approximation, Context, Lost
from converter.lowering.conversions.same import same
from converter.lowering.fidelity import Fidelity


def line(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """Words of the message, which the header can hold too. Raises Lost for what asks the whole message."""
    if isinstance(leaf, Exists):
        return Exists(context.cell.field, pos=leaf.pos)
    found = same(leaf, context)
    if not isinstance(leaf, Phrase) or isinstance(found, Approximation):
        raise Lost("derived-field", "the whole of a message, which is a part of the log's line")
    return Approximation(found, Fidelity.WIDER, "header-words", "the line's header is searched as well")
