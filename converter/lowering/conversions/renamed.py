"""`Operation|renamed(m365_action)`: the same value, but for some that Elastic writes otherwise.

    event.action : "added-user-account"   ->   Operation : "Add user."
    event.action : "Add user."            ->   never
    event.action : "MailItemsAccessed"    ->   Operation : "MailItemsAccessed"

The map has Elastic's words and the log's; no two are alike, so that the field is good for grouping.
"""

from __future__ import annotations

from converter.ir.predicate import Equals, Exists, Like, Not, Predicate, Regex
from converter.ir.rewrite import conjunction, disjunction
from converter.lowering.conversions.base import Approximation, Context, Lost
from converter.lowering.conversions.same import same
from converter.lowering.recognise import holds


def renamed(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The leaf over the log's values. Raises Lost for other kinds of leaves."""
    if isinstance(leaf, Exists):
        return same(leaf, context)
    if not isinstance(leaf, Equals | Like | Regex):
        raise Lost("derived-field", f"{type(leaf).__name__.lower()} on values that Elastic writes otherwise")
    table = context.maps[context.cell.argument]
    plain = same(leaf, context)
    if isinstance(plain, Approximation):
        return plain
    name = context.cell.field
    taken = [Equals(name, raw) for written, raw in table.items() if holds(leaf, written)]
    never = [raw for written, raw in table.items() if holds(leaf, raw) and not holds(leaf, written)]
    if isinstance(leaf, Equals) and (taken or never):
        return disjunction(taken)
    return disjunction((conjunction((plain, *(Not(Equals(name, raw)) for raw in never))), *taken))
