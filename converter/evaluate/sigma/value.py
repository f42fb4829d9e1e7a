"""Values of a Sigma rule as a test of one value of an event.

Text ignores case unless `|cased`; `*` and `?` are wildcards in plain values; `|re` is PCRE, unanchored and
case-sensitive unless `|i`. Source: Sigma specification 2.1, "Sigma Modifiers". What a value is, pySigma's
parser says: this module takes its objects.
"""

from __future__ import annotations

import ipaddress
import operator
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import product
from typing import Any, TypeAlias

from sigma.types import (
    CompareOperators,
    Placeholder,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExpansion,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
    TimestampPart,
)

from converter.evaluate.sigma.moment import clock
from converter.evaluate.sigma.settings import Settings
from converter.evaluate.sigma.text import Part, any_of, fold
from converter.late import late
from converter.regex import Matcher, compile_regex, search_any
from converter.source import NotSupportedError

Test: TypeAlias = Callable[[Any], bool]
"""Takes one value of an event: not null, not an array."""

_OPERATORS: dict[CompareOperators, Callable[[float, float], bool]] = {
    CompareOperators.LT: operator.lt,
    CompareOperators.LTE: operator.le,
    CompareOperators.GT: operator.gt,
    CompareOperators.GTE: operator.ge,
    CompareOperators.NEQ: operator.ne,
}
_PARTS: dict[TimestampPart, Callable[[datetime], int]] = {
    TimestampPart.MINUTE: lambda when: when.minute,
    TimestampPart.HOUR: lambda when: when.hour,
    TimestampPart.DAY: lambda when: when.day,
    TimestampPart.WEEK: lambda when: when.isocalendar().week,
    TimestampPart.MONTH: lambda when: when.month,
    TimestampPart.YEAR: lambda when: when.year,
}
_NUMBER = late(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


def any_value(values: Sequence[SigmaType], settings: Settings) -> Test:
    """A test that holds if any of the values fits. Raises NotSupportedError for other kinds of values."""
    folded: list[Sequence[Part]] = []
    cased: list[Sequence[Part]] = []
    tests: list[Test] = []
    expressions: list[Matcher] = []
    for value in _flat(values):
        if isinstance(value, SigmaString):
            kind = cased if isinstance(value, SigmaCasedString) else folded
            kind.extend(_patterns(value, settings))
        elif isinstance(value, SigmaRegularExpression):
            expressions.append(_regex(value))
        else:
            tests.append(_other(value))
    if expressions:
        search = search_any(expressions)
        tests.append(lambda found: search(text(found)))
    if cased:
        match_cased = any_of(cased)
        tests.insert(0, lambda found: match_cased(text(found)))
    if folded:
        tests.insert(0, _ignoring_case(folded))
    if len(tests) == 1:
        return tests[0]
    return lambda found: any(test(found) for test in tests)


def _flat(values: Sequence[SigmaType]) -> Iterator[SigmaType]:
    """What modifiers such as `windash` expand a value to is joined by OR."""
    for value in values:
        if isinstance(value, SigmaExpansion):
            yield from _flat(value.values)
        else:
            yield value


def _ignoring_case(patterns: list[Sequence[Part]]) -> Test:
    matches = any_of(
        [[fold(part) if isinstance(part, str) else part for part in parts] for parts in patterns]
    )

    def test(found: Any) -> bool:
        return matches(fold(found if isinstance(found, str) else text(found)))

    return test


def _patterns(value: SigmaString, settings: Settings) -> list[list[Part]]:
    """The string's parts, once for each combination of its placeholders' values."""
    choices: list[list[Part]] = [
        list(settings.placeholder(part.name)) if isinstance(part, Placeholder) else [part] for part in value.s
    ]
    return [_joined(parts) for parts in product(*choices)]


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Texts that stand side by side as one, `**` as `*`."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else ""
        if isinstance(part, str) and isinstance(last, str):
            joined[-1:] = [last + part] if last + part else []
        elif not (part is last and part is SpecialChars.WILDCARD_MULTI):
            joined.append(part)
    return joined


def _other(value: SigmaType) -> Test:
    match value:
        case SigmaTimestampPart():
            return _timestamp(value, operator.eq)
        case SigmaNumber():
            wanted = _exact(value)
            return lambda found: as_number(found) == wanted
        case SigmaBool(boolean=boolean):
            word = "true" if boolean else "false"
            return lambda found: text(found).lower() == word
        case SigmaCIDRExpression():
            return _network(value)
        case SigmaCompareExpression():
            return _compare(value)
    raise NotSupportedError(f"a Sigma value of type {type(value).__name__} here")


def _exact(value: SigmaNumber) -> int | float:
    """The rule's number. pySigma reads an integer beyond 2**53 as a float, which may be another number."""
    if isinstance(value.number, float) and abs(value.number) >= 2**53:
        raise NotSupportedError(f"a number as large as {value.number:g} without quotes")
    return value.number


def text(value: Any) -> str:
    """An event's value as text: JSON's words for booleans, numbers without a needless fraction."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def as_number(found: Any) -> int | float | None:
    """A number, or a text that is one in decimal; None otherwise."""
    if isinstance(found, bool):
        return None
    if isinstance(found, int | float):
        return found
    if isinstance(found, str) and (parts := _NUMBER.fullmatch(found)):
        return float(found) if parts[1] or parts[2] else int(found)
    return None


def _regex(value: SigmaRegularExpression) -> Matcher:
    if value.contains_placeholder():
        raise NotSupportedError("a placeholder in a regular expression")
    letters = "".join(
        letter
        for flag, letter in value.sigma_to_re_flag.items()
        if flag in value.flags and flag is not SigmaRegularExpressionFlag.IGNORECASE
    )
    pattern = (f"(?{letters})" if letters else "") + str(value.regexp)
    return compile_regex(pattern, "pcre", SigmaRegularExpressionFlag.IGNORECASE in value.flags)


def _network(value: SigmaCIDRExpression) -> Test:
    network = value.network

    def test(found: Any) -> bool:
        address = _address(text(found))
        return address is not None and address in network

    return test


@lru_cache(maxsize=4096)
def _address(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a text is, IPv4 where it is mapped into IPv6; None where it is none."""
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _compare(value: SigmaCompareExpression) -> Test:
    compare, wanted = _OPERATORS[value.op], value.number
    if isinstance(wanted, SigmaTimestampPart):
        return _timestamp(wanted, compare)
    limit = _exact(wanted)

    def test(found: Any) -> bool:
        number = as_number(found)
        return number is not None and compare(number, limit)

    return test


def _timestamp(value: SigmaTimestampPart, compare: Callable[[float, float], bool]) -> Test:
    """A part of a time as it is written: the specification knows no time zones."""
    part, wanted = _PARTS[value.timestamp_part], value.number

    def test(found: Any) -> bool:
        when = clock(found)
        return when is not None and compare(part(when), wanted)

    return test
