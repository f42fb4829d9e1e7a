r"""`userIdentity.userName|either(issuer.userName)`: the value is in one of the fields, not in several.

user.name : "root"   ->   userIdentity.userName : "root"  or  issuer.userName : "root"

Several others stand behind commas: a place in JSON with or without an array on the way is called otherwise.
"""

from __future__ import annotations

import dataclasses

from converter.ir.predicate import Predicate
from converter.ir.rewrite import disjunction
from converter.lowering.conversions.base import Approximation, Context
from converter.lowering.conversions.same import same


def either(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The leaf over the first field or over another."""
    names = (context.cell.field, *context.cell.argument.split(","))
    cells = (dataclasses.replace(context.cell, field=name) for name in names)
    found: list[Predicate] = []
    for cell in cells:
        said = same(leaf, dataclasses.replace(context, cell=cell))
        if isinstance(said, Approximation):
            return said
        found.append(said)
    return disjunction(found)
