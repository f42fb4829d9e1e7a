"""`actor.email|before(@)`, `actor.email|after(@)`: ECS has what stands before or after a separator.

`UserId|holding(@)`: the value, where it has the separator.

    user.name : "ada"             ->  actor.email : "ada@*"
    user.domain : "example.com"   ->  actor.email : "*@example.com"

The separator stands once in such a value, or it is the first (`before`) or the last (`after`) that counts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from converter.ir.predicate import FALSE, Equals, Exists, Like, Predicate, Regex, Wild
from converter.lowering.conversions.base import Approximation, Context
from converter.lowering.conversions.pieces import escape, pattern_of, regex_within
from converter.lowering.conversions.same import same


def before(leaf: Predicate, context: Context) -> Predicate:
    """The leaf on the text before the separator. Raises Lost for comparisons by order."""
    return _half(leaf, context, first=True)


def after(leaf: Predicate, context: Context) -> Predicate:
    """The leaf on the text after the separator. Raises Lost for comparisons by order."""
    return _half(leaf, context, first=False)


def holding(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The leaf on a value that has the separator; what the leaf asks of it is taken to see to that."""
    if isinstance(leaf, Exists):
        return Like(context.cell.field, (Wild.ANY, context.cell.argument, Wild.ANY), pos=leaf.pos)
    return same(leaf, context)


def _half(leaf: Predicate, context: Context, first: bool) -> Predicate:
    name, separator = context.cell.field, context.cell.argument
    if isinstance(leaf, Exists):
        return Like(name, (Wild.ANY, separator, Wild.ANY), pos=leaf.pos)
    if isinstance(leaf, Regex):
        body = regex_within(leaf, separator)
        return dataclasses.replace(
            leaf, field=name, pattern=_anchored(body, separator, first), dialect="pcre"
        )
    pieces = pattern_of(leaf)
    if any(isinstance(piece, str) and separator in piece for piece in pieces):
        return FALSE
    ignore_case = isinstance(leaf, Equals | Like) and leaf.ignore_case
    if all(isinstance(piece, str) for piece in pieces):
        text = "".join(map(str, pieces))
        pattern = (text + separator, Wild.ANY) if first else (Wild.ANY, separator + text)
        return Like(name, pattern, ignore_case, pos=leaf.pos)
    return Regex(
        name, _anchored(_within(pieces, separator), separator, first), "pcre", ignore_case, pos=leaf.pos
    )


def _anchored(body: str, separator: str, first: bool) -> str:
    return f"^{body}{escape(separator)}" if first else f"{escape(separator)}{body}$"


def _within(pieces: Sequence[str | Wild], separator: str) -> str:
    """The pattern, whose wildcards do not take the separator."""
    wild = {Wild.ANY: f"[^{separator}]*", Wild.ONE: f"[^{separator}]"}
    return "".join(wild[piece] if isinstance(piece, Wild) else escape(piece) for piece in pieces)
