"""Cells whose field holds nearly the same, or only some of it; the translation says so.

source.as.number : 9009        ->  AutonomousSystemNumber : "9009"    (`|other_database`: another's knowledge)
network.direction : ingress    ->  taken to hold                      (`|assumed`: only Elastic reckons it)
target_resources.*.name : "x"  ->  TargetNames : "x"                  (`|first(3)`: of the first three)
"""

from __future__ import annotations

import dataclasses

from converter.ir.predicate import TRUE, Predicate
from converter.lowering.conversions.base import Approximation, Context
from converter.lowering.conversions.items import items
from converter.lowering.conversions.same import same
from converter.lowering.fidelity import Fidelity

OTHER_DATABASE = "is from the log's own database of networks, not from that of Elastic"


def other_database(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The leaf over what the log's vendor knows of the same address: it may differ in both directions."""
    found = same(leaf, context)
    if isinstance(found, Approximation):
        return found
    message = f"{context.cell.field} {OTHER_DATABASE}"
    return Approximation(found, Fidelity.NARROWER, "other-database", message, both=True)


def assumed(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """Taken to hold: Elastic's agent tells the value by what no log of others has."""
    return Approximation(TRUE, Fidelity.WIDER, "looked-up-value", "reckoned by Elastic alone: taken to hold")


def first(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The leaf over the first items of an array, which the query puts into a text of JSON."""
    plain = dataclasses.replace(context, cell=dataclasses.replace(context.cell, argument=""))
    message = f"only the first {context.cell.argument} items of the array are looked at"
    found = items(leaf, plain)
    one = found.predicate if isinstance(found, Approximation) else found
    return Approximation(one, Fidelity.NARROWER, "first-items", message)
