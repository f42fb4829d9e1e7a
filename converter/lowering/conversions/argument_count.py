"""`CommandLine|argument_count`: how many arguments a process has, counted in the line that holds them.

    process.args_count >= 3   ->   CommandLine matches (?: [^ ]*){2}            (Linux, macOS)

There the line is the arguments joined by blanks, so that a blank inside an argument counts as one between
two: the line never counts fewer than there are. "At least" is wider, "at most" narrower, an exact number both
but for one. On Windows the line is split as Windows does ("Parsing C command-line arguments", Microsoft): a
quote behind an odd number of backslashes is a letter, another opens or closes, and one that nothing closes
goes on to the end: the same number as Elastic counts, by the same rule.
"""

from __future__ import annotations

from converter.ir.predicate import FALSE, Compare, Equals, Exists, Predicate, Regex
from converter.lowering.conversions.base import Approximation, Context, Lost
from converter.lowering.fidelity import Fidelity

_LETTER_QUOTE = r'(?:\\\\)*\\"'
_INSIDE = rf'"(?:[^"\\]|\\+[^"\\]|{_LETTER_QUOTE})*(?:(?:\\\\)*"|\\*$)'
_WORD = rf'(?:[^\s"\\]|\\+[^\s"\\]|{_LETTER_QUOTE}|(?:\\\\)*{_INSIDE})+\\*|\\+'
_MOST = 500
"""Larger numbers are no expression that engines take."""


def argument_count(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """A comparison with a whole number. Raises Lost for any other leaf."""
    name = context.cell.field
    if isinstance(leaf, Exists):
        return Exists(name, pos=leaf.pos)
    low, high = _bounds(leaf)
    if high is not None and (high < 1 or (low or 0) > high):
        return FALSE
    if (low or 0) <= 1 and high is None:
        return Exists(name, pos=leaf.pos)
    if context.record.os == "windows":
        return Regex(name, _windows(max(low or 1, 1), high), "pcre", pos=leaf.pos)
    pattern = _joined(max(low or 1, 1), high)
    return _approximate(Regex(name, pattern, "pcre", pos=leaf.pos), low, high)


def _approximate(predicate: Regex, low: int | None, high: int | None) -> Approximation:
    message = "the log joins the arguments by blanks: one with a blank in it counts as several"
    exact = low is not None and high is not None and low > 1
    direction = Fidelity.WIDER if high is None else Fidelity.NARROWER
    return Approximation(predicate, direction, "argument-count", message, both=exact)


def _bounds(leaf: Predicate) -> tuple[int | None, int | None]:
    """The least and the greatest number that the leaf takes."""
    if not isinstance(leaf, Equals | Compare):
        raise Lost("derived-field", f"{type(leaf).__name__.lower()} on a number of arguments")
    try:
        number = int(str(leaf.value))
    except ValueError:
        raise Lost("derived-field", f"{leaf.value!r} as a number of arguments") from None
    if number > _MOST:
        raise Lost("derived-field", f"more than {_MOST} arguments")
    if isinstance(leaf, Equals):
        return number, number
    return {
        "<": (None, number - 1),
        "<=": (None, number),
        ">": (number + 1, None),
        ">=": (number, None),
    }[leaf.op]


def _joined(low: int, high: int | None) -> str:
    if high is None:
        return rf"(?: [^ ]*){{{low - 1}}}"
    further = f"(?: [^ ]*){_times(low - 1, high - 1)}" if high > 1 else ""
    return rf"^[^ ]*{further}$"


def _windows(low: int, high: int | None) -> str:
    further = rf"(?:\s+(?:{_WORD}))"
    if high is None:
        return rf"^\s*(?:{_WORD}){further}{{{low - 1}}}(?:\s|$)"
    return rf"^\s*(?:{_WORD}){further}{_times(low - 1, high - 1)}\s*$"


def _times(low: int, high: int) -> str:
    return f"{{{low}}}" if low == high else f"{{{low},{high}}}"
