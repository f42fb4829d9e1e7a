r"""`Scopes|words`: the log has the field's values as one text, with blanks between them; none has one in it.

    scopes : "Mail.Read"   ->  Scopes matches (?:^| )Mail\.Read(?: |$)
    scopes : "Mail.*"      ->  Scopes matches (?:^| )Mail\.[^ ]*(?: |$)
    scopes : "a b"         ->  never

Source: the pipelines that split such a text (elastic/integrations, `azure/graphactivitylogs`).
"""

from __future__ import annotations

from converter.ir.predicate import FALSE, Equals, Exists, Like, Predicate, Regex, Wild
from converter.lowering.conversions.base import Context
from converter.lowering.conversions.pieces import escape, pattern_of, regex_within

_CHARACTER = "[^ ]"


def words(leaf: Predicate, context: Context) -> Predicate:
    """One word of the text. Raises Lost for comparisons by order."""
    name = context.cell.field
    if isinstance(leaf, Exists):
        return Exists(name, pos=leaf.pos)
    if isinstance(leaf, Regex):
        return _word(name, regex_within(leaf, excluded=" "), leaf.ignore_case, leaf)
    pattern = pattern_of(leaf)
    if pattern == (Wild.ANY,):
        return Exists(name, pos=leaf.pos)
    if any(isinstance(piece, str) and " " in piece for piece in pattern):
        return FALSE
    body = "".join(_piece(piece) for piece in pattern)
    return _word(name, body, isinstance(leaf, Equals | Like) and leaf.ignore_case, leaf)


def _word(name: str, body: str, ignore_case: bool, leaf: Predicate) -> Regex:
    return Regex(name, f"(?:^| ){body}(?: |$)", "pcre", ignore_case, pos=leaf.pos)


def _piece(piece: str | Wild) -> str:
    if piece is Wild.ANY:
        return f"{_CHARACTER}*"
    return _CHARACTER if isinstance(piece, Wild) else escape(piece)
