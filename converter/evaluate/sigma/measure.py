"""What a correlation's condition measures in a window of matches, and when it holds."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import product
from typing import Any, TypeAlias

from sigma.correlations import (
    CorrelationConditionAND,
    CorrelationConditionNOT,
    CorrelationConditionOR,
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaCorrelationType,
    SigmaExtendedCorrelationCondition,
    SigmaRuleReference,
)

from converter.evaluate.sigma.match import Match
from converter.evaluate.sigma.value import as_number, text
from converter.frozen import dataclass
from converter.source import NotSupportedError

_COMPARE: dict[SigmaCorrelationConditionOperator, Callable[[float, float], bool]] = {
    SigmaCorrelationConditionOperator.LT: operator.lt,
    SigmaCorrelationConditionOperator.LTE: operator.le,
    SigmaCorrelationConditionOperator.GT: operator.gt,
    SigmaCorrelationConditionOperator.GTE: operator.ge,
    SigmaCorrelationConditionOperator.EQ: operator.eq,
    SigmaCorrelationConditionOperator.NEQ: operator.ne,
}
_RISING = (SigmaCorrelationConditionOperator.GT, SigmaCorrelationConditionOperator.GTE)

Values: TypeAlias = Callable[[Match, str], list[Any]]
"""The values that a match has for a field or an alias."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """All of so many rules, in order."""

    steps: int
    asks_every = True


@dataclass(frozen=True, slots=True)
class Rising:
    """A count that a further match never makes untrue: `keys` are what a match adds to it."""

    keys: Callable[[Match], list[Hashable]]
    holds: Callable[[Counter[Hashable]], bool]
    asks_every: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """A condition on all matches of a window together."""

    holds: Callable[[Sequence[Match]], bool]
    asks_every: bool


Measure: TypeAlias = Ordered | Rising | Whole
"""`asks_every`: whether it asks if there is an alert of a referenced correlation at a time, not how many."""


def measure_of(rule: SigmaCorrelationRule, values: Values) -> Measure:
    """How the rule's condition is measured. Raises NotSupportedError for what is not defined."""
    condition = rule.condition
    if rule.type is SigmaCorrelationType.TEMPORAL_ORDERED:
        return _ordered(rule)
    if isinstance(condition, SigmaExtendedCorrelationCondition):
        return _extended(rule, condition)
    temporal = rule.type is SigmaCorrelationType.TEMPORAL
    if rule.type in (SigmaCorrelationType.EVENT_COUNT, SigmaCorrelationType.VALUE_COUNT) or temporal:
        return _counted(_keys(rule.type, condition, values), condition, temporal)
    return _numeric(rule.type, condition, values)


def _ordered(rule: SigmaCorrelationRule) -> Ordered:
    steps, condition = len(rule.referenced_rules), rule.condition
    if isinstance(condition, SigmaExtendedCorrelationCondition):
        if _only_and(condition.parsed):
            return Ordered(steps)
        raise NotSupportedError("`or` and `not` in the condition of a temporal_ordered correlation")
    all_of_them = (SigmaCorrelationConditionOperator.GTE, SigmaCorrelationConditionOperator.EQ)
    if condition.op not in all_of_them or condition.count != steps or condition.fieldref is not None:
        raise NotSupportedError("a condition of a temporal_ordered correlation that is not all of its rules")
    return Ordered(steps)


def _only_and(node: Any) -> bool:
    if isinstance(node, CorrelationConditionAND):
        return all(map(_only_and, node.args))
    return isinstance(node, SigmaRuleReference)


def _keys(
    kind: SigmaCorrelationType, condition: SigmaCorrelationCondition, values: Values
) -> Callable[[Match], list[Hashable]]:
    """What of a match is counted, each once: events, values of the condition's field, rules."""
    if kind is SigmaCorrelationType.VALUE_COUNT:
        names = _fields(condition)

        def combinations(match: Match) -> list[Hashable]:
            return [*dict.fromkeys(product(*(map(text, values(match, name)) for name in names)))]

        return combinations
    if condition.fieldref is not None:
        raise NotSupportedError(f"a field in the condition of a correlation of type {kind.name.lower()}")
    if kind is SigmaCorrelationType.TEMPORAL:
        return lambda match: [match.rule]
    return lambda match: [match.events]


