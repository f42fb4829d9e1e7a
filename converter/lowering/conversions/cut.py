"""`uri|until(?)`, `uri|beyond(?)`: ECS has what stands before or behind the first separator, if there is one.

    url.path : "/a.php"    ->  uri : "/a.php" or uri : "/a.php?*"
    url.query : "*cmd=*"   ->  uri : "*?*cmd=*"

Unlike `before`, the head of a value without separator is the whole value; unlike `after`, the tail may have
further separators.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from converter.ir.predicate import FALSE, Equals, Exists, Like, Predicate, Regex, Wild
from converter.ir.rewrite import disjunction
from converter.lowering.conversions.base import Context
from converter.lowering.conversions.pieces import escape, pattern_of, regex_within


def until(leaf: Predicate, context: Context) -> Predicate:
    """The leaf on the text up to the first separator. Raises Lost for comparisons by order."""
    name, separator = context.cell.field, context.cell.argument
    if isinstance(leaf, Exists):
        return Exists(name, pos=leaf.pos)
    end = f"(?:{escape(separator)}|$)"
    if isinstance(leaf, Regex):
        return dataclasses.replace(
            leaf, field=name, pattern=f"^{regex_within(leaf, separator)}{end}", dialect="pcre"
        )
    pieces, ignore_case = _pieces(leaf), isinstance(leaf, Equals | Like) and leaf.ignore_case
    if any(isinstance(piece, str) and separator in piece for piece in pieces):
        return FALSE
    *first, last = pieces
    if all(isinstance(piece, str) for piece in first):
        text = "".join(map(str, first))
        if last is Wild.ANY:
            return Like(name, (*[text][: len(text)], Wild.ANY), ignore_case, pos=leaf.pos)
        if isinstance(last, str):
            whole = Equals(name, text + last, ignore_case, pos=leaf.pos)
            return disjunction(
                [whole, Like(name, (text + last + separator, Wild.ANY), ignore_case, pos=leaf.pos)]
            )
    body = _within(pieces, f"[^{separator}]")
    return Regex(name, f"^{body}{end}", "pcre", ignore_case, pos=leaf.pos)


def beyond(leaf: Predicate, context: Context) -> Predicate:
    """The leaf on the text behind the first separator. Raises Lost for comparisons by order."""
    name, separator = context.cell.field, context.cell.argument
    if isinstance(leaf, Exists):
        return Like(name, (Wild.ANY, separator, Wild.ANY), pos=leaf.pos)
    start = f"^[^{separator}]*{escape(separator)}"
    if isinstance(leaf, Regex):
        return dataclasses.replace(
            leaf, field=name, pattern=f"{start}{regex_within(leaf, '')}$", dialect="pcre"
        )
    pieces, ignore_case = _pieces(leaf), isinstance(leaf, Equals | Like) and leaf.ignore_case
    if pieces and pieces[0] is Wild.ANY:
        return Like(name, (Wild.ANY, separator, *pieces), ignore_case, pos=leaf.pos)
    return Regex(name, f"{start}{_within(pieces, '.')}$", "pcre", ignore_case, pos=leaf.pos)


def _pieces(leaf: Predicate) -> tuple[str | Wild, ...]:
    return tuple(piece for piece in pattern_of(leaf) if piece != "") or ("",)


def _within(pieces: Sequence[str | Wild], one: str) -> str:
    wild = {Wild.ANY: f"{one}*", Wild.ONE: one}
    return "".join(wild[piece] if isinstance(piece, Wild) else escape(piece) for piece in pieces)
