"""Sigma YAML compiled to something that runs over events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import yaml
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from converter.evaluate.result import Event, Matches
from converter.evaluate.sigma.condition import Predicate, condition
from converter.evaluate.sigma.correlation import Match, correlate
from converter.evaluate.sigma.event import Flat, View, moment, view
from converter.source import NotSupportedError, Position, QuerySyntaxError


@dataclass(frozen=True, slots=True)
class Detection:
    """One detection rule: how events look to it, and its conditions (any of them)."""

    view: View
    conditions: tuple[Predicate, ...]

    def matches(self, event: Event) -> Flat | None:
        """The event by the rule's field names if it matches, else None."""
        flat = self.view(event)
        if flat is None:
            return None
        for test in self.conditions:
            if test(flat):
                return flat
        return None


class CompiledSigma:
    """All rules of a text. A rule that a correlation refers to raises no alert itself, unless it says so
    (`generate: true`), as the specification has it."""

    def __init__(self, rules: Sequence[SigmaRule | SigmaCorrelationRule]) -> None:
        self._detections = {
            index: Detection(
                view(rule.logsource.category, rule.logsource.product, rule.logsource.service),
                tuple(condition(parsed.parsed) for parsed in rule.detection.parsed_condition),
            )
            for index, rule in enumerate(rules)
            if isinstance(rule, SigmaRule)
        }
        self._correlations = {
            index: (
                rule,
                [_position(rules, reference.rule) for reference in rule.rules or rule.referenced_rules],
            )
            for index, rule in enumerate(rules)
            if isinstance(rule, SigmaCorrelationRule)
        }
        referred = {
            place
            for correlation, places in self._correlations.values()
            if not correlation.generate
            for place in places
        }
        self._alerting = [index for index in range(len(rules)) if index not in referred]

    def run(self, events: Sequence[Event]) -> Matches:
        """Alerts of each rule in turn: an event's number, or those of a correlation in time order."""
        if not self._correlations and len(self._alerting) == 1:
            matches = self._detections[self._alerting[0]].matches
            return Matches(
                tuple((place,) for place, event in enumerate(events) if matches(event) is not None)
            )
        found: dict[int, list[Match]] = {}
        alerts = [match.events for index in self._alerting for match in self._found(index, events, found)]
        return Matches(tuple(dict.fromkeys(alerts)))

    def _found(self, index: int, events: Sequence[Event], found: dict[int, list[Match]]) -> list[Match]:
        if index not in found:
            if index in self._detections:
                found[index] = self._detected(self._detections[index], events)
            else:
                rule, places = self._correlations[index]
                referred = [
                    Match(number, match.events, match.time, match.fields)
                    for number, place in enumerate(places)
                    for match in self._found(place, events, found)
                ]
                found[index] = correlate(rule, referred)
        return found[index]

    def _detected(self, detection: Detection, events: Sequence[Event]) -> list[Match]:
        rows = ((place, event, detection.matches(event)) for place, event in enumerate(events))
        return [
            Match(0, (place,), moment(event) or 0.0, fields)
            for place, event, fields in rows
            if fields is not None
        ]


def compile_sigma(text: str) -> CompiledSigma:
    """Compile all documents of a Sigma YAML text: rules, correlations, filters.

    Raises QuerySyntaxError for what is no Sigma (with the place, where YAML knows it), NotSupportedError for
    what the evaluator doesn't do.
    """
    try:
        collection = SigmaCollection.from_yaml(text)
        rules = [rule for rule in collection.rules if isinstance(rule, SigmaRule | SigmaCorrelationRule)]
        if not rules:
            raise QuerySyntaxError("no Sigma rule in the text")
        return CompiledSigma(rules)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = Position(mark.line + 1, mark.column + 1) if mark else None
        raise QuerySyntaxError(f"not YAML: {error.problem}", place) from None
    except SigmaError as error:
        raise QuerySyntaxError(f"not a Sigma rule: {error}") from None
    except RecursionError:
        raise NotSupportedError("a condition nested so deep") from None


def _position(rules: Sequence[SigmaRule | SigmaCorrelationRule], rule: object) -> int:
    return next(index for index, other in enumerate(rules) if other is rule)
