"""`errorCode|told(cloudtrail_outcome)`: Elastic derives the value from other fields; the conditions say how.

The map of that name gives for each of the field's values the conditions under which Elastic writes it, in a
small part of Kuery without parentheses:

    cloudtrail_outcome:
      success: not errorCode:* and not errorMessage:*
      failure: errorCode:AccessDenied* or errorMessage:*

    event.outcome : "failure"   ->   errorCode : *  or  errorMessage : *

`field:value` is the value whatever its case, `field:*` presence; `field:value*` is presence too, and the
value is what a projection writes. `field:*text*` is a text within the value, with its case. `always` is no
condition; `?` is one that can't be said; `"*"` says that Elastic writes other values too, and under which
conditions it writes any.
"""

from __future__ import annotations

from functools import cache

from converter.frozen import dataclass
from converter.ir.predicate import Equals, Exists, Like, Not, Predicate, Regex, Wild
from converter.ir.rewrite import conjunction, disjunction
from converter.late import late
from converter.lowering.conversions.base import Context, Lost
from converter.lowering.recognise import holds

_ATOM = late(r"^(?P<negated>not )?(?P<field>[^:]+):(?:\*(?P<part>[^*]+)\*|(?P<value>[^*]*)(?P<present>\*)?)$")

ANOTHER = "another value"
"""One that no table lists."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One condition: the field has `value` (None: any), or holds it `within`; `example` satisfies it."""

    field: str
    value: str | None
    example: str
    negated: bool = False
    within: bool = False

    def held(self, value: object) -> bool:
        """Whether a value that the field has is one of those, but for `negated`."""
        if self.value is None:
            return True
        return self.value in str(value) if self.within else str(value).lower() == self.value.lower()

    def predicate(self) -> Predicate:
        """The condition over the target's fields."""
        if self.value is None:
            found: Predicate = Exists(self.field)
        elif self.within:
            found = Like(self.field, (Wild.ANY, self.value, Wild.ANY))
        else:
            found = Equals(self.field, self.value, ignore_case=True)
        return Not(found) if self.negated else found


@cache
def alternatives(text: str) -> tuple[tuple[Atom, ...], ...]:
    """The conditions as an OR of ANDs. Raises ValueError for what is no condition."""
    if text == "always":
        return ((),)
    return tuple(tuple(_atom(part) for part in branch.split(" and ")) for branch in text.split(" or "))


def _atom(text: str) -> Atom:
    match = _ATOM.match(text.strip())
    if match is None:
        raise ValueError(f"not a condition (field:value, field:*, not ...): {text!r}")
    if (part := match["part"]) is not None:
        return Atom(match["field"], part, part, bool(match["negated"]), within=True)
    present = match["present"] is not None
    return Atom(match["field"], None if present else match["value"], match["value"], bool(match["negated"]))


def told(leaf: Predicate, context: Context) -> Predicate:
    """The conditions of each value that the leaf takes: FALSE where the log tells none of these, and has none
    else. Raises Lost for other kinds of leaves, and for values that Elastic derives in ways unknown."""
    if not isinstance(leaf, Equals | Like | Regex | Exists):
        raise Lost("derived-field", f"{type(leaf).__name__.lower()} on a value that is derived from others")
    table = context.maps[context.cell.argument]
    if isinstance(leaf, Exists) and table.get("*", "?") != "?":
        return condition_of(table["*"])
    texts = [text for value, text in table.items() if value != "*" and holds(leaf, value)]
    if "?" in texts or ("*" in table and not texts):
        raise Lost("unmapped-value", "a value that Elastic derives in a way which the target can't say")
    return disjunction(map(condition_of, texts))


def unheld(leaf: Predicate, context: Context, negated: bool) -> bool:
    """Whether a rule that asks this (or, `negated`, its opposite) takes values that only other logs of the
    record have: of these this log holds no event, whatever is asked.

    event.code : ThreatFinder, and not event.code : SharePoint     in a log of SharePoint alone
    """
    table = context.maps[context.cell.argument]
    if "*" in table or not isinstance(leaf, Equals | Like | Regex):
        return False
    cells = context.record.cells.get(leaf.field, {}).values()
    others = (context.maps[one.argument] for one in cells if one is not None and one.conversion == "told")
    values = frozenset(value for other in others for value in other)
    if "*" in values and not negated and not any(holds(leaf, value) for value in values - {"*"}):
        return True  # a value that no table lists is one of the others
    untold = {ANOTHER if value == "*" else value for value in values - table.keys()}
    return any(holds(leaf, value) is not negated for value in untold)


def condition_of(text: str) -> Predicate:
    """The predicate that a map's text says."""
    return disjunction(conjunction(atom.predicate() for atom in branch) for branch in alternatives(text))
