"""`userIdentity.userName|either(issuer.userName)`: the value is in one field or in the other, not in both.

user.name : "root"   ->   userIdentity.userName : "root"  or  issuer.userName : "root"
"""

from __future__ import annotations

import dataclasses

from converter.ir.predicate import Predicate
from converter.ir.rewrite import disjunction
from converter.lowering.conversions.base import Approximation, Context
from converter.lowering.conversions.same import same


def either(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The leaf over the first field or over the second."""
    cell = dataclasses.replace(context.cell, field=context.cell.argument)
    first, second = same(leaf, context), same(leaf, dataclasses.replace(context, cell=cell))
    if isinstance(first, Approximation) or isinstance(second, Approximation):
        return first
    return disjunction((first, second))
