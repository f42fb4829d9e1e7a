"""Names out of paths: the target holds only the full path.

    process.name : "cmd.exe"    ->   Image : "*\\cmd.exe"            (`Image|file_name`)
    process.name : "cmd*.exe"   ->   Image matches \\cmd[^\\]*\\.exe$
    file.extension : "ps1"      ->   TargetFilename : "*.ps1"        (`TargetFilename|extension`)
    file.directory : "/tmp"     ->   TargetFilename matches ^/tmp/[^/]+$

A wildcard inside a name must not cross a separator: `*\\cmd*.exe` also takes `C:\\cmdtools\\x.exe`.
"""

from __future__ import annotations

from converter.ir.predicate import FALSE, Equals, Exists, Like, Predicate, Regex, Wild
from converter.lowering.conversions.base import Context
from converter.lowering.conversions.pieces import escape, pattern_of, regex_within


def file_name(leaf: Predicate, context: Context) -> Predicate:
    """The last part of a path. Raises Lost for a comparison by order."""
    name, separator = context.cell.field, context.record.separator
    if isinstance(leaf, Exists):
        return Exists(name, pos=leaf.pos)
    if isinstance(leaf, Regex):
        body = regex_within(leaf, excluded=separator)
        return Regex(name, f"{escape(separator)}{body}$", "pcre", leaf.ignore_case, pos=leaf.pos)
    pattern = pattern_of(leaf)
    if any(isinstance(piece, str) and separator in piece for piece in pattern):
        return FALSE
    if pattern == (Wild.ANY,):
        return Exists(name, pos=leaf.pos)
    ignore_case = isinstance(leaf, Equals | Like) and leaf.ignore_case
    if all(isinstance(piece, str) for piece in pattern):
        ending: tuple[str | Wild, ...] = (Wild.ANY, separator + "".join(map(str, pattern)))
        return Like(name, ending, ignore_case, pos=leaf.pos)
    if pattern[0] is Wild.ANY and all(isinstance(piece, str) for piece in pattern[1:]):
        return Like(name, pattern, ignore_case, pos=leaf.pos)
    start = "" if pattern[0] is Wild.ANY else escape(separator)
    rest = pattern[1:] if pattern[0] is Wild.ANY else pattern
    body = "".join(_piece(piece, _not(separator)) for piece in rest)
    return Regex(name, f"{start}{body}$", "pcre", ignore_case, pos=leaf.pos)


def extension(leaf: Predicate, context: Context) -> Predicate:
    """What follows the last dot of the file's name."""
    name, separator = context.cell.field, context.record.separator
    if isinstance(leaf, Exists):
        return Regex(name, rf"\.[^.{_class(separator)}]+$", "pcre", pos=leaf.pos)
    if isinstance(leaf, Regex):
        return Regex(
            name,
            rf"\.{regex_within(leaf, excluded='.' + separator)}$",
            "pcre",
            leaf.ignore_case,
            pos=leaf.pos,
        )
    pattern = pattern_of(leaf)
    if any(isinstance(piece, str) and ("." in piece or separator in piece) for piece in pattern):
        return FALSE
    ignore_case = isinstance(leaf, Equals | Like) and leaf.ignore_case
    if all(isinstance(piece, str) for piece in pattern):
        return Like(name, (Wild.ANY, "." + "".join(map(str, pattern))), ignore_case, pos=leaf.pos)
    body = "".join(_piece(piece, f"[^.{_class(separator)}]") for piece in pattern)
    return Regex(name, rf"\.{body}$", "pcre", ignore_case, pos=leaf.pos)


def directory(leaf: Predicate, context: Context) -> Predicate:
    """The path without its last part and the separator before it."""
    name, separator = context.cell.field, context.record.separator
    tail = f"{escape(separator)}{_not(separator)}+$"
    if isinstance(leaf, Exists):
        return Regex(name, tail, "pcre", pos=leaf.pos)
    if isinstance(leaf, Regex):
        return Regex(
            name, f"^{regex_within(leaf, excluded='')}{tail}", "pcre", leaf.ignore_case, pos=leaf.pos
        )
    pattern = pattern_of(leaf)
    ignore_case = isinstance(leaf, Equals | Like) and leaf.ignore_case
    body = "".join(_piece(piece, "[\\s\\S]") for piece in pattern)
    return Regex(name, f"^{body}{tail}", "pcre", ignore_case, pos=leaf.pos)


def _piece(piece: str | Wild, inside: str) -> str:
    if piece is Wild.ANY:
        return f"{inside}*"
    return inside if isinstance(piece, Wild) else escape(piece)


def _not(separator: str) -> str:
    return f"[^{_class(separator)}]"


def _class(separator: str) -> str:
    return separator.replace("\\", "\\\\")
