"""pySigma's parsed condition as one function of a flat event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.types import (
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaString,
    SigmaType,
    SpecialChars,
)

from converter.evaluate.sigma.event import Flat
from converter.evaluate.sigma.value import Test, text, value_test
from converter.source import NotSupportedError

Predicate = Callable[[Flat], bool]


def condition(node: Any) -> Predicate:
    """The condition as a predicate. Raises NotSupportedError for values that the evaluator doesn't know."""
    match node:
        case ConditionAND(args=args):
            return _all([condition(arg) for arg in args])
        case ConditionOR(args=args):
            return _any([condition(arg) for arg in args])
        case ConditionNOT(args=args):
            inner = condition(args[0])
            return lambda event: not inner(event)
        case ConditionFieldEqualsValueExpression(field=field, value=value):
            return _field(field, value)
        case ConditionValueExpression(value=value):
            return _keyword(value)
    raise NotSupportedError(f"Sigma condition {type(node).__name__}")


def _all(items: list[Predicate]) -> Predicate:
    if len(items) == 2:
        first, second = items
        return lambda event: first(event) and second(event)

    def every(event: Flat) -> bool:
        return all(item(event) for item in items)

    return every


def _any(items: list[Predicate]) -> Predicate:
    if len(items) == 1:
        return items[0]

    def some(event: Flat) -> bool:
        return any(item(event) for item in items)

    return some


def _field(field: str, value: SigmaType) -> Predicate:
    if isinstance(value, SigmaExpansion):
        return _any([_field(field, item) for item in value.values])
    if isinstance(value, SigmaNull):
        return lambda event: event.get(field) is None
    if isinstance(value, SigmaExists):
        wanted = bool(value.exists)
        return lambda event: (event.get(field) is not None) is wanted
    if isinstance(value, SigmaFieldReference):
        return _reference(field, value)
    return over_values(field, value_test(value))


def over_values(field: str, test: Test) -> Predicate:
    """The test over the field: false on a missing one, over an array true if any element passes."""

    def holds(event: Flat) -> bool:
        found = event.get(field)
        if found is None:
            return False
        if isinstance(found, list | tuple):
            return any(item is not None and test(item) for item in found)
        return test(found)

    return holds


def _reference(field: str, value: SigmaFieldReference) -> Predicate:
    other = value.field
    starts, ends = value.starts_with, value.ends_with

    def compare(left: str, right: str) -> bool:
        if starts and ends:
            return right in left
        if starts:
            return left.startswith(right)
        return left.endswith(right) if ends else left == right

    def holds(event: Flat) -> bool:
        lefts, rights = _values(event.get(field)), _values(event.get(other))
        return any(compare(left, right) for left in lefts for right in rights)

    return holds


def _values(found: Any) -> list[str]:
    if found is None:
        return []
    items = found if isinstance(found, list | tuple) else [found]
    return [text(item).lower() for item in items if item is not None]


def _keyword(value: SigmaType) -> Predicate:
    """A value without a field is searched in every value of the event, as a part of it."""
    if isinstance(value, SigmaExpansion):
        return _any([_keyword(item) for item in value.values])
    test = value_test(_within(value))

    def holds(event: Flat) -> bool:
        return any(_tested(found, test) for name, found in event.items() if name != "$logsource")

    return holds


def _within(value: SigmaType) -> SigmaType:
    if isinstance(value, SigmaNumber):
        value = SigmaString(str(value.number))
    if isinstance(value, SigmaString):
        many = SpecialChars.WILDCARD_MULTI
        wide = type(value)("")
        pieces: list[Any] = list(value.s)
        pieces = pieces if pieces and pieces[0] is many else [many, *pieces]
        wide.s = tuple(pieces if pieces[-1] is many else [*pieces, many])
        return wide
    return value


def _tested(found: Any, test: Test) -> bool:
    if found is None:
        return False
    if isinstance(found, Mapping):
        return any(_tested(item, test) for item in found.values())
    if isinstance(found, list | tuple):
        return any(_tested(item, test) for item in found)
    return test(found)
