"""Texts of logs in W3C's format, where `-` stands for no value; as in Windows' security log and Sysmon's.

    source.ip : *                       ->  IpAddress : * and not IpAddress : "-"    (`IpAddress|filled`)
    url.domain : *                      ->  csHost : * and not csHost : "-"    (`csHost|filled`)
    user_agent.original : "*Odd Tool*"  ->  csUserAgent : "*Odd+Tool*"         (`csUserAgent|encoded(+)`)

`encoded` is a text that Elastic decodes from URL's percent signs; the argument is what stands for a blank.
"""

from __future__ import annotations

import dataclasses

from converter.ir.predicate import Equals, Exists, Like, Not, Predicate, Regex
from converter.ir.rewrite import conjunction
from converter.lowering.conversions.base import Approximation, Context, Lost
from converter.lowering.conversions.same import same
from converter.lowering.fidelity import Fidelity
from converter.lowering.recognise import holds

FILLER = "-"


def filled(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The leaf on a text that is not the filler."""
    found = same(leaf, context)
    if isinstance(found, Approximation) or not isinstance(leaf, Equals | Like | Regex | Exists):
        return found
    filler = Equals(context.cell.field, FILLER, pos=leaf.pos)
    return conjunction([found, Not(filler)]) if holds(leaf, FILLER) else found


def encoded(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The leaf on a text as it was sent: what is written with needless percent signs is not found.

    Raises Lost for other leaves than equalities, wildcards and presence.
    """
    if isinstance(leaf, Exists):
        return filled(leaf, context)
    if isinstance(leaf, Equals) and isinstance(leaf.value, str):
        leaf = dataclasses.replace(leaf, value=_sent(leaf.value, context))
    elif isinstance(leaf, Like):
        pieces = tuple(_sent(piece, context) if isinstance(piece, str) else piece for piece in leaf.pattern)
        leaf = dataclasses.replace(leaf, pattern=pieces)
    else:
        raise Lost("derived-field", f"{type(leaf).__name__.lower()} on a text that the target has encoded")
    message = f"{context.cell.field} is the text as it was sent, which may have more characters encoded"
    found = filled(leaf, context)
    return Approximation(
        found.predicate if isinstance(found, Approximation) else found,
        Fidelity.NARROWER,
        "encoded-text",
        message,
    )


def _sent(text: str, context: Context) -> str:
    """The text as clients write it in a URL's query, or IIS in its log.

    A percent sign and a plus are what decoding would take away: written by their numbers.
    """
    return text.replace("%", "%25").replace("+", "%2B").replace(" ", context.cell.argument)
