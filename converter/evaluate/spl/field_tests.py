"""What search terms ask of one field: equality with its values, or their order.

Source: Splunk Search Reference, "search"; Search Manual, "Difference between != and NOT".
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from converter.evaluate.spl.patterns import TextTest, glob_test
from converter.evaluate.spl.rows import Predicate
from converter.evaluate.spl.terms import Comparison, Literal
from converter.evaluate.spl.values import address, getter_names, network, number, several, text
from converter.source import NotSupportedError

ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def field_test(field: str, matches: TextTest) -> Predicate:
    """Whether one of the field's values matches. An event without an `index` is in any that is asked for."""
    name, *others = getter_names(field)
    absent = field == "index"

    def test(fields: Mapping[str, Any]) -> bool:
        value = fields.get(name)
        if value.__class__ is str:
            return matches(value)
        if value is None:
            return absent or any(_holds(fields.get(other), matches) for other in others)
        return _holds(value, matches)

    return test


def _holds(value: Any, matches: TextTest) -> bool:
    return any(matches(text(single)) for single in several(value))


def unequal(term: Comparison) -> Predicate:
    """`!=`: the field is there, and differs.

    Whether one differing value of several is enough is not documented, so that case is refused.
    """
    names = getter_names(term.field)
    matches = value_test(term.values)

    def test(fields: Mapping[str, Any]) -> bool:
        for name in names:
            value = fields.get(name)
            if value is None:
                continue
            verdicts = {not matches(text(single)) for single in several(value)}
            if len(verdicts) > 1:
                what = f"!= on {term.field}, of whose values some are equal and some are not"
                raise NotSupportedError(what, term.position, code="spl-multivalue")
            return verdicts.pop()
        return False

    return test


def ordered(term: Comparison) -> Predicate:
    """`<` and the like: numbers where both sides are numbers, texts else."""
    compare = ORDERS[term.operator]
    literal = term.values[0].text
    if "*" in literal:
        raise NotSupportedError(f"a wildcard after {term.operator}", term.values[0].position)
    bound, lowered = number(literal), literal.lower()
    names = getter_names(term.field)

    def holds(value: Any) -> bool:
        found = number(value)
        if found is not None and bound is not None:
            return compare(found, bound)
        return compare(text(value).lower(), lowered)

    def test(fields: Mapping[str, Any]) -> bool:
        return any(holds(single) for name in names for single in several(fields.get(name)))

    return test


def value_test(values: Sequence[Literal]) -> TextTest:
    """Whether a text is one of the values: by wildcard, by subnet, or as it is, without case."""
    plain = [value.text.lower() for value in values if not value.cased]
    subnets = [subnet for value in plain if (subnet := network(value)) is not None]
    lowered_tests = _text_tests(plain)
    cased_tests = [glob_test(value.text) for value in values if value.cased]
    if len(lowered_tests) == 1 and not cased_tests and not subnets:
        only = lowered_tests[0]
        return lambda value: only(value.lower())

    def test(value: str) -> bool:
        lowered = value.lower()
        if any(each(lowered) for each in lowered_tests) or any(each(value) for each in cased_tests):
            return True
        if subnets and (found := address(value)) is not None:
            return any(found.version == subnet.version and found in subnet for subnet in subnets)
        return False

    return test


def _text_tests(patterns: Sequence[str]) -> list[TextTest]:
    """The patterns by form: the plain forms need no more than one call of `str` for many values."""
    exact = frozenset(pattern for pattern in patterns if "*" not in pattern)
    starts: list[str] = []
    ends: list[str] = []
    inner: list[str] = []
    tests: list[TextTest] = []
    for pattern in patterns:
        body = pattern.strip("*")
        if "*" not in pattern:
            continue
        if "*" in body:
            tests.append(glob_test(pattern))
        elif pattern.startswith("*") and pattern.endswith("*"):
            inner.append(body)
        elif pattern.startswith("*"):
            ends.append(body)
        else:
            starts.append(body)
    if exact:
        tests.append(exact.__contains__)
    if starts:
        prefixes = tuple(starts)
        tests.append(lambda value: value.startswith(prefixes))
    if ends:
        suffixes = tuple(ends)
        tests.append(lambda value: value.endswith(suffixes))
    if inner:
        tests.append(_contains(tuple(inner)))
    return tests


def _contains(pieces: tuple[str, ...]) -> TextTest:
    if len(pieces) == 1:
        only = pieces[0]
        return lambda value: only in value

    def test(value: str) -> bool:
        for piece in pieces:  # noqa: SIM110 - a generator costs more than the tests
            if piece in value:
                return True
        return False

    return test
