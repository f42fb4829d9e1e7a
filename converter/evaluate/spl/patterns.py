"""Text patterns: `*` wildcards, `like`, and regular expressions with the places of their matches.

No pattern takes more than linear time but for regular expressions that only a backtracking engine
knows; those have the time limit of `converter.regex`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from converter.regex import compile_regex

TextTest = Callable[[str], bool]


def glob_test(pattern: str) -> TextTest:
    """A test whether a text is `pattern`, in which `*` stands for any characters."""
    if "*" not in pattern:
        return lambda value: value == pattern
    first, *middle, last = pattern.split("*")
    middle = [piece for piece in middle if piece]

    def test(value: str) -> bool:
        if not value.startswith(first) or not value.endswith(last) or len(value) < len(first) + len(last):
            return False
        offset, end = len(first), len(value) - len(last)
        for piece in middle:
            offset = value.find(piece, offset, end)
            if offset < 0:
                return False
            offset += len(piece)
        return True

    return test


@lru_cache(maxsize=1024)
def like_test(pattern: str) -> TextTest:
    """SQL's LIKE: `%` for any characters, `_` for one; a backslash makes the next of these a letter."""
    parts = re.findall(r"\\[%_\\]|%|_|[^%_\\]+|\\", pattern)
    names = {"%": r"[\s\S]*", "_": r"[\s\S]"}
    body = "".join(
        names.get(part) or re.escape(part[1:] if len(part) == 2 and part[0] == "\\" else part)
        for part in parts
    )
    return compile_regex(body, "pcre").fullmatch


class Found:
    """One match: its place, and its groups by name and number."""

    __slots__ = ("end", "groups", "names", "start")

    def __init__(self, start: int, end: int, groups: tuple[str | None, ...], names: Mapping[str, str | None]):
        self.start = start
        self.end = end
        self.groups = groups
        self.names = names


def finder(pattern: str) -> Callable[[str], Iterator[Found]]:
    """All matches of a PCRE, one after the other. Raises SourceError for what is no such expression."""
    matcher = compile_regex(pattern, "pcre")
    return lambda value: map(_found, matcher.finditer(value))


def tester(pattern: str) -> Callable[[str], bool]:
    """Whether a PCRE matches somewhere in a text. Raises SourceError for what is no such expression."""
    return compile_regex(pattern, "pcre").search


def _found(match: re.Match[str]) -> Found:
    return Found(match.start(), match.end(), (match.group(), *match.groups()), match.groupdict())


@lru_cache(maxsize=4096)
def substituted(value: str, pattern: str, replacement: str, first_only: bool = False) -> str:
    """Each match replaced; `\\1` stands for what the first group took."""
    characters = (
        None if first_only or "\\" in replacement else compile_regex(pattern, "pcre").characters(value)
    )
    if characters is not None:
        return value.translate(dict.fromkeys(map(ord, characters), replacement))
    pieces: list[str] = []
    done = 0
    for found in finder(pattern)(value):
        pieces.append(value[done : found.start])
        pieces.append(_filled(replacement, found))
        done = found.end
        if first_only:
            break
    return "".join([*pieces, value[done:]])


def _filled(replacement: str, found: Found) -> str:
    def group(reference: re.Match[str]) -> str:
        number = int(reference.group(1))
        return (found.groups[number] or "") if number < len(found.groups) else ""

    return re.sub(r"\\(\d)", group, replacement)
