"""The case of letters: what a log tells of it, and what Elastic ignores.

process.name == "cmd.exe"    in a log that writes names in lower case    ->   whatever the case
process.name : "café.exe"    where only ASCII letters have two cases     ->   /^[cC][aA][fF]é\\.[eE][xX][eE]$/
"""

from __future__ import annotations

import dataclasses

from converter.ir.predicate import Equals, Like, Predicate, Regex, Wild
from converter.lowering.conversions.pieces import escape
from converter.lowering.fidelity import Fidelity
from converter.lowering.record_fields import RecordFields
from converter.taxonomy.model import Cell

_WITH_TEXT = (Equals, Like, Regex)


def cased(fields: RecordFields, leaf: Predicate, cell: Cell, negated: bool) -> Predicate:
    """The leaf as far as the log tells the case of letters, of which Elastic ignores that of ASCII."""
    if not isinstance(leaf, _WITH_TEXT):
        return leaf
    if not leaf.ignore_case:
        if cell.field not in fields.record.shapes[fields.profile.name].lower or not _letters(leaf):
            return leaf
        message = f"the log writes {cell.field} in lower case"
        fields.note("letter-case", message, Fidelity.WIDER, leaf=leaf, negated=negated)
        return dataclasses.replace(leaf, ignore_case=True)
    if _text(leaf).isascii() or _letters(leaf).isascii():
        return leaf
    if cell.conversion == "same" and not isinstance(leaf, Regex):
        return _in_either_case(leaf)
    message = "Elastic ignores the case of ASCII letters alone"
    fields.note("letter-case", message, Fidelity.WIDER, leaf=leaf, negated=negated)
    return leaf


def _text(leaf: Equals | Like | Regex) -> str:
    """What the leaf writes out."""
    if isinstance(leaf, Equals):
        return leaf.value if isinstance(leaf.value, str) else ""
    if isinstance(leaf, Like):
        return "".join([piece for piece in leaf.pattern if isinstance(piece, str)])
    return leaf.pattern


def _letters(leaf: Equals | Like | Regex) -> str:
    """The letters that have another case."""
    text = _text(leaf)
    if text.isascii():
        return "".join(filter(str.isalpha, text))
    return "".join(char for char in text if char.swapcase() != char)


def _in_either_case(leaf: Equals | Like) -> Regex:
    """The leaf with both cases of each ASCII letter spelled out: in Elastic the others have but one."""
    pieces = list(leaf.pattern) if isinstance(leaf, Like) else [str(leaf.value)]
    start, end = ("" if pieces[at] is Wild.ANY else sign for at, sign in ((0, "^"), (-1, "$")))
    wild = {Wild.ANY: r"[\s\S]*", Wild.ONE: r"[\s\S]"}
    text = "".join(
        wild[piece] if isinstance(piece, Wild) else "".join(map(_either_case, piece))
        for piece in pieces[not start : len(pieces) - (not end)]
    )
    return Regex(leaf.field, f"{start}{text}{end}", "pcre", pos=leaf.pos)


def _either_case(char: str) -> str:
    return f"[{char.lower()}{char.upper()}]" if char.isascii() and char.isalpha() else escape(char)
