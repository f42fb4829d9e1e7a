"""Correlations: alerts out of the matches of other rules, within a timespan and a group.

Source: Sigma Correlation Rules Specification 2.1. The timespan is inclusive: two events exactly that far
apart belong together. Windows slide: one begins at every match. Once a window has raised an alert, its
matches are spent. Matches at one moment are in order as the events were given.
"""

from __future__ import annotations

import operator
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

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

from converter.evaluate.sigma.event import Flat
from converter.evaluate.sigma.value import as_number, text
from converter.source import NotSupportedError

_OPERATORS: dict[SigmaCorrelationConditionOperator, Callable[[float, float], bool]] = {
    SigmaCorrelationConditionOperator.LT: operator.lt,
    SigmaCorrelationConditionOperator.LTE: operator.le,
    SigmaCorrelationConditionOperator.GT: operator.gt,
    SigmaCorrelationConditionOperator.GTE: operator.ge,
    SigmaCorrelationConditionOperator.EQ: operator.eq,
    SigmaCorrelationConditionOperator.NEQ: operator.ne,
}


@dataclass(frozen=True, slots=True)
class Match:
    """One match of a referenced rule: its events, time in seconds, the event by the rule's field names."""

    rule: int
    events: tuple[int, ...]
    time: float
    fields: Flat


Key = tuple[str, ...]


def correlate(rule: SigmaCorrelationRule, matches: Sequence[Match]) -> list[Match]:
    """The correlation's alerts. `matches` are those of the referenced rules, numbered in their order.

    Raises NotSupportedError for a type or condition that is not of the specification.
    """
    groups: dict[Key, list[Match]] = {}
    for match in sorted(matches, key=lambda match: (match.time, match.events)):
        key = _key(rule, match)
        if key is not None:
            groups.setdefault(key, []).append(match)
    find = _finder(rule)
    return [alert for group in groups.values() for alert in find(group)]


def _key(rule: SigmaCorrelationRule, match: Match) -> Key | None:
    """The values of the group-by fields; None where one is missing: it joins nothing."""
    values: list[str] = []
    for name in rule.group_by or ():
        value = match.fields.get(field_of(rule, name, match.rule))
        if value is None:
            return None
        values.append(text(value).lower())
    return tuple(values)


def field_of(rule: SigmaCorrelationRule, name: str, referenced: int) -> str:
    """What the referenced rule calls an alias; a name that is none is a field."""
    alias = rule.aliases.aliases.get(name)
    if alias is None:
        return name
    wanted = (rule.rules or [])[referenced].reference
    for reference, field in alias.mapping.items():
        if reference.reference == wanted:
            return field
    return name


def _finder(rule: SigmaCorrelationRule) -> Callable[[list[Match]], Iterator[Match]]:
    span = float(rule.timespan.seconds)
    count = len(rule.rules or rule.referenced_rules or ())
    if rule.type.name.lower() in ("temporal_ordered", "extended_temporal_ordered"):
        if isinstance(rule.condition, SigmaExtendedCorrelationCondition):
            raise NotSupportedError("an extended condition on an ordered correlation")
        return lambda group: _ordered(group, count, span)
    test = _window_test(rule, count)
    return lambda group: _windows(group, span, test)


def _ordered(group: Sequence[Match], count: int, span: float) -> Iterator[Match]:
    """Chains of all rules in order. Of the chains that got equally far the latest to begin is kept:
    if it can't be completed within the span, none can."""
    chains: list[tuple[Match, ...] | None] = [None] * count
    for match in group:
        step = match.rule
        if step == 0:
            chain: tuple[Match, ...] = (match,)
        else:
            before = chains[step - 1]
            if (
                before is None
                or match.time - before[0].time > span + 1e-9
                or match.events == before[-1].events
            ):
                continue
            chain = (*before, match)
        if step == count - 1:
            yield _alert(chain)
            chains = [None] * count
        else:
            chains[step] = chain


