r"""`sourceIPAddress|address`: the target's field holds an address or a name; ECS has it only as an address.
An argument is a word that the log's vendor documents there, for the cases.

source.ip : *          ->  sourceIPAddress matches ^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$
source.ip : 10.0.0.0/8 ->  sourceIPAddress in 10.0.0.0/8
"""

from __future__ import annotations

from converter.ir.predicate import Exists, Predicate, Regex
from converter.lowering.conversions.base import Approximation, Context
from converter.lowering.conversions.same import same

ADDRESS = r"^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$"


def address(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """Presence is that of an address; no name equals one."""
    if isinstance(leaf, Exists):
        return Regex(context.cell.field, ADDRESS, "pcre", pos=leaf.pos)
    return same(leaf, context)
