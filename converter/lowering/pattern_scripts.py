"""Conditions over a function of one field that a pattern says as well.

    length(field) > 0                                      field : "?*"
    length(field) == 0                                     field == ""
    length(field) > 30                                     field matches .{31,}
    length(b) - length(replace(b, "#", "")) >= 2,          field matches (?:(?:x+|#)[\\s\\S]*?){2}
        where b is replace(field, "x+", "#")

The last is how often an expression matches: ES|QL has no function that counts that.
"""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple

from converter.ir.predicate import Equals, Like, Predicate, Regex, Script, Wild
from converter.ir.value import Call, Comparison, FieldValue, Literal_, Value
from converter.lowering.conversions.base import Lost
from converter.lowering.scripts import common
from converter.regex import RegexNotSupported, RegexTimeout
from converter.regex.ast import Any, Char, Class
from converter.regex.engine import Matcher
from converter.regex.parse import parse_regex
from converter.regex.walk import nodes
from converter.regex.width import width

_LONGEST = 1000
"""Larger numbers are no expression that engines take."""
_SHORTER = "{} has {:,} characters or more; an expression counts to {:,}"
_OVERLAP = "how often an expression matches: Sigma's counts where the matches would overlap, too"
_MOST = 50
"""An expression repeated more often is none that engines take."""


def with_text(leaf: Script) -> Predicate:
    """`length(field) > 0` as a pattern of one character or more, where it is not negated: a field without
    a value has no length, neither one that is above 0 nor one that is not."""
    match leaf.expression:
        case Comparison(
            op=">",
            left=Call(function="length", arguments=(FieldValue(name=name),)),
            right=Literal_(value=0),
        ):
            return Like(name, (Wild.ONE, Wild.ANY), pos=leaf.pos)
    return leaf


def for_sigma(leaf: Script, negated: bool, lists: Set[str]) -> tuple[Predicate, str | None] | None:
    """What Sigma can say of it, and why that takes more, if it does; None where it has no way.

    `lists`: fields that can have several values, of which ES|QL's functions take none.
    """
    if _compares(leaf):
        return leaf, None
    match leaf.expression:
        case Comparison(
            op="==",
            left=Call("length", (FieldValue(name=name),), language=language),
            right=Literal_(value=0),
        ) if language == "eql" or not (negated or name in lists):
            return Equals(name, "", pos=leaf.pos), None
        case Comparison(op=">" | ">=" as op, left=left, right=Literal_(value=int() as number)):
            least = number + (op == ">")
        case _:
            return None
    match left:
        case Call("length", (FieldValue(name=name),), language=language) if least > 0 and (
            # In EQL both hold where some value is so long, and neither where there is none.
            (language == "eql" and least <= _LONGEST) or not (negated or name in lists)
        ):
            long = Regex(name, f".{{{min(least, _LONGEST)},}}", "lucene", pos=leaf.pos)
            return long, None if least <= _LONGEST else _SHORTER.format(name, least, _LONGEST)
    counted = None if negated else counted_matches(left)
    if counted is None or not 0 < least <= _MOST or counted.field in lists:
        return None
    name, pattern = counted.field, "|".join((counted.pattern, counted.sign))
    text = f"(?:{pattern})" if least == 1 else f"(?:(?:{pattern})[\\s\\S]*?){{{least}}}"
    is_exact = least == 1 or _is_parted_once(counted)
    return Regex(name, text, "pcre", pos=leaf.pos), None if is_exact else _OVERLAP


def _compares(leaf: Script) -> bool:
    """Two fields that are equal: Sigma's `fieldref`."""
    match leaf.expression:
        case Comparison(op="==", left=FieldValue(), right=FieldValue()):
            return True
    return False


class Counted(NamedTuple):
    """The field and the expression whose matches are counted; the sign that stands for them counts too."""

    field: str
    pattern: str
    sign: str


def _is_parted_once(counted: Counted) -> bool:
    """Whether matches are as many, however a text is parted: each of them takes as many characters, and none
    the sign."""
    try:
        node = parse_regex(counted.pattern, "pcre")
        return width(node) is not None and not any(
            Matcher(one).fullmatch(counted.sign) for one in nodes(node) if isinstance(one, Char | Class | Any)
        )
    except (RegexNotSupported, RegexTimeout):
        return False


def counted_matches(value: Value) -> Counted | None:
    """What is counted, where the value is how often an expression matches."""
    try:
        value = common(value)
    except Lost:
        return None
    match value:
        case Call(
            "$count_of",
            (Call("replace", (FieldValue(name=name), Literal_(str(pattern)), Literal_(str(mark)))), sign),
        ) if sign == Literal_(mark):
            return Counted(name, pattern, mark)
    return None
