r"""`BindingDeltas|objects`: the target holds an array of flat objects as JSON text.

binding_deltas : { action : "ADD" and role : ("a" or "b") }
    [{"action":"ADD","role":"a","member":"x"}]
    ->  "action"\s*:\s*"ADD"[^{}]*"role"\s*:\s*(?:"a"|"b")    or the other way round
"""

from __future__ import annotations

from itertools import permutations

from converter.ir.predicate import Equals, Exists, Like, Nested, Predicate, Regex
from converter.ir.rewrite import conjuncts, disjuncts
from converter.lowering.conversions.base import Context, Lost
from converter.lowering.conversions.items import bare_regex, text_regex
from converter.lowering.conversions.pieces import escape, pattern_of

_MAX_KEYS = 3
"""More keys than this would come in too many orders."""


def objects(leaf: Predicate, context: Context) -> Predicate:
    """One object that satisfies conditions, or presence. Raises Lost for what is no value of a key."""
    if isinstance(leaf, Exists):
        return Exists(context.cell.field, pos=leaf.pos)
    if not isinstance(leaf, Nested):
        raise Lost("nested", f"a value of {context.cell.field} as a whole")
    items = conjuncts(leaf.item)
    if len(items) > _MAX_KEYS:
        raise Lost("nested", f"one object of {leaf.path} must satisfy many conditions")
    parts = [_key(item, leaf.path, context) for item in items]
    orders = [r"[^{}]*".join(order) for order in permutations(parts)]
    pattern = orders[0] if len(orders) == 1 else "|".join(f"(?:{order})" for order in orders)
    return Regex(context.cell.field, pattern, "pcre", pos=leaf.pos)


def _key(item: Predicate, path: str, context: Context) -> str:
    """One key with one of its values."""
    names: set[str] = set()
    values: list[str] = []
    for leaf in disjuncts(item):
        if not isinstance(leaf, Equals | Like) or leaf.ignore_case:
            raise Lost("nested", f"one object of {path} must satisfy several conditions")
        names.add(leaf.field.removeprefix(f"{path}."))
        pieces = pattern_of(leaf)
        values.append(bare_regex(pieces, context.type) or text_regex(pieces))
    if len(names) != 1 or "." in next(iter(names)):
        raise Lost("nested", f"one object of {path} must satisfy several conditions")
    either = values[0] if len(values) == 1 else f"(?:{'|'.join(values)})"
    return rf'"{escape(names.pop())}"\s*:\s*{either}'
