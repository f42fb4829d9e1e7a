"""Patterns compiled: google-re2 where it means the same, else the `regex` module under a time limit.

Which engine runs can depend on the text: PCRE's `$` differs from RE2's only before a last line feed, and
Kusto's Unicode word boundaries only beside characters beyond ASCII.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any as Anything

from converter.regex.ast import (
    Anchor,
    Any,
    Char,
    Class,
    Complement,
    Dialect,
    Flags,
    Group,
    Intersection,
    Node,
)
from converter.regex.errors import RegexNotSupported, RegexTimeout
from converter.regex.folding import fold_ascii
from converter.regex.needed import needed
from converter.regex.parse import parse_regex
from converter.regex.positions import Positions
from converter.regex.walk import nodes
from converter.regex.write import write
from converter.source import QuerySyntaxError

TIMEOUT = 1.0
"""Seconds that one match may take in a backtracking engine."""


class Matcher:
    """A compiled pattern. What it is asked raises RegexTimeout where an answer takes too long."""

    def __init__(self, node: Node) -> None:
        self._node = node
        parts = [part for part in nodes(node) if not isinstance(part, Char)]
        signs = {part.sign for part in parts if isinstance(part, Anchor)}
        self.needed = needed(node)
        self._of_one_character = _is_of_one_character(node)
        self._before_last_line_feed = "\\Z" in signs
        self._ascii_only = not signs.isdisjoint({"\\bu", "\\Bu"})
        self._set_operations = any(isinstance(part, Complement | Intersection) for part in parts)
        self._linear = None if self._set_operations else _linear(node)
        if self._linear is None and not self._set_operations:
            _ = self._backtracking

    @cached_property
    def _backtracking(self) -> Anything:
        import regex  # of use for few expressions

        try:
            return regex.compile(write(self._node, "python"), regex.VERSION0 | regex.UNICODE)
        except regex.error as error:
            raise QuerySyntaxError(f"regular expression: {error}") from None

    @cached_property
    def _captures(self) -> Anything:
        """google-re2 on texts (not bytes), for the places and the groups of matches."""
        return None if self._linear is None else _compiled(write(self._node, "google"))

    def _bytes(self, text: str) -> bytes | None:
        """The text for the linear engine, None where that engine would read it otherwise than it should."""
        if (
            self._linear is None
            or (self._before_last_line_feed and text.endswith("\n"))
            or (self._ascii_only and not text.isascii())
        ):
            return None
        try:
            return text.encode()
        except UnicodeEncodeError:
            return None

    def search(self, text: str) -> bool:
        """Whether the pattern matches somewhere."""
        lowered = _lowered(text)
        return (lowered is None or self.needed in lowered) and _is_found(self, text)

    def finds(self, text: str) -> bool:
        """As `search`; nothing is kept of the answer."""
        encoded = self._bytes(text)
        if encoded is not None:
            return self._linear.search(encoded) is not None  # type: ignore[union-attr]
        if self._set_operations:
            places = Positions(text)
            return any(places.ends(self._node, start) for start in range(len(text) + 1))
        return self._limited(self._backtracking.search, text) is not None

    def fullmatch(self, text: str) -> bool:
        """Whether the pattern matches the whole text."""
        encoded = self._bytes(text)
        if encoded is not None:
            return self._linear.fullmatch(encoded) is not None  # type: ignore[union-attr]
        if self._set_operations:
            return len(text) in Positions(text).ends(self._node, 0)
        return self._limited(self._backtracking.fullmatch, text) is not None

    def characters(self, text: str) -> Iterable[str] | None:
        """Those of the text's characters that the pattern matches; None for one that matches other texts than
        single characters, or looks at what stands beside them."""
        if not self._of_one_character:
            return None
        return filter(self.fullmatch, set(text))

    def match_groups(self, text: str) -> Mapping[str, str | None] | None:
        """What the groups took in the first match, by number ("0" is all) and name; None without one."""
        found = next(self.finditer(text), None)
        if found is None:
            return None
        groups: dict[str, str | None] = {"0": found.group()}
        groups.update({str(number): taken for number, taken in enumerate(found.groups(), start=1)})
        groups.update(found.groupdict())
        return groups

    def finditer(self, text: str) -> Iterator[Anything]:
        """The matches from left to right, each as a `re.Match`. Raises RegexNotSupported for `~` and `&`."""
        if self._set_operations:
            raise RegexNotSupported("the place of a match of ~ or &", code="regex-complement")
        if self._bytes(text) is not None:
            yield from self._captures.finditer(text)
            return
        try:
            yield from self._backtracking.finditer(text, timeout=TIMEOUT)
        except TimeoutError:
            raise self._too_long() from None

    def _limited(self, method: Callable[..., Anything], text: str) -> Anything:
        try:
            return method(text, timeout=TIMEOUT)
        except TimeoutError:
            raise self._too_long() from None

    def _too_long(self) -> RegexTimeout:
        pattern = write(self._node, "python")[:80]
        return RegexTimeout(f"regular expression took over {TIMEOUT:g} s: {pattern}")


def _is_of_one_character(node: Node) -> bool:
    while isinstance(node, Flags | Group):
        node = node.item
    return isinstance(node, Char | Class | Any)


def search_any(matchers: Sequence[Matcher]) -> Callable[[str], bool]:
    """Whether one of several matches somewhere: those that need what the text lacks are not asked."""
    needs = [(matcher.needed, matcher) for matcher in matchers]

    def search(text: str) -> bool:
        lowered = _lowered(text)
        if lowered is None:
            return any(matcher.search(text) for matcher in matchers)
        return any(_is_found(matcher, text) for part, matcher in needs if part in lowered)

    return search


@lru_cache(maxsize=64)
def _lowered(text: str) -> str | None:
    """An ASCII text in lower case: the same one is asked by many expressions."""
    return text.lower() if text.isascii() else None


@lru_cache(maxsize=1 << 14)
def _is_found(matcher: Matcher, text: str) -> bool:
    """Events that are made from one another differ in few of their texts: the others are asked again."""
    return matcher.finds(text)


@lru_cache(maxsize=4096)
def compile_regex(pattern: str, dialect: Dialect, ignore_case: bool = False) -> Matcher:
    """Compile. The dialect ignores case its way: ASCII letters in Lucene, Unicode's simple folding elsewhere.

    Raises QuerySyntaxError for what is no pattern of the dialect, RegexNotSupported for what is not done.
    """
    node = parse_regex(pattern, dialect)
    if ignore_case:
        node = fold_ascii(node) if dialect == "lucene" else Flags("i", "", node)
    return Matcher(node)


def _linear(node: Node) -> Anything:
    """google-re2 on bytes and without groups (twice as fast each), or None where it lacks something."""
    import re2

    try:
        return _compiled(write(node, "google").encode(), never_capture=True)
    except (RegexNotSupported, re2.error, UnicodeEncodeError):
        return None


def _compiled(pattern: str | bytes, never_capture: bool = False) -> Anything:
    import re2  # many a rule has no expression

    options = re2.Options()
    options.log_errors = False
    options.never_capture = never_capture
    return re2.compile(pattern, options)
