r"""`AuditPolicyChanges|codes(audit_changes)`: one text with a code for each of the words that Elastic has.

    AuditPolicyChangesDescription : "Success removed"   ->  AuditPolicyChanges : "*%%8448*"

What stands between the codes differs from event to event (commas, blanks, line ends); no code of a map is a
part of another that such a text can hold. Source: elastic/integrations, system security pipeline.
"""

from __future__ import annotations

from converter.ir.predicate import Exists, Like, Predicate, Wild
from converter.ir.rewrite import disjunction
from converter.lowering.conversions.base import Context, Lost
from converter.lowering.recognise import holds


def codes(leaf: Predicate, context: Context) -> Predicate:
    """That the text has the code of a word that the leaf takes. Raises Lost where it takes no known word."""
    name = context.cell.field
    if isinstance(leaf, Exists):
        return Exists(name, pos=leaf.pos)
    found = [code for word, code in context.maps[context.cell.argument].items() if holds(leaf, word)]
    if not found:
        raise Lost("unmapped-value", f"{name} has no code for such a word")
    return disjunction(
        Like(name, (Wild.ANY, code, Wild.ANY), ignore_case=True, pos=leaf.pos)
        for code in dict.fromkeys(found)
    )
