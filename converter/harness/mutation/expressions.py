"""Regular expressions changed one step at a time, as they are spelled in a literal.

    (?i)\\\\(?:cmd|pwsh)\\.exe$  ->  (?i)\\\\(?:cmd)\\.exe$  (?i)\\\\(?:cmd|pwsz)\\.exe$  \\\\(?:cmd|pwsh)...

Groups and classes are told by their signs, not by a tree: what is not changed stays as it is spelled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from converter.harness.mutation.edit import Edit
from converter.harness.mutation.texts import other

_ESCAPED = r"\\\\(?:[xpP]\{\w+\}|\\.|[^\\])"
"""A backslash of the expression and what stands behind it, in a literal that spells a backslash as two."""
_PLAIN = r"\\(?:[xpP]\{\w+\}|.)"
_SIGNS = r"""
    (?P<class>\[\^?\]?(?:%(escape)s|\\.|[^\]\\])*\])
  | (?P<escape>%(escape)s)
  | (?P<flags>\(\?[a-z-]+\))
  | (?P<open>\((?:\?(?:P?<\w+>|<[=!]|[=!>]|[a-z-]*:))?)
  | (?P<close>\))
  | (?P<bar>\|)
  | (?P<start>\^)
  | (?P<end>\$)
  | (?P<repeat>(?:[*+?]|\{\d+(?:,\d*)?\})[?+]?)
  | (?P<any>\.)
  | (?P<word>[A-Za-z0-9]+)
  | (?P<char>\\.|.)
"""
_IGNORE_CASE = "(?i)"
_CASELESS = re.compile(r"\\+x\{[0-9a-f]+\}|\\+.|\(\?\w+|A-Za-z|a-zA-Z")
"""What of an expression is no letter of which the case may matter."""
_NO_SPACE = r"(?:\\+S|\[\^\\t-\\r \])\*"
_SPACE = r"(?:\\+s|\[\\t-\\r \])"
_TO_A_SPACE = re.compile(rf"{_NO_SPACE}\(\?:{_SPACE}\|$")
_FROM_A_SPACE = re.compile(rf"\|{_SPACE}\){_NO_SPACE}")
"""`\\S*(?:\\s|$)`, `(?:^|\\s)\\S*`: what has no space in it always ends at one, or at the text's end."""
_ANY_CHARACTER = re.compile(r"(?:\(\?\w+\))?\^\.")
_FLAGS = re.compile(r"\(\?(?P<before>[a-z]*)i(?P<behind>[a-z]*)\)")
"""The flags at an expression's start, where the case of letters does not matter."""


class _Sign(NamedTuple):
    kind: str
    start: int
    end: int


_PATTERNS = {
    escaped: re.compile(_SIGNS % {"escape": escape}, re.VERBOSE | re.DOTALL)
    for escaped, escape in ((True, _ESCAPED), (False, _PLAIN))
}


def _signs(spelled: str, escaped: bool) -> list[_Sign]:
    """The signs of the expression, without the groups that it repeats no times: these say nothing."""
    signs: list[_Sign] = []
    opened: list[int] = []
    for found in _PATTERNS[escaped].finditer(spelled):
        sign = _Sign(found.lastgroup or "", *found.span())
        closed = bool(opened and signs and signs[-1].kind == "close")
        if sign.kind == "repeat" and closed and spelled[sign.start :].startswith("{0}"):
            del signs[opened[-1] :]
            continue
        if closed:
            opened.pop()
        if sign.kind == "open":
            opened.append(len(signs))
        signs.append(sign)
    return signs


def expression_edits(spelled: str, start: int, case: bool = True, escaped: bool = True) -> Iterator[Edit]:
    """A regular expression: values, anchors, repeats, alternatives, and (in Splunk and Kusto) the case.

    `escaped`: the literal spells a backslash as two.
    """
    signs = _signs(spelled, escaped)
    branches = list(_choices(signs, len(spelled)))
    yield from _values(spelled, start, signs, branches)
    if case and is_lettered(spelled):
        if flags := _FLAGS.match(spelled):
            rest = flags["before"] + flags["behind"]
            yield Edit("case", start, start + flags.end(), f"(?{rest})" if rest else "")
        else:
            yield Edit("case", start, start, _IGNORE_CASE)
    for sign in signs:
        if sign.kind in ("start", "end") and not _says_nothing(spelled, sign):
            yield Edit("anchor", start + sign.start, start + sign.end, "")
    yield from _gaps(spelled, start, signs)
    for places in branches:
        for number, (first, last) in enumerate(places):
            yield Edit("element", start + first - (number > 0), start + last + (number == 0), "")


def is_lettered(spelled: str) -> bool:
    """Whether an expression has letters of which the case may matter."""
    return any(char.lower() != char.upper() for char in _CASELESS.sub("", spelled))


def _choices(signs: Iterable[_Sign], length: int) -> Iterator[Sequence[tuple[int, int]]]:
    """Where the alternatives of each choice stand, inner ones first."""
    opened: list[list[int]] = [[0]]
    for sign in signs:
        if sign.kind == "open":
            opened.append([sign.end])
        elif sign.kind == "bar":
            opened[-1].append(sign.end)
        elif sign.kind == "close" and len(opened) > 1:
            yield from _parted(opened.pop(), sign.start)
    yield from _parted(opened[0], length)


def _parted(begins: list[int], end: int) -> Iterator[Sequence[tuple[int, int]]]:
    if len(begins) > 1:
        yield list(zip(begins, [begin - 1 for begin in begins[1:]] + [end], strict=True))


def _values(
    spelled: str, start: int, signs: Iterable[_Sign], branches: Iterable[Sequence[tuple[int, int]]]
) -> Iterator[Edit]:
    """Another letter or digit in the first word, in the last one, and in those of each alternative."""
    found = [sign for sign in signs if sign.kind == "word"]
    words = [sign for sign in found if sign.end - sign.start > 1] or found[:1]
    parts = [(0, len(spelled)), *(part for choice in branches for part in choice)]
    chosen: dict[_Sign, None] = {}
    for first, last in parts:
        inside = [word for word in words if first <= word.start and word.end <= last]
        chosen |= dict.fromkeys((inside[0], inside[-1]) if inside else ())
    for word in chosen:
        at = start + word.end - 1
        yield Edit("value", at, at + 1, other(spelled[word.end - 1]))


def _gaps(spelled: str, start: int, signs: Sequence[_Sign]) -> Iterator[Edit]:
    """Any text between two literal characters; at a pattern's end it says little."""
    literal = ("word", "char", "escape")
    for place, (gap, repeat) in enumerate(pairwise(signs)):
        around = (*signs[max(0, place - 1) : place], *signs[place + 2 : place + 3])
        between = len(around) == 2 and all(sign.kind in literal for sign in around)
        negated = gap.kind == "class" and spelled[gap.start + 1] == "^"
        repeated = repeat.kind == "repeat" and spelled[repeat.start] in "*+"
        if between and repeated and (gap.kind == "any" or negated):
            after = "." if gap.kind == "any" else ".*"
            yield Edit("wildcard", start + gap.start, start + repeat.end, after)


def _says_nothing(spelled: str, anchor: _Sign) -> bool:
    """Whether the anchor stands where any text does, or beside what goes on as long as it can."""
    if _ANY_CHARACTER.fullmatch(spelled):
        return True
    before, behind = spelled[: anchor.start], spelled[anchor.end :]
    return bool(_TO_A_SPACE.search(before) and behind.startswith(")")) or bool(
        before.endswith("(?:") and _FROM_A_SPACE.match(behind)
    )
