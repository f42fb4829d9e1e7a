"""Tests of single values: what a leaf of a predicate asks of each value of its field, by the field's type.

Several leaves on one field, joined by `or`, become one test: a set look-up for all equalities, then
the patterns. Source: Elasticsearch reference, term, wildcard, regexp and range queries; ignoring case is
"ASCII case insensitive" there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from converter.elastic.dates import date_bound, date_span
from converter.elastic.eql.functions import address, network
from converter.elastic.types import CASELESS, NUMBER_TYPES
from converter.evaluate.elastic.context import Context
from converter.evaluate.elastic.phrases import Tokens, one_of_phrases
from converter.evaluate.elastic.typed import boolean_of, instant, lower_ascii, number_of, text_of
from converter.evaluate.elastic.wildcards import pattern_test
from converter.evaluate.remembered import MOST_ANSWERS
from converter.ir import Cidr, Compare, Equals, Like, Phrase, Regex, Scalar
from converter.ir.predicate import Between
from converter.regex import RegexTimeout, compile_regex
from converter.regex.ast import Dialect
from converter.source import NotSupportedError, Position, SourceError

Test: TypeAlias = Callable[[Any], bool]
Leaf: TypeAlias = Equals | Like | Regex | Compare | Between | Cidr | Phrase

_DATES = ("date", "date_nanos")
_MANY = 4
"""Patterns, from which on what they say of a text is kept."""


def value_test(leaves: Sequence[Leaf], kind: str, context: Context) -> Test:
    """A test that holds if any of the leaves, all on one field of type `kind`, holds of the value.

    Raises NotSupportedError for what cannot be evaluated (a regular expression's construct), naming it.
    """
    if len(leaves) == 1 and isinstance(leaves[0], Equals):
        return _equality_test(leaves[0], kind) or _same_text(leaves[0], kind)
    texts = _TextTests(kind)
    others: list[Test] = []
    phrases: list[Tokens] = []
    for leaf in leaves:
        if isinstance(leaf, Phrase):
            phrases.append(leaf.tokens)
        elif (test := _typed_test(leaf, kind, context)) is not None:
            others.append(test)
        else:
            texts.add(leaf)
    if phrases:
        others.append(one_of_phrases(phrases))
    if not texts.empty:
        others.insert(0, texts.test())
    return others[0] if len(others) == 1 else _first_of(others)


def _first_of(tests: Sequence[Test]) -> Test:
    kept = tuple(tests)

    def test(value: Any) -> bool:
        return any(one(value) for one in kept)

    return test


def _typed_test(leaf: Leaf, kind: str, context: Context) -> Test | None:
    """The test of a leaf that is not about text; None for one that is."""
    if isinstance(leaf, Cidr):
        return _in_network(leaf.network)
    if isinstance(leaf, Compare):
        return _order_test(leaf.op, leaf.value, kind, context)
    if isinstance(leaf, Between):
        above = _order_test(leaf.low_op, leaf.low, kind, context)
        below = _order_test(leaf.high_op, leaf.high, kind, context)
        return lambda value: above(value) and below(value)
    if isinstance(leaf, Equals):
        return _equality_test(leaf, kind)
    return None


def _equality_test(leaf: Equals, kind: str) -> Test | None:
    constant = leaf.value
    if kind == "ip" and isinstance(constant, str):
        return _in_network(constant) if "/" in constant else _same_address(constant)
    if kind in _DATES and isinstance(constant, str):
        return _same_date(constant, leaf.pos)
    if kind == "boolean":
        wanted = boolean_of(constant)
        return lambda value: wanted is not None and boolean_of(value) is wanted
    if kind in NUMBER_TYPES or (isinstance(constant, int | float) and not isinstance(constant, bool)):
        number = number_of(constant)
        return lambda value: number is not None and number_of(value) == number
    return None


def _same_text(leaf: Equals, kind: str) -> Test:
    """The test of an equality by itself, as near misses ask for one text after the other."""
    text = text_of(leaf.value)
    if kind == CASELESS or leaf.ignore_case:
        return _caseless_test(frozenset((lower_ascii(text),)))
    return lambda value: (value if value.__class__ is str else text_of(value)) == text


def _same_address(text: str) -> Test:
    wanted = address(text)
    return lambda value: wanted is not None and isinstance(value, str) and address(value) == wanted


def _in_network(text: str) -> Test:
    block = network(text)

    def test(value: Any) -> bool:
        found = address(value) if isinstance(value, str) else None
        return found is not None and block is not None and block[0] <= found <= block[1]

    return test


def _same_date(text: str, pos: Position | None) -> Test:
    span = date_span(text)
    if span is None:
        raise NotSupportedError(f"equality with the date '{text}'", pos, code="date-math")
    first, last = instant(span[0]), instant(span[1])
    assert first is not None and last is not None

    def test(value: Any) -> bool:
        found = instant(value)
        return found is not None and first <= found <= last

    return test


def _order_test(op: str, constant: Scalar, kind: str, context: Context) -> Test:
    if kind in _DATES and isinstance(constant, str):
        return _date_order_test(op, constant, context)
    if kind in _DATES:
        return _ordered(op, instant, instant(constant))
    if kind in NUMBER_TYPES or not isinstance(constant, str):
        return _ordered(op, number_of, number_of(constant))
    if kind == "ip":
        return _ordered(
            op, lambda value: address(value) if isinstance(value, str) else None, address(constant)
        )
    return _ordered(op, text_of, constant)


def _date_order_test(op: str, text: str, context: Context) -> Test:
    bound = date_bound(text, op)
    if bound is None or not bound.startswith("now"):
        return _ordered(op, instant, None if bound is None else instant(bound))
    find = context.bound(bound, op)

    def test(value: Any) -> bool:
        return _ordered(op, instant, find())(value)

    return test


def _ordered(op: str, read: Callable[[Any], Any], constant: Any) -> Test:
    """`read(value) op constant`; never where either cannot be read."""
    if constant is None:
        return lambda value: False
    if op == "<":
        return lambda value: (found := read(value)) is not None and found < constant
    if op == "<=":
        return lambda value: (found := read(value)) is not None and found <= constant
    if op == ">":
        return lambda value: (found := read(value)) is not None and found > constant
    return lambda value: (found := read(value)) is not None and found >= constant


class _TextTests:
    """Collects the leaves about text and makes one test of them."""

    def __init__(self, kind: str) -> None:
        self._caseless = kind == CASELESS
        self._exact: set[str] = set()
        self._lower: set[str] = set()
        self._patterns: list[Callable[[str], bool]] = []
        self._lower_patterns: list[Callable[[str], bool]] = []
        self.empty = True

    def add(self, leaf: Leaf) -> None:
        """Take in one leaf."""
        self.empty = False
        if isinstance(leaf, Equals):
            text = text_of(leaf.value)
            if self._caseless or leaf.ignore_case:
                self._lower.add(lower_ascii(text))
            else:
                self._exact.add(text)
        elif isinstance(leaf, Like):
            if self._caseless or leaf.ignore_case:
                lowered = [lower_ascii(part) if isinstance(part, str) else part for part in leaf.pattern]
                self._lower_patterns.append(pattern_test(lowered))
            else:
                self._patterns.append(pattern_test(leaf.pattern))
        else:
            assert isinstance(leaf, Regex)
            self._patterns.append(_regex_test(leaf, self._caseless))

    def test(self) -> Test:
        """The test of one value."""
        exact, lower = frozenset(self._exact), frozenset(self._lower)
        patterns, lower_patterns = tuple(self._patterns), tuple(self._lower_patterns)
        if not patterns and not lower_patterns and not (exact and lower):
            return _exact_test(exact) if exact else _caseless_test(lower)
        if not exact and not lower and len(patterns) + len(lower_patterns) == 1:
            return _pattern_alone(*patterns) if patterns else _caseless_alone(*lower_patterns)
        ignores_case = bool(lower or lower_patterns)

        def test(value: Any) -> bool:
            text = value if value.__class__ is str else text_of(value)
            if text in exact:
                return True
            for pattern in patterns:
                if pattern(text):
                    return True
            if not ignores_case:
                return False
            folded = lower_ascii(text)
            if folded in lower:
                return True
            for pattern in lower_patterns:  # noqa: SIM110 (`any()` of a generator takes twice the time)
                if pattern(folded):
                    return True
            return False

        if len(patterns) + len(lower_patterns) < _MANY:
            return test
        kept = lru_cache(MOST_ANSWERS)(test)
        return lambda value: kept(value if value.__class__ is str else text_of(value))


def _exact_test(texts: frozenset[str]) -> Test:
    return lambda value: (value if value.__class__ is str else text_of(value)) in texts


def _caseless_test(texts: frozenset[str]) -> Test:
    def test(value: Any) -> bool:
        text = value if value.__class__ is str else text_of(value)
        return (text.lower() if text.isascii() else lower_ascii(text)) in texts

    return test


def _pattern_alone(pattern: Callable[[str], bool]) -> Test:
    return lambda value: pattern(value if value.__class__ is str else text_of(value))


def _caseless_alone(pattern: Callable[[str], bool]) -> Test:
    return lambda value: pattern(lower_ascii(value if value.__class__ is str else text_of(value)))


def _regex_test(leaf: Regex, caseless: bool) -> Callable[[str], bool]:
    return regex_test(leaf.pattern, leaf.dialect, leaf.ignore_case or caseless, leaf.pos)


def regex_test(
    pattern: str, dialect: Dialect, ignore_case: bool, pos: Position | None
) -> Callable[[str], bool]:
    """A test whether a text matches the expression: the whole of it in Lucene's dialect.

    Raises SourceError for what cannot be evaluated, and the test RegexTimeout; both with the place `pos`.
    """
    try:
        matcher = compile_regex(pattern, dialect, ignore_case)
    except SourceError as error:
        error.position = pos
        raise
    matches = matcher.fullmatch if dialect == "lucene" else matcher.search

    def test(text: str) -> bool:
        try:
            return matches(text)
        except RegexTimeout as error:
            error.position = pos
            raise

    return test
