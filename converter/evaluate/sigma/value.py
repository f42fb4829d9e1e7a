"""One value of a Sigma rule as a test of one value of an event.

Text ignores case unless `|cased`; `*` and `?` are wildcards in plain values; `|re` is PCRE, unanchored and
case-sensitive unless `|i`. Source: Sigma specification 2.1, "Sigma Modifiers".
"""

from __future__ import annotations

import ipaddress
import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sigma.types import (
    CompareOperators,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
    TimestampPart,
)

from converter.regex import compile_regex
from converter.source import NotSupportedError

Test = Callable[[Any], bool]

_OPERATORS: dict[CompareOperators, Callable[[float, float], bool]] = {
    CompareOperators.LT: operator.lt,
    CompareOperators.LTE: operator.le,
    CompareOperators.GT: operator.gt,
    CompareOperators.GTE: operator.ge,
}
_ODD = frozenset("\u212a\u0130")
_PARTS: dict[TimestampPart, Callable[[datetime], int]] = {
    TimestampPart.MINUTE: lambda when: when.minute,
    TimestampPart.HOUR: lambda when: when.hour,
    TimestampPart.DAY: lambda when: when.day,
    TimestampPart.WEEK: lambda when: when.isocalendar().week,
    TimestampPart.MONTH: lambda when: when.month,
    TimestampPart.YEAR: lambda when: when.year,
}


def value_test(value: SigmaType) -> Test:
    """A test of one (not null, not array) event value. Raises NotSupportedError for other kinds of values."""
    match value:
        case SigmaString():
            return _string(value)
        case SigmaTimestampPart():
            return _timestamp(value)
        case SigmaNumber():
            return _number(value.number)
        case SigmaBool():
            wanted = str(value.boolean).lower()
            return lambda found: text(found).lower() == wanted
        case SigmaRegularExpression():
            return _regex(value)
        case SigmaCIDRExpression():
            return _cidr(value)
        case SigmaCompareExpression():
            return _compare(value)
    raise NotSupportedError(f"Sigma value of type {type(value).__name__}")


def text(value: Any) -> str:
    """An event's value as text: JSON's words for booleans, numbers without a needless fraction."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def lower(value: str) -> str:
    """Lower case, but for letters that would become ASCII ones: the Kelvin sign is no k."""
    return (
        value.lower()
        if value.isascii()
        else "".join(char if char in _ODD else char.lower() for char in value)
    )


def _string(value: SigmaString) -> Test:
    cased = isinstance(value, SigmaCasedString)
    parts = [(piece if cased else lower(piece)) if isinstance(piece, str) else piece for piece in value.s]
    many = SpecialChars.WILDCARD_MULTI
    fold: Callable[[Any], str] = text if cased else lambda found: lower(text(found))
    literals = [part for part in parts if isinstance(part, str)]
    shape = [part if part is many else "text" if isinstance(part, str) else "?" for part in parts]
    if not parts or shape == ["text"]:
        wanted = "".join(literals)
        return lambda found: fold(found) == wanted
    word = literals[0] if literals else ""
    if shape == [many, "text"]:
        return lambda found: fold(found).endswith(word)
    if shape == ["text", many]:
        return lambda found: fold(found).startswith(word)
    if shape == [many, "text", many]:
        return lambda found: word in fold(found)
    if shape == [many]:
        return lambda found: True
    pattern = "".join(_piece(part) for part in parts)
    matches = re.compile(pattern, re.DOTALL).fullmatch
    return lambda found: matches(fold(found)) is not None


def _piece(part: Any) -> str:
    if isinstance(part, str):
        return re.escape(part)
    if part is SpecialChars.WILDCARD_MULTI:
        return ".*"
    if part is SpecialChars.WILDCARD_SINGLE:
        return "."
    raise NotSupportedError(f"the placeholder {part} without values")


def _number(wanted: float) -> Test:
    def test(found: Any) -> bool:
        number = as_number(found)
        return number is not None and number == wanted

    return test


def as_number(found: Any) -> float | None:
    """A number, or a text that is one; None otherwise."""
    if isinstance(found, bool):
        return None
    try:
        return float(found)
    except (TypeError, ValueError):
        return None


def _regex(value: SigmaRegularExpression) -> Test:
    flags = {
        flag: letter
        for flag, letter in SigmaRegularExpression.sigma_to_re_flag.items()
        if flag in value.flags
    }
    letters = "".join(
        letter for flag, letter in flags.items() if flag is not SigmaRegularExpressionFlag.IGNORECASE
    )
    pattern = (f"(?{letters})" if letters else "") + str(value.regexp)
    matcher = compile_regex(pattern, "pcre", SigmaRegularExpressionFlag.IGNORECASE in value.flags)
    return lambda found: matcher.search(text(found))


def _cidr(value: SigmaCIDRExpression) -> Test:
    network = ipaddress.ip_network(str(value.cidr), strict=False)

    def test(found: Any) -> bool:
        try:
            address = ipaddress.ip_address(text(found).strip())
        except ValueError:
            return False
        return address.version == network.version and address in network

    return test


def _compare(value: SigmaCompareExpression) -> Test:
    compare = _OPERATORS.get(value.op)
    wanted = value.number.number
    if compare is None:
        raise NotSupportedError(f"the comparison {value.op}")

    def test(found: Any) -> bool:
        number = as_number(found)
        return number is not None and compare(number, wanted)

    return test


def _timestamp(value: SigmaTimestampPart) -> Test:
    part, wanted = _PARTS[value.timestamp_part], value.number

    def test(found: Any) -> bool:
        try:
            when = (
                datetime.fromtimestamp(found, UTC)
                if isinstance(found, int | float)
                else datetime.fromisoformat(text(found).replace("Z", "+00:00"))
            )
        except ValueError:
            return False
        return part(when) == wanted

    return test
