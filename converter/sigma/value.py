"""One leaf as Sigma writes it: the field with its modifiers, and the value with its escapes.

    Like(Image, (ANY, "\\\\cmd.exe"), ignore_case)   ->   Image|endswith: '\\cmd.exe'

Source: Sigma specification 2.1, "Sigma Modifiers" and "Escaping".
"""

from __future__ import annotations

import ipaddress
import math
import re
from typing import TypeAlias

from converter.ir.predicate import (
    AnyField,
    Cidr,
    Compare,
    Equals,
    Exists,
    Like,
    Predicate,
    Regex,
    Script,
    Wild,
)
from converter.ir.value import Comparison, FieldValue
from converter.late import late
from converter.lowering.conversions.pieces import escape as regex_escape
from converter.lowering.fidelity import Refused
from converter.regex import loosen_end
from converter.sigma.conventions import numeric_fields
from converter.source import SourceError

Pattern: TypeAlias = tuple[str | Wild, ...]
SigmaValue: TypeAlias = str | int | float | bool | None
_COMPARISONS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
KEYWORDS = ""
"""The key of values that are searched in all fields."""
_EXACT = 2**53
"""Sigma's readers take greater integers for floats, which may be other numbers."""
_NUMBER = re.compile(r"\s*[+-]?\d[\d_]*\s*")
_SUSPICIOUS = re.compile(r"[*?\x00-\x1f]")
_CONTROL = late(r"[\x00-\x1f]")


def entry(leaf: Predicate) -> tuple[str, SigmaValue]:
    """(field with modifiers, value). Raises Refused for a leaf that Sigma cannot say."""
    match leaf:
        case Equals(field=name, value=value) if isinstance(value, str):
            return _text(name, (value,), leaf.ignore_case)
        case Equals(field=name, value=int() | float() as value):
            return _number(name, value, leaf)
        case Like(field=name, pattern=pattern):
            return _text(name, _normal(pattern), leaf.ignore_case)
        case Regex(field=name, pattern=text, ignore_case=ignore_case):
            return f"{name}|re{'|i' if ignore_case else ''}", _readable(text, leaf)
        case Compare(field=name, op=op, value=value) if not isinstance(value, str | bool):
            return f"{name}|{_COMPARISONS[op]}", _number(name, value, leaf)[1]
        case Cidr(field=name, network=network):
            return f"{name}|cidr", str(ipaddress.ip_network(network, strict=False))
        case Exists(field=name):
            return f"{name}|exists", True
        case AnyField(pattern=pattern) if not _unclear(pieces := _normal(pattern)):
            return KEYWORDS, escape(pieces)
        case Script(expression=Comparison(op="==", left=FieldValue(name=left), right=FieldValue(name=right))):
            return f"{left}|fieldref", right
    kind = "an expression over fields" if isinstance(leaf, Script) else type(leaf).__name__.lower()
    raise Refused.because("sigma-construct", f"{kind} has no equivalent in Sigma", position=leaf.pos)


def _text(name: str, pattern: Pattern, ignore_case: bool) -> tuple[str, SigmaValue]:
    if name in numeric_fields() and len(pattern) == 1 and _is_decimal(pattern[0]):
        return name, int(str(pattern[0]))
    if _unclear(pattern):
        return _regex(name, pattern, ignore_case)
    modifier, rest = _modifier(pattern)
    return name + modifier + _case(pattern, ignore_case), escape(rest)


def _number(name: str, value: float, leaf: Predicate) -> tuple[str, SigmaValue]:
    if isinstance(value, bool):
        return name, str(value).lower()
    if not math.isfinite(value) or abs(value) >= _EXACT:
        raise Refused.because("sigma-number", f"the number {value} is not exact in Sigma", position=leaf.pos)
    return name, value


def _readable(text: str, leaf: Predicate) -> str:
    """The PCRE pattern as pySigma reads it: with Python's own module. Raises Refused where that does not."""
    try:
        pattern = loosen_end(text) if "\\z" in text else text
        re.compile(pattern)
    except (re.error, SourceError, OverflowError) as error:
        raise Refused.because(
            "sigma-regex",
            f"the regular expression is not one that Sigma's readers take: {error}",
            position=leaf.pos,
        ) from None
    return pattern


