"""Tests of analysed texts: whether tokens stand in one next to each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from converter.elastic.analysis import standard_tokens
from converter.evaluate.elastic.typed import text_of
from converter.evaluate.elastic.wildcards import pattern_test
from converter.evaluate.remembered import MOST_ANSWERS
from converter.ir import Wild

Test: TypeAlias = Callable[[Any], bool]
Tokens: TypeAlias = Sequence[str | tuple[str | Wild, ...]]
_MANY = 4
"""Phrases, from which on what they say of a text is kept."""


def one_of_phrases(phrases: Sequence[Tokens]) -> Test:
    """A test whether one of the phrases holds: of hundreds without wildcards only those are looked for whose
    first token the text has."""
    by_first: dict[str, list[tuple[str, ...]]] = {}
    others: list[Test] = []
    for tokens in phrases:
        plain = tuple([token for token in tokens if isinstance(token, str)])
        if len(phrases) > 1 and plain and len(plain) == len(tokens):
            by_first.setdefault(plain[0], []).append(plain)
        else:
            others.append(phrase_test(tokens))
    if not by_first:
        return others[0] if len(others) == 1 else lambda value: any(test(value) for test in others)
    firsts = frozenset(by_first)

    def test(text: str) -> bool:
        found = standard_tokens(text)
        if not firsts.isdisjoint(found):
            for start, token in enumerate(found):
                for plain in by_first.get(token, ()):
                    if found[start : start + len(plain)] == plain:
                        return True
        return any(other(text) for other in others)

    holds = test if len(phrases) < _MANY else lru_cache(MOST_ANSWERS)(test)
    return lambda value: holds(text_of(value))


def phrase_test(tokens: Tokens) -> Test:
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
