"""Sigma YAML compiled to something that runs over events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule

from converter.evaluate.remembered import of_kinds
from converter.evaluate.result import Choice, Event, Matches, any_of
from converter.evaluate.sigma.condition import AtKey, Predicate, condition, fields
from converter.evaluate.sigma.correlation import Correlation
from converter.evaluate.sigma.load import Document, load
from converter.evaluate.sigma.logsource import Flat, View, read_by_view, view
from converter.evaluate.sigma.match import Match
from converter.evaluate.sigma.moment import moment
from converter.evaluate.sigma.places import place_of, place_of_error
from converter.evaluate.sigma.settings import Settings
from converter.source import NotSupportedError, Position, QuerySyntaxError, SourceError

Detection: TypeAlias = Callable[[Event], Flat | None]
"""Gives the event by the rule's field names if it matches, else None."""


def compile_sigma(text: str, *, placeholders: Mapping[str, Sequence[str]] | None = None) -> CompiledSigma:
    """Compile all documents of a Sigma YAML text: rules, correlations, filters.

    `placeholders` holds the values of `%name%` in values with `|expand`. What runs gives the alerts of each
    rule in turn, but of those that a correlation refers to only if it says `generate: true`: an event's
    number, or for a correlation those of its events in time order.

    Raises QuerySyntaxError for what is no Sigma, NotSupportedError for what the evaluator doesn't do, both
    with the place where the text tells it. Running raises NotSupportedError for a correlation over matches of
    which none has a time, and for raw events of a log source that the table doesn't know, RegexTimeout for a
    regular expression that takes too long.
    """
    settings = Settings(placeholders or {})
    try:
        return CompiledSigma(load(text), settings, text)
    except AtKey as at:
        at.error.position = place_of(text, at.key)
        raise _placed(at.error, text) from None
    except SourceError as error:
        raise _placed(error, text) from None
    except RecursionError:
        raise NotSupportedError("a condition nested so deep", Position(1, 1)) from None


def _placed(error: SourceError, text: str) -> SourceError:
    error.position = error.position or place_of_error(text, error.message)
    return error


class CompiledSigma:
    """The rules of one text, ready to run."""

    def __init__(self, documents: Sequence[Document], settings: Settings, text: str) -> None:
        self._text = text
        rules = [document.rule for document in documents]
        numbers = {id(rule): number for number, rule in enumerate(rules)}
        grouped = {name for rule in rules if isinstance(rule, SigmaCorrelationRule) for name in _read(rule)}
        self._detections: dict[int, Detection] = {}
        self._correlations: dict[int, tuple[Correlation, list[int]]] = {}
        hidden: set[int] = set()
        choices: list[Choice | None] = []
        for number, rule in enumerate(rules):
            if isinstance(rule, SigmaRule):
                conditions = documents[number].conditions
                self._detections[number], choice = _detection(rule, conditions, settings, grouped)
                choices.append(choice)
                continue
            referred = [numbers[id(reference.rule)] for reference in rule.referenced_rules]
            self._correlations[number] = (_correlation(rule), referred)
            hidden.update(() if rule.generate else referred)
        self._check_no_loop()
        known = [choice for choice in choices if choice is not None]
        self.looked_at = any_of(known) if len(known) == len(choices) else None
        self._alerting = [number for number in range(len(rules)) if number not in hidden]

    def run(self, events: Sequence[Event]) -> Matches:
        """The alerts over events in any order. An event is never changed."""
        try:
            return self._alerts(events)
        except SourceError as error:
            raise _placed(error, self._text) from None

    def _alerts(self, events: Sequence[Event]) -> Matches:
        if not self._correlations and len(self._alerting) == 1:
            matches = self._detections[self._alerting[0]]
            return Matches(
                tuple([(place,) for place, event in enumerate(events) if matches(event) is not None])
            )
        run = _Run(events, self._detections, self._correlations)
        alerts = [match for number in self._alerting for match in run.alerts(number)]
        return Matches(tuple(dict.fromkeys(alerts)))

    def _check_no_loop(self) -> None:
        done: set[int] = set(self._detections)
        while True:
            ready = {
                number
                for number, (_, referred) in self._correlations.items()
                if number not in done and done.issuperset(referred)
            }
            if not ready:
                break
            done |= ready
        if len(done) < len(self._detections) + len(self._correlations):
            raise QuerySyntaxError("a correlation that refers to itself")


