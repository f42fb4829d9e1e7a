"""Sets of characters as inclusive ranges: the shorthands of each dialect, POSIX classes, complements.

Sources: PCRE2's pattern documentation (`\\d \\s \\w` are ASCII without UCP; `\\s` holds VT since 8.34),
Lucene's RegExp (`\\s` is space, TAB, LF, CR), Kusto's "Regex syntax" (`\\d \\s \\w` by Unicode properties).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Range = tuple[str, str]
Ranges = tuple[Range, ...]

LAST = chr(0x10FFFF)

DIGIT: Ranges = (("0", "9"),)
WORD: Ranges = (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z"))
SPACE: Ranges = (("\t", "\r"), (" ", " "))
LUCENE_SPACE: Ranges = (("\t", "\n"), ("\r", "\r"), (" ", " "))
HORIZONTAL: Ranges = (
    ("\t", "\t"),
    (" ", " "),
    ("\xa0", "\xa0"),
    ("\u1680", "\u1680"),
    ("\u180e", "\u180e"),
    ("\u2000", "\u200a"),
    ("\u202f", "\u202f"),
    ("\u205f", "\u205f"),
    ("\u3000", "\u3000"),
)
VERTICAL: Ranges = (("\n", "\r"), ("\x85", "\x85"), ("\u2028", "\u2029"))
WHITE_SPACE: Ranges = (
    ("\t", "\r"),
    (" ", " "),
    ("\x85", "\x85"),
    ("\xa0", "\xa0"),
    ("\u1680", "\u1680"),
    ("\u2000", "\u200a"),
    ("\u2028", "\u2029"),
    ("\u202f", "\u202f"),
    ("\u205f", "\u205f"),
    ("\u3000", "\u3000"),
)
"""Unicode's White_Space."""
JOINED: Ranges = (
    ("\u200c", "\u200d"),
    ("\u24b6", "\u24e9"),
    ("\U0001f130", "\U0001f149"),
    ("\U0001f150", "\U0001f169"),
    ("\U0001f170", "\U0001f189"),
)
"""What Unicode's word characters have besides letters, marks, numbers and connectors."""
WORD_CATEGORIES = ("L", "M", "Nl", "Nd", "Pc")

POSIX: Mapping[str, Ranges] = {
    "alpha": (("A", "Z"), ("a", "z")),
    "digit": DIGIT,
    "alnum": (("0", "9"), ("A", "Z"), ("a", "z")),
    "upper": (("A", "Z"),),
    "lower": (("a", "z"),),
    "punct": (("!", "/"), (":", "@"), ("[", "`"), ("{", "~")),
    "space": SPACE,
    "blank": (("\t", "\t"), (" ", " ")),
    "cntrl": (("\0", "\x1f"), ("\x7f", "\x7f")),
    "graph": (("!", "~"),),
    "print": ((" ", "~"),),
    "ascii": (("\0", "\x7f"),),
    "xdigit": (("0", "9"), ("A", "F"), ("a", "f")),
    "word": WORD,
}
ASCII_SHORTHANDS: Mapping[str, Ranges] = {"d": DIGIT, "w": WORD, "s": SPACE}


def complement(ranges: Iterable[Range]) -> Ranges:
    """All characters outside of the ranges."""
    found: list[Range] = []
    start = 0
    for low, high in sorted(ranges):
        if ord(low) > start:
            found.append((chr(start), chr(ord(low) - 1)))
        start = max(start, ord(high) + 1)
    if start <= ord(LAST):
        found.append((chr(start), LAST))
    return tuple(found)


def both_cases(ranges: Iterable[Range]) -> Ranges:
    """The ranges with the other case of each ASCII letter in them."""
    found: list[Range] = []
    for low, high in ranges:
        found.append((low, high))
        for first, last, shift in (("A", "Z", 32), ("a", "z", -32)):
            start, end = max(low, first), min(high, last)
            if start <= end:
                found.append((chr(ord(start) + shift), chr(ord(end) + shift)))
    return merged(found)


def merged(ranges: Iterable[Range]) -> Ranges:
    """The same characters in order, in as few ranges as can be."""
    found: list[Range] = []
    for low, high in sorted(ranges):
        if found and ord(low) <= ord(found[-1][1]) + 1:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return tuple(found)