def _normal(pattern: Pattern) -> Pattern:
    """The pattern with texts side by side joined, without empty ones, and `**` as `*`."""
    pieces: list[str | Wild] = []
    for piece in pattern:
        last = pieces[-1] if pieces else None
        if isinstance(piece, str) and isinstance(last, str):
            pieces[-1] = last + piece
        elif piece != "" and not (piece is Wild.ANY and last is Wild.ANY):
            pieces.append(piece)
    return tuple(pieces) or ("",)


def _is_decimal(piece: str | Wild) -> bool:
    return isinstance(piece, str) and re.fullmatch(r"0|[1-9][0-9]{0,14}", piece) is not None


def _unclear(pattern: Pattern) -> bool:
    """Whether a plain value would read like a mistake: digits alone (as a number, 0 and 00 are equal), an
    escaped `*` or `?`, a control character."""
    if len(pattern) == 1 and isinstance(pattern[0], str) and _NUMBER.fullmatch(pattern[0]):
        return True
    return any(isinstance(piece, str) and _SUSPICIOUS.search(piece) is not None for piece in pattern)


def _regex(name: str, pattern: Pattern, ignore_case: bool) -> tuple[str, SigmaValue]:
    """The pattern as a regular expression; a value that ends in a line feed more is taken too."""
    names = {Wild.ANY: r"[\s\S]*", Wild.ONE: r"[\s\S]"}
    text = "".join(
        names[piece] if isinstance(piece, Wild) else _CONTROL.sub(_hexadecimal, regex_escape(piece))
        for piece in pattern
    )
    return f"{name}|re{'|i' if ignore_case else ''}", f"^{text}$"


def _hexadecimal(match: re.Match[str]) -> str:
    return f"\\x{ord(match[0]):02x}"


def escape(pattern: Pattern) -> str:
    """The pattern as a Sigma string: literal wildcards and ambiguous backslashes escaped.

    A single backslash before an ordinary character stands for itself; in a run, before a wildcard, and
    before a literal `*` or `?`, each is doubled.

    >>> escape(("C:\\\\Windows", Wild.ANY))
    'C:\\\\Windows*'
    """
    text: list[str] = []
    pieces = _normal(pattern)
    for index, piece in enumerate(pieces):
        if isinstance(piece, Wild):
            text.append(piece.value)
            continue
        wild_next = index + 1 < len(pieces) and isinstance(pieces[index + 1], Wild)
        text.append(_escaped(piece, wild_next))
    return "".join(text)


def _escaped(piece: str, wild_next: bool) -> str:
    out: list[str] = []
    at = 0
    while at < len(piece):
        char = piece[at]
        if char == "\\":
            end = at
            while end < len(piece) and piece[end] == "\\":
                end += 1
            ambiguous = (
                end - at > 1 or (end < len(piece) and piece[end] in "*?") or (end == len(piece) and wild_next)
            )
            out.append("\\" * (end - at) * (2 if ambiguous else 1))
            at = end
            continue
        out.append("\\" + char if char in "*?" else char)
        at += 1
    return "".join(out)


def _modifier(pattern: Pattern) -> tuple[str, Pattern]:
    """The modifier that stands for wildcards at the ends, and what is left of the pattern."""
    starts, ends = pattern[0] is Wild.ANY, pattern[-1] is Wild.ANY
    inner = pattern[starts : len(pattern) - ends]
    if not inner or any(isinstance(piece, Wild) for piece in inner):
        return "", pattern
    names = {(True, True): "|contains", (True, False): "|endswith", (False, True): "|startswith"}
    return names.get((starts, ends), ""), inner


def _case(pattern: Pattern, ignore_case: bool) -> str:
    cased = any(isinstance(piece, str) and piece.lower() != piece.upper() for piece in pattern)
    return "|cased" if cased and not ignore_case else ""
