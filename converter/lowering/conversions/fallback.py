"""`TargetUserSid|fallback(S-1-0-0:SubjectUserSid)`: the value is in one field, or, where that holds a filler,
in another.

    user.id : "S-1-5-18"   ->   TargetUserSid : "S-1-5-18"
                                or (TargetUserSid : "S-1-0-0" and SubjectUserSid : "S-1-5-18")
"""

from __future__ import annotations

import dataclasses

from converter.ir.predicate import Equals, Predicate
from converter.ir.rewrite import conjunction, disjunction
from converter.lowering.conversions.base import Approximation, Context
from converter.lowering.conversions.same import same


def fallback(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The leaf over the first field, or over the second where the first holds the filler."""
    filler, _, other = context.cell.argument.partition(":")
    second = dataclasses.replace(context, cell=dataclasses.replace(context.cell, field=other))
    first, instead = same(leaf, context), same(leaf, second)
    if isinstance(first, Approximation) or isinstance(instead, Approximation):
        return first
    unset = Equals(context.cell.field, filler, ignore_case=True, pos=leaf.pos)
    return disjunction((first, conjunction((unset, instead))))
