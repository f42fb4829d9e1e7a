r"""`CommandLine|argument`: the target holds the command line as one text, not its arguments.

An argument is delimited: on Windows by spaces outside quotes, or by quotes, and `\"` is a quote in it;
elsewhere the line is the arguments joined by spaces.

    process.args : "/c"      ->  CommandLine matches ^(?:...\\?\s)?(?:/c|"/c")(?:\s|$)
    process.args : "/i*"     ->  CommandLine matches ^(?:...\\?\s)?"?/i
    process.args : "*foo*"   ->  CommandLine : "*foo*"       (no space, no quote: within one argument anyway)

What precedes (`...`) is whole quoted arguments, escaped characters and others than quotes, so that an
argument is not found inside a quoted one. Source: "Parsing C++ command-line arguments", Microsoft Learn.
"""

from __future__ import annotations

from collections.abc import Sequence

from converter.ir.predicate import Equals, Exists, Like, Predicate, Regex, Wild
from converter.lowering.conversions.base import Approximation, Context
from converter.lowering.conversions.pieces import escape, pattern_of, regex_within
from converter.lowering.fidelity import Fidelity

_BEFORE = r'^(?:(?:[^"\\]|\\.|"(?:[^"\\]|\\.)*")*\\?\s)?'
_AFTER = r"(?:\s|$)"
_BARE = r'(?:[^\s"]|\\")'
_QUOTED = r'(?:[^"]|\\")'
"""A character of an argument outside of quotes, and within."""
_STOPS = "a wildcard stops at a space, though the argument may hold one"
"""What starts and ends in a `*` and is found in one word is found in that word's argument."""


def argument(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """One element of the argument list. Raises Lost for comparisons by order."""
    name = context.cell.field
    if isinstance(leaf, Exists):
        return Exists(name, pos=leaf.pos)
    if isinstance(leaf, Regex):
        return _regex(leaf, context)
    pattern = pattern_of(leaf)
    ignore_case = isinstance(leaf, Equals | Like) and leaf.ignore_case
    if pattern == (Wild.ANY,):
        return Exists(name, pos=leaf.pos)
    if _within_one_argument(pattern):
        return Like(name, pattern, ignore_case, pos=leaf.pos)
    if any(isinstance(piece, str) and '"' in piece for piece in pattern):
        return _with_quotes(name, pattern, ignore_case, leaf)
    if context.record.os == "windows":
        return Regex(name, _windows(pattern), "pcre", ignore_case, pos=leaf.pos)
    found = Regex(name, _posix(pattern), "pcre", ignore_case, pos=leaf.pos)
    if _spaced(pattern):
        return _joined(found)
    if pattern[0] is Wild.ANY and pattern[-1] is Wild.ANY:
        return Approximation(found, Fidelity.NARROWER, "argument-boundary", _STOPS)
    return _joined(found, _stops(pattern))


def _within_one_argument(pattern: Sequence[str | Wild]) -> bool:
    """`*text*` with neither space nor quote: wherever it stands in the line, it stands in one argument."""
    return (
        len(pattern) == 3
        and pattern[0] is Wild.ANY
        and pattern[2] is Wild.ANY
        and isinstance(pattern[1], str)
        and not any(char.isspace() or char == '"' for char in pattern[1])
    )


def _stops(pattern: Sequence[str | Wild]) -> bool:
    """Whether a wildcard stops at a space, or a line's end, that the argument may hold. A `*` at an end takes
    what stands there of the argument, and finds it however the argument goes on."""
    return Wild.ANY in pattern[1:-1] or Wild.ONE in pattern


def _spaced(pattern: Sequence[str | Wild]) -> bool:
    """Whether there is a space in its texts."""
    return any(isinstance(piece, str) and any(map(str.isspace, piece)) for piece in pattern)


def _windows(pattern: Sequence[str | Wild]) -> str:
    """Bare, or in quotes. However an argument goes on behind a last `*` (`/i"a b"`), it began as asked; at a
    first `*` it may be bare up to a quote (`x"a b"`)."""
    open_end = pattern[-1] is Wild.ANY
    shown, end, after = (pattern[:-1], "", "") if open_end else (pattern, '"', _AFTER)
    lead = f"{_BARE}*" if pattern[0] is Wild.ANY else ""
    quoted = f'{lead}"{"".join(_piece(piece, _QUOTED) for piece in shown)}{end}'
    if _spaced(pattern):
        return f"{_BEFORE}{quoted}{after}"
    bare = "".join(_piece(piece, _BARE) for piece in shown)
    if open_end and not any(isinstance(piece, Wild) for piece in shown):
        return f'{_BEFORE}"?{bare}'
    return f"{_BEFORE}(?:{bare}|{quoted}){after}"


def _posix(pattern: Sequence[str | Wild]) -> str:
    """Arguments joined by spaces: a wildcard stops at a space, but where the argument itself holds one."""
    inside = r"[\s\S]" if _spaced(pattern) else r"\S"
    body = "".join(_piece(piece, inside) for piece in pattern)
    return rf"(?:^|\s){body}(?:\s|$)"


def _with_quotes(
    name: str, pattern: Sequence[str | Wild], ignore_case: bool, leaf: Predicate
) -> Approximation:
    """An argument with quotes in it: they stand in the line as they are, or escaped; which quotes around it
    are its own cannot be told."""
    body = "".join(_piece(piece, r"[\s\S]").replace('"', r'\\?"') for piece in pattern)
    return Approximation(
        Regex(name, rf'(?:^|[\s"]){body}(?:[\s"]|$)', "pcre", ignore_case, pos=leaf.pos),
        Fidelity.WIDER,
        "argument-quotes",
        "an argument with quotes in it is looked for wherever it stands in the line",
    )


def _joined(predicate: Predicate, wild: bool = False) -> Approximation:
    """`wild`: the pattern has a wildcard, which stops at a space, though an argument may hold one."""
    return Approximation(
        predicate,
        Fidelity.WIDER,
        "argument-boundary",
        "the log joins the arguments by spaces: a word inside one argument looks like an argument"
        + (", and a wildcard stops at a space" if wild else ""),
        both=wild,
    )


def _regex(leaf: Regex, context: Context) -> Predicate | Approximation:
    if context.record.os == "windows":
        bare, quoted = regex_within(leaf, excluded=' \t"'), regex_within(leaf, excluded='"')
        pattern = f'{_BEFORE}(?:{bare}|"{quoted}"){_AFTER}'
        found = Regex(context.cell.field, pattern, "pcre", leaf.ignore_case, pos=leaf.pos)
        message = "an argument of which a part stands in quotes is not found by an expression"
        return Approximation(found, Fidelity.NARROWER, "argument-quotes", message)
    body = regex_within(leaf, excluded=" \t")
    found = Regex(context.cell.field, rf"(?:^|\s){body}(?:\s|$)", "pcre", leaf.ignore_case, pos=leaf.pos)
    return _joined(found, body != regex_within(leaf, excluded=""))


def _piece(piece: str | Wild, inside: str) -> str:
    if piece is Wild.ANY:
        return f"{inside}*"
    return inside if isinstance(piece, Wild) else escape(piece)