class _Run:
    """One run: what each rule found is found once."""

    def __init__(
        self,
        events: Sequence[Event],
        detections: Mapping[int, Detection],
        correlations: Mapping[int, tuple[Correlation, list[int]]],
    ) -> None:
        self._events = events
        self._detections = detections
        self._correlations = correlations
        self._timed: dict[int, list[Match]] = {}

    def alerts(self, number: int) -> list[tuple[int, ...]]:
        """The events of each alert of a rule."""
        if number in self._detections:
            return [(place,) for place, _ in self._found(number)]
        correlation, matches = self._correlated(number)
        return [found.events for found in correlation.found(matches, every=False)]

    def _found(self, number: int) -> list[tuple[int, Flat]]:
        matches = self._detections[number]
        seen = ((place, matches(event)) for place, event in enumerate(self._events))
        return [(place, fields) for place, fields in seen if fields is not None]

    def _correlated(self, number: int) -> tuple[Correlation, list[Match]]:
        """A correlation, and the matches of the rules that it refers to."""
        correlation, referred = self._correlations[number]
        return correlation, [
            match if match.rule == rule else Match(rule, match.events, match.time, match.fields)
            for rule, place in enumerate(referred)
            for match in self._matches(place, correlation.asks_every)
        ]

    def _matches(self, number: int, every: bool) -> list[Match]:
        if number in self._correlations:
            correlation, matches = self._correlated(number)
            return correlation.alerts(matches, every)
        if number not in self._timed:
            self._timed[number] = self._in_time(number)
        return self._timed[number]

    def _in_time(self, number: int) -> list[Match]:
        """The matches that have a time: the others are within no timespan of anything."""
        found = self._found(number)
        times = [(place, moment(self._events[place]), fields) for place, fields in found]
        timed = [Match(0, (place,), time, fields) for place, time, fields in times if time is not None]
        if found and not timed:
            raise NotSupportedError("a correlation over events without a time")
        return timed


def _detection(
    rule: SigmaRule, conditions: Sequence[Any], settings: Settings, grouped: set[str]
) -> tuple[Detection, Choice | None]:
    """A rule's detection, and which events it looks at; None where that may be told by any field."""
    asked = {name for node in conditions for name in fields(node)} | grouped
    names = {name for name in asked if name is not None}
    nested = None in asked or any("." in name for name in names)
    tests = [condition(node, settings) for node in conditions]
    match = _matching(tests, view(rule.logsource, nested))
    if None in asked:
        return match, None
    reads = read_by_view(rule.logsource).union(*[(name, name.partition(".")[0]) for name in names])
    found = of_kinds(match, reads)
    return found, Choice(lambda event: found(event) is not None, reads)


def _matching(tests: Sequence[Predicate], see: View) -> Detection:
    if len(tests) == 1:
        test = tests[0]

        def match(event: Event) -> Flat | None:
            seen = see(event)
            return seen if seen is not None and test(seen) else None

        return match

    def match_any(event: Event) -> Flat | None:
        seen = see(event)
        return seen if seen is not None and any(test(seen) for test in tests) else None

    return match_any


def _correlation(rule: SigmaCorrelationRule) -> Correlation:
    try:
        return Correlation(rule, _aliases(rule))
    except NotSupportedError as error:
        raise AtKey(error, "correlation") from None


def _read(rule: SigmaCorrelationRule) -> set[str]:
    """The names of fields that a correlation reads from the events."""
    condition_fields = getattr(rule.condition, "fieldref", None) or []
    fields_of_condition = [condition_fields] if isinstance(condition_fields, str) else condition_fields
    aliased = (name for alias in rule.aliases for name in alias.mapping.values())
    return {*(rule.group_by or ()), *fields_of_condition, *aliased}


def _aliases(rule: SigmaCorrelationRule) -> dict[str, dict[int, str]]:
    """Alias -> number of the referenced rule -> its field. A rule may be named by its name or its id."""
    found: dict[str, dict[int, str]] = {}
    for alias in rule.aliases:
        named = {
            index: field
            for reference, field in alias.mapping.items()
            for index, referred in enumerate(rule.referenced_rules)
            if reference.reference in (referred.reference, referred.rule.name, str(referred.rule.id))
        }
        if len(named) < len(alias.mapping):
            raise NotSupportedError(
                f"the alias {alias.alias} for a rule that the correlation doesn't refer to"
            )
        found[alias.alias] = named
    return found
