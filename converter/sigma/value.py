"""One leaf as Sigma writes it: the field with its modifiers, and the value with its escapes.

    Like(Image, (ANY, "\\\\cmd.exe"), ignore_case)   ->   Image|endswith: '\\cmd.exe'

Source: Sigma specification 2.1, "Sigma Modifiers" and "Escaping".
"""

from __future__ import annotations

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
from converter.lowering.conversions.pieces import escape as regex_escape
from converter.lowering.fidelity import Refused

SigmaValue: TypeAlias = str | int | float | bool | None
_COMPARISONS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
KEYWORDS = ""
"""The key of values that are searched in all fields."""


def entry(leaf: Predicate) -> tuple[str, SigmaValue]:
    """(field with modifiers, value). Raises Refused for a leaf that Sigma cannot say."""
    match leaf:
        case Equals() | Like() if _starred(leaf):
            return _regex(leaf)
        case Equals(value=value) if isinstance(value, str) and value.isdigit():
            return _regex(leaf)  # as a number it would equal 0 and 00 alike
        case Equals(field=name, value=value) if isinstance(value, str):
            return name + _case((value,), leaf.ignore_case), escape((value,))
        case Equals(field=name, value=value):
            return name, str(value).lower() if isinstance(value, bool) else value
        case Like(field=name, pattern=pattern, ignore_case=ignore_case):
            modifier, rest = _modifier(pattern)
            return name + modifier + _case(pattern, ignore_case), escape(rest)
        case Regex(field=name, pattern=text, ignore_case=ignore_case):
            return f"{name}|re{'|i' if ignore_case else ''}", text
        case Compare(field=name, op=op, value=value) if not isinstance(value, str):
            return f"{name}|{_COMPARISONS[op]}", value
        case Cidr(field=name, network=network):
            return f"{name}|cidr", network
        case Exists(field=name):
            return f"{name}|exists", True
        case AnyField(pattern=pattern):
            return KEYWORDS, escape(pattern)
        case Script(expression=Comparison(op="==", left=FieldValue(name=left), right=FieldValue(name=right))):
            return f"{left}|fieldref", right
    kind = "an expression over fields" if isinstance(leaf, Script) else type(leaf).__name__.lower()
    raise Refused.because("sigma-construct", f"{kind} has no equivalent in Sigma", position=leaf.pos)


def _starred(leaf: Equals | Like) -> bool:
    """Whether a literal `*` or `?` is in the value: escaped, it reads like a mistake."""
    pieces = leaf.pattern if isinstance(leaf, Like) else (leaf.value,)
    return any(isinstance(piece, str) and ("*" in piece or "?" in piece) for piece in pieces)


def _regex(leaf: Predicate) -> tuple[str, SigmaValue]:
    """The leaf as a regular expression: what reads ambiguously as a plain value."""
    assert isinstance(leaf, Equals | Like)
    pattern = leaf.pattern if isinstance(leaf, Like) else (str(leaf.value),)
    names = {Wild.ANY: r"[\s\S]*", Wild.ONE: r"[\s\S]"}
    text = "".join(names[piece] if isinstance(piece, Wild) else regex_escape(piece) for piece in pattern)
    return f"{leaf.field}|re{'|i' if leaf.ignore_case else ''}", f"^{text}$"


def escape(pattern: tuple[str | Wild, ...]) -> str:
    """The pattern as a Sigma string: literal wildcards and ambiguous backslashes escaped.

    A single backslash before an ordinary character stands for itself; in a run, before a wildcard, and
    before a literal `*` or `?`, each is doubled.

    >>> escape(("C:\\\\Windows", Wild.ANY))
    'C:\\\\Windows*'
    """
    text: list[str] = []
    for index, piece in enumerate(pattern):
        if isinstance(piece, Wild):
            text.append(piece.value)
            continue
        wild_next = index + 1 < len(pattern) and isinstance(pattern[index + 1], Wild)
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


def _modifier(pattern: tuple[str | Wild, ...]) -> tuple[str, tuple[str | Wild, ...]]:
    """The modifier that stands for wildcards at the ends, and what is left of the pattern."""
    starts, ends = pattern[0] is Wild.ANY, pattern[-1] is Wild.ANY
    inner = pattern[starts : len(pattern) - ends]
    if not inner or any(isinstance(piece, Wild) for piece in inner):
        return "", pattern
    names = {(True, True): "|contains", (True, False): "|endswith", (False, True): "|startswith"}
    return names.get((starts, ends), ""), inner


def _case(pattern: tuple[str | Wild, ...], ignore_case: bool) -> str:
    cased = any(isinstance(piece, str) and piece.lower() != piece.upper() for piece in pattern)
    return "|cased" if cased and not ignore_case else ""
