"""`RequestObject.**|one_or_items`: the target's JSON has one value there, or an array of values.

groups : "x"   ->   Request.groups : "x"   or, in its text,   "x" among the items
"""

from __future__ import annotations

import dataclasses

from converter.ir.predicate import Exists, Predicate
from converter.ir.rewrite import disjunction
from converter.lowering.conversions.base import Approximation, Context
from converter.lowering.conversions.items import items
from converter.lowering.conversions.same import same


def one_or_items(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The leaf on the value, or on an item of the array."""
    plain = same(leaf, context)
    if isinstance(leaf, Exists) or isinstance(plain, Approximation):
        return plain
    whole = dataclasses.replace(context, cell=dataclasses.replace(context.cell, argument=""))
    found = items(leaf, whole)
    if isinstance(found, Approximation):
        return dataclasses.replace(found, predicate=disjunction((plain, found.predicate)))
    return disjunction((plain, found))
