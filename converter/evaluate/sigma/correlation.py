"""Correlations: alerts out of the matches of other rules, within a timespan and a group.

Source: Sigma Correlation Rules Specification 2.1; docs/sigma-evaluator.md says what it leaves open, and how
that is taken here. The timespan is inclusive: two matches exactly that far apart belong together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any, NamedTuple, TypeAlias

from sigma.correlations import SigmaCorrelationRule

from converter.evaluate.sigma.condition import scalars
from converter.evaluate.sigma.match import Match
from converter.evaluate.sigma.measure import Ordered, Whole, measure_of
from converter.evaluate.sigma.moment import SECOND
from converter.evaluate.sigma.value import text

Key: TypeAlias = tuple[str, ...]


class Found(NamedTuple):
    """The matches of one alert, when the last of them was, their events and the group."""

    time: int
    events: tuple[int, ...]
    key: Key
    window: Sequence[Match]


class Correlation:
    """A correlation rule compiled. Raises NotSupportedError for a condition that can't be evaluated."""

    def __init__(self, rule: SigmaCorrelationRule, aliases: Mapping[str, Mapping[int, str]]) -> None:
        self._group_by = tuple(rule.group_by or ())
        self._aliases = aliases
        self._span = rule.timespan.seconds * SECOND
        self._measure = measure_of(rule, partial(_values, aliases))
        self.asks_every = self._measure.asks_every

    def found(self, matches: Sequence[Match], every: bool) -> list[Found]:
        """What there is to alert on, in time order. `matches` are those of the referenced rules, numbered in
        their order.

        Alerts don't share a match; with `every`, there is one for each match that completes a correlation.
        """
        groups: dict[Key, list[Match]] = {}
        known: dict[tuple[int, int], Sequence[Key]] = {}
        # Of one event that matches several rules the last rule comes first: no event follows itself.
        for match in sorted(matches, key=lambda match: (match.time, match.events, -match.rule)):
            seen = id(match.fields), match.rule  # events of a kind have the same fields
            keys = known.get(seen)
            if keys is None:
                keys = known[seen] = self._keys(match)
            for key in keys:
                groups.setdefault(key, []).append(match)
        found = [
            Found(window[-1].time, _events(window), key, window)
            for key, group in groups.items()
            for window in self._windows(group, every)
        ]
        return sorted(found, key=lambda one: one[:2])

    def alerts(self, matches: Sequence[Match], every: bool) -> list[Match]:
        """The alerts, as matches of which another correlation may be."""
        return [_alert(self._group_by, one) for one in self.found(matches, every)]

    def _keys(self, match: Match) -> Sequence[Key]:
        """The groups of a match: one for each combination of values, none where a field is missing."""
        columns = [[text(value) for value in _values(self._aliases, match, name)] for name in self._group_by]
        return tuple(dict.fromkeys(product(*columns)))

    def _windows(self, group: Sequence[Match], every: bool) -> Iterator[Sequence[Match]]:
        if isinstance(self._measure, Ordered):
            return _chains(group, self._measure.steps, self._span, every)
        if isinstance(self._measure, Whole):
            return _whole_windows(group, self._span, self._measure.holds, every)
        return _rising_windows(group, self._span, self._measure.keys, self._measure.holds, every)


def _values(aliases: Mapping[str, Mapping[int, str]], match: Match, name: str) -> list[Any]:
    field = aliases.get(name, {}).get(match.rule, name)
    return list(scalars(match.fields.get(field)))


def _events(window: Sequence[Match]) -> tuple[int, ...]:
    return tuple(dict.fromkeys([event for match in window for event in match.events]))


def _alert(group_by: Sequence[str], found: Found) -> Match:
    fields: dict[str, Any] = {}
    for match in found.window:
        for name, value in match.fields.items():
            fields.setdefault(name, []).extend(scalars(value))
    return Match(0, found.events, found.time, {**fields, **dict(zip(group_by, found.key, strict=True))})


def _chains(group: Sequence[Match], steps: int, span: int, every: bool) -> Iterator[Sequence[Match]]:
    """Chains of all rules in order. Of the chains that got equally far the latest to begin is kept: if it
    can't be completed within the span, none can. A match takes the chain that it continues with it."""
    chains: list[tuple[Match, ...] | None] = [None] * steps
    for match in group:
        before = chains[match.rule - 1] if match.rule else ()
        if before is None or (before and match.time - before[0].time > span):
            continue
        if match.rule and not every:
            chains[match.rule - 1] = None
        chain = (*before, match)
        if match.rule == steps - 1:
            yield chain
        else:
            chains[match.rule] = chain


def _rising_windows(
    group: Sequence[Match],
    span: int,
    keys: Callable[[Match], list[Hashable]],
    holds: Callable[[Counter[Hashable]], bool],
    every: bool,
) -> Iterator[Sequence[Match]]:
    """Windows that end at a match, for conditions that stay true when matches come in."""
    counted: Counter[Hashable] = Counter()
    start = 0
    for end, match in enumerate(group, 1):
        counted.update(keys(match))
        while match.time - group[start].time > span:
            for key in keys(group[start]):
                counted[key] -= 1
                if not counted[key]:
                    del counted[key]
            start += 1
        if holds(counted):
            yield group[start:end]
            if not every:
                counted.clear()
                start = end


def _whole_windows(
    group: Sequence[Match], span: int, holds: Callable[[Sequence[Match]], bool], every: bool
) -> Iterator[Sequence[Match]]:
    """Windows that no other one holds: each begins at a match and has all that come within the span."""
    end = 0
    spent = 0
    for start, match in enumerate(group):
        before = end
        while end < len(group) and group[end].time - match.time <= span:
            end += 1
        if end > before and start >= spent and holds(group[start:end]):
            yield group[start:end]
            if not every:
                spent = end