def _fields(condition: SigmaCorrelationCondition) -> list[str]:
    field = condition.fieldref
    return [field] if isinstance(field, str) else list(field or ())


def _counted(
    keys: Callable[[Match], list[Hashable]], condition: SigmaCorrelationCondition, temporal: bool
) -> Measure:
    compare, limit = _COMPARE[condition.op], condition.count
    if condition.op in _RISING:
        return Rising(keys, lambda counted: compare(len(counted), limit), temporal)
    return Whole(lambda window: compare(len(_distinct(keys, window)), limit), temporal)


def _distinct(keys: Callable[[Match], list[Hashable]], window: Iterable[Match]) -> set[Hashable]:
    return {key for match in window for key in keys(match)}


def _extended(rule: SigmaCorrelationRule, condition: SigmaExtendedCorrelationCondition) -> Measure:
    names = [reference.reference for reference in rule.referenced_rules]
    holds, falls = _present(condition.parsed, names)

    def keys(match: Match) -> list[Hashable]:
        return [match.rule]

    if falls:
        return Whole(lambda window: holds(_distinct(keys, window)), True)
    return Rising(keys, holds, True)


def _present(node: Any, names: Sequence[str]) -> tuple[Callable[[Any], bool], bool]:
    """Whether the rules present make the condition true, and whether one more can make it untrue."""
    match node:
        case SigmaRuleReference(reference=name):
            number = names.index(name)
            return (lambda present: number in present), False
        case CorrelationConditionNOT(args=[arg]):
            inner, _ = _present(arg, names)
            return (lambda present: not inner(present)), True
    items = [_present(arg, names) for arg in node.args]
    falls = any(falling for _, falling in items)
    if isinstance(node, CorrelationConditionAND):
        return (lambda present: all(test(present) for test, _ in items)), falls
    if isinstance(node, CorrelationConditionOR):
        return (lambda present: any(test(present) for test, _ in items)), falls
    raise NotSupportedError(f"a correlation condition of type {type(node).__name__}")


def _numeric(kind: SigmaCorrelationType, condition: SigmaCorrelationCondition, values: Values) -> Whole:
    names = _fields(condition)
    if len(names) != 1:
        raise NotSupportedError(f"several fields in a correlation of type {kind.name.lower()}")
    reduce = _reduction(kind, condition)
    compare, limit, name = _COMPARE[condition.op], condition.count, names[0]

    def holds(window: Sequence[Match]) -> bool:
        found = (as_number(value) for match in window for value in values(match, name))
        numbers = [number for number in found if number is not None]
        return bool(numbers) and compare(reduce(numbers), limit)

    return Whole(holds, False)


def _reduction(
    kind: SigmaCorrelationType, condition: SigmaCorrelationCondition
) -> Callable[[list[float]], float]:
    match kind:
        case SigmaCorrelationType.VALUE_SUM:
            return sum
        case SigmaCorrelationType.VALUE_AVG:
            from statistics import fmean  # takes longer to load than all of this package

            return fmean
        case SigmaCorrelationType.VALUE_MEDIAN:
            from statistics import median

            return median
        case SigmaCorrelationType.VALUE_PERCENTILE:
            percentile = condition.percentile
            if percentile is None or not 0 <= percentile <= 100:
                raise NotSupportedError("a value_percentile correlation without a percentile from 0 to 100")
            return lambda numbers: _percentile(sorted(numbers), percentile)
    raise NotSupportedError(f"a correlation of type {kind.name.lower()}")


def _percentile(numbers: Sequence[float], percentile: int) -> float:
    """With linear interpolation between the closest ranks, so that the 50th is the median."""
    whole, rest = divmod((len(numbers) - 1) * percentile, 100)
    if not rest:
        return numbers[whole]
    return numbers[whole] + (numbers[whole + 1] - numbers[whole]) * rest / 100
