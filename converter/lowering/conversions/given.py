"""`Name|given(RecordType:40)`: Elastic takes the value from the target's field in some records only.

    rule.name : "Unusual volume"   ->   Name : "Unusual volume"  and  RecordType : "40"

The condition is one of `told`. `partly(RecordType:40)` says that Elastic has the field in other records too,
from fields that can't be said.
"""

from __future__ import annotations

from converter.ir.predicate import Predicate
from converter.ir.rewrite import conjunction
from converter.lowering.conversions.base import Approximation, Context
from converter.lowering.conversions.same import same
from converter.lowering.conversions.told import condition_of
from converter.lowering.fidelity import Fidelity


def given(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The leaf, in the records that the condition takes."""
    found = same(leaf, context)
    if isinstance(found, Approximation):
        return found
    return conjunction((found, condition_of(context.cell.argument)))


def partly(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The leaf, in the records that the condition takes; others are missed."""
    found = given(leaf, context)
    if isinstance(found, Approximation):
        return found
    message = f"only where it comes from {context.cell.field} ({context.cell.argument})"
    return Approximation(found, Fidelity.NARROWER, "partial-field", message)
