"""Small changes inside of string literals: values, wildcards, regular expressions.

The literals are changed as they are spelled, between their quotes; what stands behind a backslash stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from converter.harness.mutation.edit import Edit

_WORD = re.compile(r"(?<![\\?\w%])[A-Za-z0-9]{2,}")
_ANY = re.compile(r"(?<=[\w.:/-])(?:(?<!\\)\.\*|\[\^(?:[^\]\\]|\\.)+\][*+])(?=[\w\\:/-])")
"""Any text between two literal characters; at a pattern's end it says little."""
_START = re.compile(r"(?<![\[\\])\^")
_END = re.compile(r"(?<!\\)\$")
_CHOICE = re.compile(r"(?<!\\)\((?:\?:)?((?:[^()\[\]\\]|\\[^()])*\|(?:[^()\[\]\\]|\\[^()])*)\)")
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


def value_edits(spelled: str, start: int) -> Iterator[Edit]:
    """Another letter or digit in the value; the value's first word, and its last."""
    words = list(_WORD.finditer(spelled))
    if not words and (single := re.search(r"(?<!\\)[A-Za-z0-9]", spelled)):
        yield _replaced("value", single, start, _other(single[0]))
    for word in dict.fromkeys((words[0], words[-1]) if words else ()):
        at = start + word.end() - 1
        yield Edit("value", at, at + 1, _other(word[0][-1]))


def wildcard_edits(spelled: str, start: int, any_text: str = "*") -> Iterator[Edit]:
    """A wildcard at an end dropped, or one put there; one inside dropped."""
    end = start + len(spelled)
    if not spelled:
        return
    if spelled.strip(f"{any_text}?"):
        if spelled.startswith(any_text):
            yield Edit("wildcard", start, start + 1, "")
        else:
            yield Edit("wildcard", start, start, any_text)
        if spelled.endswith(any_text) and not spelled.endswith("\\" + any_text):
            yield Edit("wildcard", end - 1, end, "")
        elif not spelled.endswith("\\"):
            yield Edit("wildcard", end, end, any_text)
    inside = spelled.find(any_text, 1, len(spelled) - 1)
    if inside > 0 and spelled[inside - 1] != "\\":
        yield Edit("wildcard", start + inside, start + inside + 1, "")


def expression_edits(spelled: str, start: int, case: bool = True) -> Iterator[Edit]:
    """A regular expression: values, anchors, repeats, alternatives, and (in Splunk and Kusto) the case."""
    yield from value_edits(spelled, start)
    if case and is_lettered(spelled):
        if flags := _FLAGS.match(spelled):
            rest = flags["before"] + flags["behind"]
            yield Edit("case", start, start + flags.end(), f"(?{rest})" if rest else "")
        else:
            yield Edit("case", start, start, _IGNORE_CASE)
    for anchor in (_START, _END):
        found = [one for one in anchor.finditer(spelled) if not _says_nothing(spelled, one)]
        for one in dict.fromkeys((found[0], found[-1]) if found else ()):
            yield _replaced("anchor", one, start, "")
    repeats = list(_ANY.finditer(spelled))
    for one in repeats[-2:]:
        yield _replaced("wildcard", one, start, "." if one[0] == ".*" else ".*")
    for choice in _CHOICE.finditer(spelled):
        at = start + choice.start(1)
        yield from _shortened(choice[1], at)


def is_lettered(spelled: str) -> bool:
    """Whether an expression has letters of which the case may matter."""
    return any(char.lower() != char.upper() for char in _CASELESS.sub("", spelled))


def _says_nothing(spelled: str, anchor: re.Match[str]) -> bool:
    """Whether the anchor stands where any text does, or beside what goes on as long as it can."""
    if _ANY_CHARACTER.fullmatch(spelled):
        return True
    before, behind = spelled[: anchor.start()], spelled[anchor.end() :]
    return bool(_TO_A_SPACE.search(before) and behind.startswith(")")) or bool(
        before.endswith("(?:") and _FROM_A_SPACE.match(behind)
    )


def _shortened(alternatives: str, start: int) -> Iterator[Edit]:
    """One alternative less."""
    parts = alternatives.split("|")
    at = start
    for number, part in enumerate(parts):
        first, last = at, at + len(part)
        yield Edit("element", first - (number > 0), last + (number == 0), "")
        at = last + 1


def _replaced(kind: str, found: re.Match[str], start: int, after: str) -> Edit:
    return Edit(kind, start + found.start(), start + found.end(), after)


def _other(char: str) -> str:
    """Another character of the same sort, that is not the same without case either."""
    if char.isdigit():
        return str((int(char) + 1) % 10)
    return "q" if char in "zZ" else "z"