def _windows(group: Sequence[Match], span: float, test: Callable[[Sequence[Match]], bool]) -> Iterator[Match]:
    """The windows that begin at each match; an alert spends the matches of its window."""
    start = 0
    while start < len(group):
        end = start
        found = False
        while end < len(group) and group[end].time - group[start].time <= span + 1e-9:
            end += 1
            if test(group[start:end]):
                found = True
                break
        if found:
            yield _alert(group[start:end])
            start = end
        else:
            start += 1


def _alert(matches: Sequence[Match]) -> Match:
    events = tuple(dict.fromkeys(event for match in matches for event in match.events))
    return Match(0, events, matches[-1].time, matches[-1].fields)


def _window_test(rule: SigmaCorrelationRule, count: int) -> Callable[[Sequence[Match]], bool]:
    if rule.type is SigmaCorrelationType.TEMPORAL and not isinstance(
        rule.condition, SigmaExtendedCorrelationCondition
    ):
        return lambda window: len({match.rule for match in window}) == count
    if isinstance(rule.condition, SigmaExtendedCorrelationCondition):
        names = [reference.reference for reference in rule.rules or rule.referenced_rules]
        holds = _extended(rule.condition.parsed, names)
        return lambda window: holds({match.rule for match in window})
    condition = rule.condition
    measure = _measure(rule, condition)
    compare = _OPERATORS[condition.op]

    def test(window: Sequence[Match]) -> bool:
        value = measure(window)
        return value is not None and compare(value, condition.count)

    return test


def _extended(node: Any, names: Sequence[str]) -> Callable[[set[int]], bool]:
    match node:
        case SigmaRuleReference(reference=name):
            number = names.index(name)
            return lambda present: number in present
        case CorrelationConditionNOT(args=args):
            inner = _extended(args[0], names)
            return lambda present: not inner(present)
        case CorrelationConditionAND(args=args):
            every = [_extended(arg, names) for arg in args]
            return lambda present: all(item(present) for item in every)
        case CorrelationConditionOR(args=args):
            some = [_extended(arg, names) for arg in args]
            return lambda present: any(item(present) for item in some)
    raise NotSupportedError(f"the correlation condition {type(node).__name__}")


def _measure(
    rule: SigmaCorrelationRule, condition: SigmaCorrelationCondition
) -> Callable[[Sequence[Match]], float | None]:
    """What a window is measured by; None where none of its events has the field."""
    kind = rule.type
    if kind is SigmaCorrelationType.EVENT_COUNT:
        return len
    names = [condition.fieldref] if isinstance(condition.fieldref, str) else list(condition.fieldref or ())

    def values(window: Sequence[Match]) -> list[tuple[Any, ...]]:
        found = [
            tuple(match.fields.get(field_of(rule, name, match.rule)) for name in names) for match in window
        ]
        return [row for row in found if None not in row]

    if kind is SigmaCorrelationType.VALUE_COUNT:
        return lambda window: len({tuple(map(text, row)) for row in values(window)})
    reduce = _numeric(kind, condition)

    def measure(window: Sequence[Match]) -> float | None:
        numbers = [number for row in values(window) if (number := as_number(row[0])) is not None]
        return reduce(numbers) if numbers else None

    return measure


def _numeric(
    kind: SigmaCorrelationType, condition: SigmaCorrelationCondition
) -> Callable[[list[float]], float]:
    if kind is SigmaCorrelationType.VALUE_SUM:
        return sum
    if kind is SigmaCorrelationType.VALUE_AVG:
        return statistics.fmean
    if kind is SigmaCorrelationType.VALUE_MEDIAN:
        return statistics.median
    if kind is SigmaCorrelationType.VALUE_PERCENTILE:
        percentile = condition.percentile or 50
        return lambda numbers: _percentile(sorted(numbers), percentile)
    raise NotSupportedError(f"the correlation type {kind.name.lower()}")


def _percentile(numbers: Sequence[float], percentile: int) -> float:
    """With linear interpolation between the closest ranks."""
    place = (len(numbers) - 1) * percentile / 100
    low = int(place)
    high = min(low + 1, len(numbers) - 1)
    return numbers[low] + (numbers[high] - numbers[low]) * (place - low)
