"""Small changes inside of string literals: values, wildcards.

The literals are changed as they are spelled, between their quotes; what stands behind a backslash stays.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from converter.harness.mutation.edit import Edit

_WORD = re.compile(r"(?<![\\?\w%])[A-Za-z0-9]{2,}")


def value_edits(spelled: str, start: int) -> Iterator[Edit]:
    """Another letter or digit in the value; the value's first word, and its last."""
    words = list(_WORD.finditer(spelled))
    if not words and (single := re.search(r"(?<!\\)[A-Za-z0-9]", spelled)):
        yield Edit("value", start + single.start(), start + single.end(), other(single[0]))
    for word in dict.fromkeys((words[0], words[-1]) if words else ()):
        at = word.end() - 1
        changed = other(spelled[at])
        if not _is_same_network(spelled, spelled[:at] + changed + spelled[at + 1 :]):
            yield Edit("value", start + at, start + at + 1, changed)


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


def other(char: str) -> str:
    """Another character of the same sort, that is not the same without case either."""
    if char.isdigit():
        return str((int(char) + 1) % 10)
    return "q" if char in "zZ" else "z"


def _is_same_network(*spelled: str) -> bool:
    """Whether the texts are one network: of `fe80::/10` only ten bits tell."""
    try:
        return len({ipaddress.ip_network(one, strict=False) for one in spelled}) == 1
    except ValueError:
        return False
