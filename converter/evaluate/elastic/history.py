"""Detections that count or compare: thresholds, first-seen terms, indicator matches.

Source: Elastic Security documentation, "Threshold rule", "New terms rule", "Indicator match rule".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from converter.evaluate.elastic.context import Context
from converter.evaluate.elastic.fields import field_getter, values
from converter.evaluate.elastic.predicates import compile_predicate
from converter.evaluate.elastic.sequences import Alert
from converter.evaluate.elastic.timeline import KeyValues, Moment, combinations, is_event, is_indicator
from converter.evaluate.elastic.typed import script_value
from converter.evaluate.result import Event
from converter.ir import IndicatorMatch, NewTerms, Threshold


class ThresholdMatcher:
    """A compiled threshold: one alert, of all its events, for each group that is large enough.

    An event with several values of a field is in several groups, one without a value in none.
    """

    def __init__(self, threshold: Threshold, context: Context) -> None:
        self._holds = compile_predicate(threshold.predicate, context)
        self._keys = combinations(threshold.fields, context.field_type)
        self._value = threshold.value
        self._cardinality = [
            (combinations((field,), context.field_type), least) for field, least in threshold.cardinality
        ]

    def run(self, moments: Sequence[Moment]) -> list[Alert]:
        """The alerts, in the order in which their groups appear."""
        groups: dict[KeyValues, list[Moment]] = {}
        for moment in moments:
            if self._holds(moment.event):
                for key in self._keys(moment.event):
                    groups.setdefault(key, []).append(moment)
        return [
            tuple(moment.number for moment in group) for group in groups.values() if self._is_enough(group)
        ]

    def _is_enough(self, group: list[Moment]) -> bool:
        if len(group) < self._value:
            return False
        for read, least in self._cardinality:
            if len({value for moment in group for value in read(moment.event)}) < least:
                return False
        return True


class NewTermsMatcher:
    """Compiled new terms: of each combination the first event in the history, if it lies in the look-back.

    The rule runs at the time of the latest event. The history reaches from the window's first instant to
    then; the look-back is its end. Of several events with the same new combination, the first alerts.
    """

    def __init__(self, new_terms: NewTerms, context: Context) -> None:
        self._holds = compile_predicate(new_terms.predicate, context)
        self._keys = combinations(new_terms.fields, context.field_type)
        self._window, self._since = new_terms.window, new_terms.since

    def run(self, moments: Sequence[Moment]) -> list[Alert]:
        """The alerts, in time order."""
        now = max((moment.time for moment in moments), default=0)
        first: dict[KeyValues, Moment] = {}
        for moment in moments:
            if now - moment.time <= self._window and self._holds(moment.event):
                for key in self._keys(moment.event):
                    first.setdefault(key, moment)
        new = (moment.number for moment in first.values() if now - moment.time <= self._since)
        return [(number,) for number in dict.fromkeys(new)]


class IndicatorMatcher:
    """A compiled indicator match: an event that shares values with one entry of the indicator list.

    Entries are the events marked `$indicator`. Values are compared by the type of the event's field.
    """

    def __init__(self, match: IndicatorMatch, context: Context) -> None:
        self._holds = compile_predicate(match.predicate, context)
        self._indicator_holds = compile_predicate(match.indicators, context)
        self._mapping = [
            tuple(
                (field_getter(field), field_getter(other), script_value(context.field_type(field)))
                for field, other in group
            )
            for group in match.mapping
        ]

    def run(self, events: Sequence[Event]) -> list[Alert]:
        """The alerts, in input order."""
        entries = [event for event in events if is_indicator(event) and self._indicator_holds(event)]
        known = [self._known(group, entries) for group in range(len(self._mapping))]
        return [
            (number,)
            for number, event in enumerate(events)
            if is_event(event) and self._holds(event) and self._shares(event, known)
        ]

    def _known(self, group: int, entries: Sequence[Event]) -> list[tuple[frozenset[Any], ...]]:
        """For each entry that has all fields: the values of which an event must have one, field by field."""
        known = []
        for entry in entries:
            columns = tuple(
                frozenset(typed(value) for value in values(other(entry))) - {None}
                for _, other, typed in self._mapping[group]
            )
            if all(columns):
                known.append(columns)
        return known

    def _shares(self, event: Event, known: Sequence[Sequence[tuple[frozenset[Any], ...]]]) -> bool:
        for group, entries in zip(self._mapping, known, strict=True):
            if not entries:
                continue
            found = [{typed(value) for value in values(get(event))} for get, _, typed in group]
            for columns in entries:
                if all(not column.isdisjoint(have) for column, have in zip(columns, found, strict=True)):
                    return True
        return False
