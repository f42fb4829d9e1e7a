"""pySigma's parsed condition as one function of a flat event."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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

from converter.evaluate.remembered import pays, reading_of, remembering
from converter.evaluate.sigma.logsource import Flat
from converter.evaluate.sigma.mending import CasedFieldReference
from converter.evaluate.sigma.settings import Settings
from converter.evaluate.sigma.text import fold
from converter.evaluate.sigma.value import Test, any_value, text
from converter.source import NotSupportedError, SourceError

Predicate = Callable[[Flat], bool]
_OF_A_VALUE = 2
"""Parts of a condition for each of its values: the field is read, and compared."""


class AtKey(SourceError):
    """An error at a key of the text, which may have modifiers; `error` has no place in the text yet."""

    def __init__(self, error: SourceError, key: str) -> None:
        super().__init__(error.message)
        self.error = error
        self.key = key


def condition(node: Any, settings: Settings) -> Predicate:
    """The condition as a predicate. Raises NotSupportedError for values that the evaluator doesn't know."""
    return _remembered(node, _built(node, settings, frozenset(fields(node))))


def _part(node: Any, settings: Settings, beside: frozenset[str | None]) -> Predicate:
    """A part of a condition over the fields `beside`, which is remembered itself."""
    names = frozenset(fields(node))
    built = _built(node, settings, names)
    return built if names == beside else _remembered(node, built)


def _remembered(node: Any, built: Predicate) -> Predicate:
    """The predicate, asked once for all events with the same values in its fields, where that costs less."""
    names = list(fields(node))
    plain = {name for name in names if name is not None}
    if None in names or not pays(_OF_A_VALUE * len(names), len(plain)):
        return built
    return remembering(reading_of(plain), built)


def _built(node: Any, settings: Settings, names: frozenset[str | None]) -> Predicate:
    match node:
        case ConditionAND(args=args):
            return _all([_part(arg, settings, names) for arg in args])
        case ConditionOR(args=args):
            return _any([*_alternatives(args, settings, names)])
        case ConditionNOT(args=[arg]):
            inner = _part(arg, settings, names)
            return lambda event: not inner(event)
        case ConditionFieldEqualsValueExpression(field=field, value=value):
            return _any([*_of_field(field, [value], settings)])
        case ConditionValueExpression(value=value):
            return _keyword(value, settings)
        case None:
            none = NotSupportedError("a condition that selects none of the rule's detections")
            raise AtKey(none, "condition")
    raise NotSupportedError(f"a Sigma condition of type {type(node).__name__}")


def fields(node: Any) -> Iterator[str | None]:
    """The names of all fields of a condition; None for a value without a field."""
    match node:
        case ConditionFieldEqualsValueExpression(field=field, value=value):
            yield field
            for item in _flat([value]):
                if isinstance(item, SigmaFieldReference):
                    yield item.field
        case ConditionValueExpression():
            yield None
        case ConditionAND(args=args) | ConditionOR(args=args) | ConditionNOT(args=args):
            for arg in args:
                yield from fields(arg)


def _all(items: list[Predicate]) -> Predicate:
    """Both halves: a tree of pairs is faster than a loop, and as deep as the logarithm."""
    if len(items) == 1:
        return items[0]
    middle = len(items) // 2
    first, second = _all(items[:middle]), _all(items[middle:])
    return lambda event: first(event) and second(event)


def _any(items: list[Predicate]) -> Predicate:
    if len(items) == 1:
        return items[0]
    middle = len(items) // 2
    first, second = _any(items[:middle]), _any(items[middle:])
    return lambda event: first(event) or second(event)


def _alternatives(
    args: Sequence[Any], settings: Settings, beside: frozenset[str | None]
) -> Iterator[Predicate]:
    """The arguments of an OR; the values of one field are one predicate, which reads the field once."""
    values: dict[str, list[SigmaType]] = {}
    for arg in args:
        if isinstance(arg, ConditionFieldEqualsValueExpression):
            values.setdefault(arg.field, []).append(arg.value)
        else:
            yield _part(arg, settings, beside)
    for field, items in values.items():
        yield from _of_field(field, items, settings)


def _of_field(field: str, values: Sequence[SigmaType], settings: Settings) -> Iterator[Predicate]:
    plain: list[SigmaType] = []
    for value in _flat(values):
        if isinstance(value, SigmaNull):
            yield lambda event: not present(event.get(field))
        elif isinstance(value, SigmaExists):
            yield _exists(field, bool(value))
        elif isinstance(value, SigmaFieldReference):
            yield _reference(field, value)
        else:
            plain.append(value)
    if plain:
        try:
            yield over_values(field, any_value(plain, settings))
        except SourceError as error:
            raise AtKey(error, field) from None


def _flat(values: Sequence[SigmaType]) -> Iterator[SigmaType]:
    for value in values:
        if isinstance(value, SigmaExpansion):
            yield from _flat(value.values)
        else:
            yield value


def present(found: Any) -> bool:
    """Whether a field has a value: null is none, and neither is an array without values."""
    if isinstance(found, list | tuple):
        return any(item is not None for item in found)
    return found is not None


def _exists(field: str, wanted: bool) -> Predicate:
    """Presence of the field itself, whatever its value, be it null: so the specification has `exists`."""
    return lambda event: (field in event) is wanted


def over_values(field: str, test: Test) -> Predicate:
    """The test over the field: false on a missing one, over an array true if any element passes."""

    def holds(event: Flat) -> bool:
        found = event.get(field)
        if found is None:
            return False
        if isinstance(found, str):
            return test(found)
        return any(map(test, scalars(found)))

    return holds


def scalars(found: Any) -> Iterator[Any]:
    """The values of a field one by one, without nulls and objects."""
    if isinstance(found, list | tuple):
        for item in found:
            yield from scalars(item)
    elif isinstance(found, str) or (found is not None and not isinstance(found, Mapping)):
        yield found


def _reference(field: str, value: SigmaFieldReference) -> Predicate:
    other, compare = value.field, _comparison(value)
    spelled = str if isinstance(value, CasedFieldReference) else fold

    def holds(event: Flat) -> bool:
        lefts = [spelled(text(item)) for item in scalars(event.get(field))]
        rights = [spelled(text(item)) for item in scalars(event.get(other))]
        return any(compare(left, right) for left in lefts for right in rights)

    return holds


def _comparison(value: SigmaFieldReference) -> Callable[[str, str], bool]:
    if value.starts_with and value.ends_with:
        return str.__contains__
    if value.starts_with:
        return str.startswith
    return str.endswith if value.ends_with else str.__eq__


def _keyword(value: SigmaType, settings: Settings) -> Predicate:
    """A value without a field is looked for in every value of the event, as a part of it."""
    try:
        test = any_value([_within(item) for item in _flat([value])], settings)
    except SourceError as error:
        raise AtKey(error, "") from None

    def holds(event: Flat) -> bool:
        return any(
            test(item) for name, found in event.items() if not name.startswith("$") for item in scalars(found)
        )

    return holds


def _within(value: SigmaType) -> SigmaType:
    if isinstance(value, SigmaNumber):
        value = SigmaString(str(value.number))
    if not isinstance(value, SigmaString):
        return value
    many = SpecialChars.WILDCARD_MULTI
    wide = type(value)("")
    wide.s = [many, *value.s, many]
    return wide
