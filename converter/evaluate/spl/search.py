"""Search terms to tests of an event's fields: two-valued, values ignore case, `*` is the one wildcard.

`=` and `!=` compare texts, the others numbers where both sides are numbers and texts else; a field with
several values satisfies a comparison if one of them does; a missing field satisfies none.
Source: Splunk Search Reference, "search"; Search Manual, "Difference between != and NOT".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from converter.evaluate.spl.field_tests import ORDERS, field_test, ordered, unequal, value_test
from converter.evaluate.spl.keywords import keyword_test
from converter.evaluate.spl.rows import Fields, Predicate, Row, Run
from converter.evaluate.spl.terms import Comparison, Group, Keyword, Literal, Not, Subsearch, Term
from converter.evaluate.spl.times import event_time, moment_at
from converter.evaluate.spl.values import number, several, text
from converter.source import NotSupportedError, Position, QuerySyntaxError, SourceError

Subsearches = Callable[[int], Sequence[Row]]
"""The rows of a command's subsearch by its number."""
InRun = Callable[[Run, Subsearches], Predicate]
"""What a run, and the rows of its subsearches, make of a test."""

_MODIFIERS = frozenset(
    """
    _index_earliest _index_latest starttime endtime timeformat searchtimespandays searchtimespanhours
    searchtimespanminutes searchtimespanmonths startdaysago enddaysago daysago starthoursago endhoursago
    hoursago startminutesago endminutesago minutesago startmonthsago endmonthsago monthsago savedsearch
    savedsplunk splunk_server_group
    """.split()  # noqa: SIM905 - a list of words reads better so
)
"""Names that are no fields here; `earliest` and `latest` are the modifiers that are supported."""

_ROWS_OF_FORMAT = 10_000
"""The most rows that a subsearch gives to its outer search (limits.conf, [subsearch] maxout)."""


def compile_terms(term: Term) -> Predicate | None:
    """A test of one event's fields; None where it depends on the run (subsearches, time modifiers).

    Raises NotSupportedError and QuerySyntaxError.
    """
    if _depends_on_run(term):
        return None
    return _Compiler(None, None).test(term)


def compile_terms_in_run(term: Term) -> InRun:
    """The same for terms that depend on the run, once that is there: what does not is compiled before."""
    test = compile_terms(term)
    if test is not None:
        return lambda run, subsearches: test
    match term:
        case Not(item=item):
            inner = compile_terms_in_run(item)
            return lambda run, subsearches: _negated(inner(run, subsearches))
        case Group(items=items, every=every):
            parts = list(map(compile_terms_in_run, items if every else _merged(items)))
            combined = _all if every else _any
            return lambda run, subsearches: combined([part(run, subsearches) for part in parts])
    return lambda run, subsearches: _Compiler(run, subsearches).test(term)


def _depends_on_run(term: Term) -> bool:
    match term:
        case Group(items=items):
            return any(_depends_on_run(item) for item in items)
        case Not(item=item):
            return _depends_on_run(item)
        case Comparison(field="earliest" | "latest"):
            return True
    return isinstance(term, Subsearch)


class _Compiler:
    def __init__(self, run: Run | None, subsearches: Subsearches | None) -> None:
        self.run = run
        self.subsearches = subsearches

    def test(self, term: Term) -> Predicate:
        match term:
            case Group(items=items, every=every):
                return _all(list(map(self.test, items))) if every else self._any(items)
            case Not(item=item):
                return _negated(self.test(item))
            case Keyword(value=value):
                if "::" in value.text and not value.quoted:
                    raise NotSupportedError(f"{value.text}, an indexed field", value.position)
                return keyword_test(value)
            case Comparison():
                return self._comparison(term)
        return self._subsearch(term)

    def _any(self, items: Sequence[Term]) -> Predicate:
        return _any(list(map(self.test, _merged(items))))

    def _comparison(self, term: Comparison) -> Predicate:
        if term.field in _MODIFIERS:
            raise NotSupportedError(f"search modifier {term.field}", term.position, code="spl-modifier")
        if term.field in ("earliest", "latest"):
            return self._time(term)
        if term.operator in ORDERS:
            return ordered(term)
        return field_test(term.field, value_test(term.values)) if term.operator == "=" else unequal(term)

    def _time(self, term: Comparison) -> Predicate:
        """A bound of events' times. Where no event has a time there is no now, and nothing to compare."""
        assert self.run is not None
        if term.operator != "=" or len(term.values) != 1:
            raise QuerySyntaxError(f"{term.field} takes one time, after =", term.position)
        modifier = term.values[0].text
        if term.field == "latest" and modifier == "now" and self.run.given_now is None:
            return lambda fields: True
        epoch = number(modifier) is not None and not modifier.startswith(("-", "+"))
        timeless = self.run.given_now is None and self.run.latest is None
        now = 0.0 if epoch or timeless else self.run.now(term.position)
        try:
            bound = moment_at(now, modifier)
        except SourceError as error:
            error.position = term.values[0].position
            raise
        if term.field == "earliest":
            return lambda fields: "_time" not in fields or event_time(fields["_time"]) >= bound
        return lambda fields: "_time" not in fields or event_time(fields["_time"]) < bound

    def _subsearch(self, term: Subsearch) -> Predicate:
        assert self.subsearches is not None
        rows = self.subsearches(term.number)
        if len(rows) > _ROWS_OF_FORMAT:
            raise NotSupportedError("a subsearch of more than 10,000 rows", term.position, code="spl-cap")
        alternatives = [terms for row in rows if (terms := _row_terms(row.fields, term.position)) is not None]
        return self._any(alternatives) if alternatives else lambda fields: False


def _negated(test: Predicate) -> Predicate:
    return lambda fields: not test(fields)


def _all(tests: Sequence[Predicate]) -> Predicate:
    if not tests:
        return lambda fields: True
    if len(tests) == 2:
        first, second = tests
        return lambda fields: first(fields) and second(fields)

    def test(fields: Mapping[str, Any]) -> bool:
        for each in tests:  # noqa: SIM110 - a generator costs more than the tests
            if not each(fields):
                return False
        return True

    return test


def _any(tests: Sequence[Predicate]) -> Predicate:
    if len(tests) == 1:
        return tests[0]

    def test(fields: Mapping[str, Any]) -> bool:
        for each in tests:  # noqa: SIM110 - a generator costs more than the tests
            if each(fields):
                return True
        return False

    return test


def _row_terms(fields: Fields, position: Position) -> Term | None:
    """One row of a subsearch as search terms, as `format` writes them."""
    items: list[Term] = []
    for name, value in fields.items():
        if name.startswith(("_", "$")) or value is None:
            continue
        literals = tuple(Literal(text(single), position, quoted=True) for single in several(value))
        if name in ("search", "query"):
            items += map(Keyword, literals)
        else:
            items.append(Comparison(name, "=", literals, position))
    return Group(tuple(items), True, position) if items else None


def _merged(items: Sequence[Term]) -> list[Term]:
    """Equalities with one field side by side become one, which reads and lowers the value once."""
    merged: list[Term] = []
    places: dict[str, int] = {}
    for item in items:
        if not isinstance(item, Comparison) or item.operator != "=" or item.field in ("earliest", "latest"):
            merged.append(item)
        elif item.field in places:
            place = places[item.field]
            before = merged[place]
            assert isinstance(before, Comparison)
            merged[place] = Comparison(item.field, "=", before.values + item.values, before.position)
        else:
            places[item.field] = len(merged)
            merged.append(item)
    return merged
