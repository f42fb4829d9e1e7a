"""What several conversions need of a leaf: its pattern in pieces, its regular expression in PCRE."""

from __future__ import annotations

from typing import Any

from converter.ir.predicate import Compare, Equals, Like, Predicate, Regex, Wild
from converter.lowering.conversions.base import Lost
from converter.regex import RegexNotSupported, confine

_SPECIAL = frozenset("\\^$.|?*+()[]{}")


def escape(text: str) -> str:
    """The text as a regular expression that means just it, in PCRE and RE2 alike; nothing needless.

    >>> escape("a.b c-d")
    'a\\\\.b c-d'
    """
    return "".join(f"\\{char}" if char in _SPECIAL else char for char in text)


def as_text(value: Any) -> str:
    """A value as maps and logs have it: what is true or false in small letters."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def pattern_of(leaf: Predicate) -> tuple[str | Wild, ...]:
    """The value of an equality or wildcard leaf, in pieces. Raises Lost for any other leaf."""
    if isinstance(leaf, Equals):
        return (as_text(leaf.value),)
    if isinstance(leaf, Like):
        return leaf.pattern
    kind = "a comparison by order" if isinstance(leaf, Compare) else type(leaf).__name__.lower()
    raise Lost("derived-field", f"{kind} on a part of the target's field")


def regex_within(leaf: Regex, excluded: str) -> str:
    """The leaf's whole-value pattern as PCRE in a group, none of whose parts takes an excluded character.

    Raises Lost where the pattern cannot be said so.
    """
    try:
        return confine(leaf.pattern, leaf.dialect, excluded)
    except RegexNotSupported as error:
        raise Lost(error.code, error.message) from None
