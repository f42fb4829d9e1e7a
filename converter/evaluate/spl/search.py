"""Search terms to tests of an event's fields: two-valued, values ignore case, `*` is the one wildcard.

`=` and `!=` compare texts, the others numbers where both sides are numbers and texts else; a field with
several values satisfies a comparison if one of them does; a missing field satisfies none.
Source: Splunk Search Reference, "search"; Search Manual, "Difference between != and NOT".
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from converter.evaluate.spl.keywords import keyword_test
from converter.evaluate.spl.patterns import TextTest, glob_test
from converter.evaluate.spl.rows import Fields, Predicate, Row, Run
from converter.evaluate.spl.terms import Comparison, Group, Keyword, Literal, Not, Subsearch, Term
from converter.evaluate.spl.times import event_time, moment_at
from converter.evaluate.spl.values import address, getter_names, network, number, several, text
from converter.source import NotSupportedError, Position, QuerySyntaxError, SourceError

Subsearches = Callable[[int], Sequence[Row]]
"""The rows of a command's subsearch by its number."""

_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
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


def compile_terms_in_run(term: Term, run: Run, subsearches: Subsearches) -> Predicate:
    """The same for terms that depend on the run."""
    return _Compiler(run, subsearches).test(term)


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
                return self._all(items) if every else self._any(items)
            case Not(item=item):
                inner = self.test(item)
                return lambda fields: not inner(fields)
            case Keyword(value=value):
                if "::" in value.text and not value.quoted:
                    raise NotSupportedError(f"{value.text}, an indexed field", value.position)
                return keyword_test(value)
            case Comparison():
                return self._comparison(term)
        return self._subsearch(term)

    def _all(self, items: Sequence[Term]) -> Predicate:
        tests = list(map(self.test, items))
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

    def _any(self, items: Sequence[Term]) -> Predicate:
        tests = list(map(self.test, _merged(items)))
        if len(tests) == 1:
            return tests[0]

        def test(fields: Mapping[str, Any]) -> bool:
            for each in tests:  # noqa: SIM110 - a generator costs more than the tests
                if each(fields):
                    return True
            return False

        return test

    def _comparison(self, term: Comparison) -> Predicate:
        if term.field in _MODIFIERS:
            raise NotSupportedError(f"search modifier {term.field}", term.position, code="spl-modifier")
        if term.field in ("earliest", "latest"):
            return self._time(term)
        if term.operator in _ORDERS:
            return _ordered(term)
        return field_test(term.field, value_test(term.values)) if term.operator == "=" else _unequal(term)

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


def _unequal(term: Comparison) -> Predicate:
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


def _ordered(term: Comparison) -> Predicate:
    compare = _ORDERS[term.operator]
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
