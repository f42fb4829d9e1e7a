"""Patterns compiled: RE2 where it means the same, else the `regex` module under a time limit.

PCRE as Splunk and Sigma use it: bytes-like ASCII `\\d \\w \\s`, `$` before a final line feed, `.` without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any as Anything

import re2
import regex

from converter.regex.ast import Dialect
from converter.regex.parse import parse_regex
from converter.regex.write import RegexNotSupported, write
from converter.source import QuerySyntaxError, SourceError

TIMEOUT = 1.0
"""Seconds that one match may take in a backtracking engine."""


class RegexTimeout(SourceError):
    """A match took longer than the limit."""


class Matcher:
    """A compiled pattern."""

    def __init__(
        self, engine: Anything, search: Callable[[str], Anything], whole: Callable[[str], Anything]
    ) -> None:
        self._engine = engine
        self._search = search
        self._whole = whole

    def search(self, text: str) -> bool:
        """Whether the pattern matches somewhere."""
        return self._search(text) is not None

    def fullmatch(self, text: str) -> bool:
        """Whether the pattern matches the whole text."""
        return self._whole(text) is not None

    def match_groups(self, text: str) -> Mapping[str, str | None] | None:
        """What the groups took in the first match, by number ("0" is all of it) and name; None without one."""
        found = self._search(text)
        if found is None:
            return None
        groups: dict[str, str | None] = {
            str(number): found.group(number) for number in range(self._engine.groups + 1)
        }
        groups.update(found.groupdict())
        return groups


@lru_cache(maxsize=4096)
def compile_regex(pattern: str, dialect: Dialect, ignore_case: bool = False) -> Matcher:
    """Compile. Raises QuerySyntaxError for what is no pattern of the dialect, RegexNotSupported for `~ & #`."""
    node = parse_regex(pattern, dialect)
    flags = "(?i)" if ignore_case else ""
    try:
        return _linear(flags + write(node, "re2"))
    except (RegexNotSupported, re2.error):
        return _backtracking(write(node, "pcre"), ignore_case)


def _linear(pattern: str) -> Matcher:
    options = re2.Options()
    options.log_errors = False
    engine = re2.compile(pattern, options)
    return Matcher(engine, engine.search, engine.fullmatch)


def _backtracking(pattern: str, ignore_case: bool) -> Matcher:
    flags = regex.ASCII | regex.VERSION0 | (regex.IGNORECASE if ignore_case else 0)
    if not pattern.isascii():
        flags = (flags & ~regex.ASCII) | regex.UNICODE
    try:
        engine = regex.compile(pattern, flags)
    except regex.error as error:
        raise QuerySyntaxError(f"regular expression: {error}") from None

    def limited(method: Callable[..., Anything]) -> Callable[[str], Anything]:
        def run(text: str) -> Anything:
            try:
                return method(text, timeout=TIMEOUT)
            except TimeoutError:
                raise RegexTimeout(f"regular expression took over {TIMEOUT:g} s: {pattern[:80]}") from None

        return run

    return Matcher(engine, limited(engine.search), limited(engine.fullmatch))
