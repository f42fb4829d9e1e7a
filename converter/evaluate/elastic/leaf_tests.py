"""Tests of single values: what a leaf of a predicate asks of each value of its field, by the field's type.

Several leaves on one field, joined by `or`, become one test: a set look-up for all equalities, then
the patterns. Source: Elasticsearch reference, term, wildcard, regexp and range queries; ignoring case is
"ASCII case insensitive" there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from converter.elastic.analysis import standard_tokens
from converter.elastic.dates import date_bound, date_span
from converter.elastic.eql.functions import address, network
from converter.elastic.types import CASELESS, NUMBER_TYPES
from converter.evaluate.elastic.context import Context
from converter.evaluate.elastic.typed import boolean_of, instant, lower_ascii, number_of, text_of
from converter.ir import Cidr, Compare, Equals, Like, Phrase, Regex, Scalar, Wild
from converter.ir.predicate import Between
from converter.regex import RegexTimeout, compile_regex
from converter.regex.ast import Dialect
from converter.source import NotSupportedError, Position, SourceError

Test: TypeAlias = Callable[[Any], bool]
Leaf: TypeAlias = Equals | Like | Regex | Compare | Between | Cidr | Phrase

_DATES = ("date", "date_nanos")


def value_test(leaves: Sequence[Leaf], kind: str, context: Context) -> Test:
    """A test that holds if any of the leaves, all on one field of type `kind`, holds of the value.

    Raises NotSupportedError for what cannot be evaluated (a regular expression's construct), naming it.
    """
    texts = _TextTests(kind)
    others: list[Test] = []
    for leaf in leaves:
        test = _typed_test(leaf, kind, context)
        if test is None:
            texts.add(leaf)
        else:
            others.append(test)
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
    if isinstance(leaf, Phrase):
        return phrase_test(leaf.tokens)
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

        return test


def _exact_test(texts: frozenset[str]) -> Test:
    return lambda value: (value if value.__class__ is str else text_of(value)) in texts


def _caseless_test(texts: frozenset[str]) -> Test:
    def test(value: Any) -> bool:
        text = value if value.__class__ is str else text_of(value)
        return (text.lower() if text.isascii() else lower_ascii(text)) in texts

    return test


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


def pattern_test(pattern: Iterable[str | Wild]) -> Callable[[str], bool]:
    """A test whether the whole text matches a wildcard pattern, in time linear in the text for each `*`."""
    pieces: list[list[str | Wild]] = [[]]
    for part in pattern:
        if part is Wild.ANY:
            pieces.append([])
        else:
            pieces[-1].append(part)
    if not any(Wild.ONE in piece for piece in pieces):
        return _plain_pattern(["".join(map(str, piece)) for piece in pieces])
    return _wild_pattern(pieces)


def _plain_pattern(pieces: list[str]) -> Callable[[str], bool]:
    """Pieces with `*` between them, without `?`."""
    if len(pieces) == 1:
        return pieces[0].__eq__
    first, last = pieces[0], pieces[-1]
    middle = tuple(piece for piece in pieces[1:-1] if piece)
    if not middle:
        least = len(first) + len(last)
        if not first:
            return lambda text: text.endswith(last)
        if not last:
            return lambda text: text.startswith(first)
        return lambda text: len(text) >= least and text.startswith(first) and text.endswith(last)
    if len(middle) == 1 and not first and not last:
        only = middle[0]
        return lambda text: only in text

    def test(text: str) -> bool:
        end = len(text) - len(last)
        if end < len(first) or not text.startswith(first) or not text.endswith(last):
            return False
        at = len(first)
        for piece in middle:
            found = text.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return True

    return test


def _wild_pattern(pieces: list[list[str | Wild]]) -> Callable[[str], bool]:
    """Pieces with `*` between them, of which some hold `?`: each is found at its leftmost place."""
    compiled = [_piece(piece) for piece in pieces]
    if len(compiled) == 1:
        only = compiled[0][0]
        return lambda text: only.fullmatch(text) is not None
    (first, _), (last, length) = compiled[0], compiled[-1]
    middle = tuple(piece for piece, size in compiled[1:-1] if size)

    def test(text: str) -> bool:
        start = first.match(text)
        end = len(text) - length
        if start is None or end < start.end() or last.match(text, end) is None:
            return False
        at = start.end()
        for piece in middle:
            found = piece.search(text, at, end)
            if found is None:
                return False
            at = found.end()
        return True

    return test


def _piece(parts: Iterable[str | Wild]) -> tuple[re.Pattern[str], int]:
    """A piece without `*` as an expression of fixed length, and that length."""
    text, length = "", 0
    for part in parts:
        text += "." if part is Wild.ONE else re.escape(str(part))
        length += 1 if part is Wild.ONE else len(str(part))
    return re.compile(text, re.DOTALL), length


def phrase_test(tokens: Sequence[str | tuple[str | Wild, ...]]) -> Test:
    """A test whether an analysed text holds the tokens next to each other; none of no tokens."""
    plain = tuple([token for token in tokens if isinstance(token, str)])
    if len(plain) == len(tokens):
        return _plain_phrase_test(plain)
    wanted = [token.__eq__ if isinstance(token, str) else pattern_test(token) for token in tokens]

    def test(value: Any) -> bool:
        found = standard_tokens(text_of(value))
        for start in range(len(found) - len(wanted) + 1):
            if all(match(found[start + at]) for at, match in enumerate(wanted)):
                return True
        return False

    return test


def _plain_phrase_test(tokens: tuple[str, ...]) -> Test:
    """The same for tokens without wildcards, as nearly all are: they are looked for as they stand."""
    if not tokens:
        return lambda value: False
    first, length = tokens[0], len(tokens)
    if length == 1:
        return lambda value: first in standard_tokens(text_of(value))

    def test(value: Any) -> bool:
        found = standard_tokens(text_of(value))
        return first in found and any(
            found[start : start + length] == tokens for start, token in enumerate(found) if token == first
        )

    return test
