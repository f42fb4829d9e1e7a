"""Functions on strings: parts, case, search and replacement of plain text."""

from __future__ import annotations

import sys
from typing import Any

from converter.evaluate.kusto import text, values
from converter.evaluate.kusto.functions.registry import function
from converter.late import late

MAX_REPEAT = 1024


@function("strcat", "any... -> string", nulls=True)
def concatenate(*parts: Any) -> str:
    return "".join([values.to_text(part) for part in parts])


@function("strcat_delim", "string, any... -> string", nulls=True)
def concatenate_with(delimiter: str, *parts: Any) -> str:
    return delimiter.join(values.to_text(part) for part in parts)


@function("strcmp", "string, string -> long")
def compare(one: str, other: str) -> int:
    return (one > other) - (one < other)


@function("strlen", "string -> long", naming="strlen_")
def length(subject: str) -> int:
    """Characters (UTF-16 surrogate pairs count as one)."""
    return len(subject)


@function("string_size", "string -> long", naming="string_size_")
def size(subject: str) -> int:
    """Bytes in UTF-8."""
    return len(subject.encode("utf-8", "surrogatepass"))


@function("strrep", "string, long, [string] -> string")
def repeat_text(subject: str, count: int, delimiter: str = "") -> str:
    return delimiter.join([subject] * min(max(count, 0), MAX_REPEAT))


@function("toupper", "string -> string")
def upper(subject: str) -> str:
    return subject.upper()


@function("tolower", "string -> string")
def lower(subject: str) -> str:
    return subject.lower()


@function("reverse", "string -> string")
def reverse(subject: str) -> str:
    return subject[::-1]


@function("substring", "string, long, [long] -> string")
def substring(subject: str, start: int, count: int | None = None) -> str:
    """From a character on; a negative start counts from the end."""
    begin = start if start >= 0 else max(len(subject) + start, 0)
    if count is None:
        return subject[begin:]
    return subject[begin : begin + count] if count > 0 else ""


@function("split", "string, string, [long] -> dynamic", naming="first")
def split(subject: str, delimiter: str, index: int | None = None) -> list[str]:
    """The parts between delimiters; with an index a list of that part alone."""
    parts = subject.split(delimiter) if delimiter else [subject]
    if index is None:
        return parts
    return [parts[index]] if 0 <= index < len(parts) else []


@function("indexof", "string, string, [long], [long], [long] -> long")
def index_of(subject: str, wanted: str, start: int = 0, count: int = -1, occurrence: int = 1) -> int | None:
    """Place of the n-th occurrence, -1 without one; null for impossible arguments.

    The length bounds the search for each occurrence, from where it begins.
    """
    begin = start if start >= 0 else max(len(subject) + start, 0)
    if count < -1 or occurrence < 1:
        return None
    place = begin - 1
    for _ in range(occurrence):
        stop = len(subject) if count == -1 else place + 1 + count
        place = subject.find(wanted, place + 1, stop)
        if place < 0:
            return -1
    return place


def count_plain(subject: str, wanted: str) -> int:
    """Occurrences of a text, which may overlap."""
    if not wanted:
        return 0
    return sum(subject.startswith(wanted, place) for place in range(len(subject)))


@function("replace_string", "string, string, string -> string")
def replace_string(subject: str, wanted: str, replacement: str) -> str:
    return subject.replace(wanted, replacement) if wanted else subject


@function("replace_strings", "string, dynamic, dynamic -> string")
def replace_strings(subject: str, wanted: Any, replacements: Any) -> str | None:
    """Each text of a list replaced where it stands in the subject and no earlier one of the list overlaps.

    What is no text is not looked for; where the replacement is no text the match stays as it is.
    """
    if not isinstance(wanted, list) or not isinstance(replacements, list) or len(wanted) != len(replacements):
        return None
    taken: list[tuple[int, int, str]] = []
    for one, other in zip(wanted, replacements, strict=True):
        if not isinstance(one, str) or not one:
            continue
        new = other if isinstance(other, str) else one
        place = subject.find(one)
        while place >= 0:
            end = place + len(one)
            free = all(end <= start or stop <= place for start, stop, _ in taken)
            if free:
                taken.append((place, end, new))
            place = subject.find(one, end if free else place + 1)
    pieces: list[str] = []
    done = 0
    for start, stop, new in sorted(taken):
        pieces += [subject[done:start], new]
        done = stop
    return "".join([*pieces, subject[done:]])


@function("translate", "string, string, string -> string")
def translate(search: str, replacement: str, subject: str) -> str:
    """Character by character; the last replacement stands for all that follow, none deletes."""
    table: dict[int, str | None] = {}
    for number, character in enumerate(search):
        new = replacement[min(number, len(replacement) - 1)] if replacement else None
        table.setdefault(ord(character), new)
    return subject.translate(table)


@function("has_any_index", "string, dynamic -> long")
def has_any_index(subject: str, wanted: Any) -> int:
    """The place in the list of the first item that is a term of the text, or -1."""
    folded = text.fold(subject)
    for number, item in enumerate(wanted if isinstance(wanted, list) else []):
        if text.has(folded, text.fold(values.to_text(item))):
            return number
    return -1


@function("unicode_codepoints_from_string to_utf8", "string -> dynamic")
def codepoints_of(subject: str) -> list[int]:
    return [ord(character) for character in subject]


@function("unicode_codepoints_to_string make_string", "any... -> string", nulls=True)
def codepoints_to(*points: Any) -> str | None:
    flat: list[Any] = []
    for point in points:
        flat.extend(point if isinstance(point, list) else [point])
    if not all(isinstance(point, int) and 0 <= point <= sys.maxunicode for point in flat):
        return None
    return "".join(map(chr, flat))


@function("punycode_from_string", "string -> string")
def punycode_from(subject: str) -> str:
    return subject.encode("punycode").decode("ascii")


@function("punycode_to_string", "string -> string")
def punycode_to(subject: str) -> str | None:
    try:
        return subject.encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return None


_LABEL_DOTS = late("[.\u3002\uff0e\uff61]")
"""The characters that separate the labels of an internationalised domain name (RFC 3490, 3.1)."""


@function("punycode_domain_to_string", "string -> string")
def punycode_domain_to(subject: str) -> str:
    """The domain name encoded (its page says so, whatever the name says), each label by itself."""
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
        for label in _LABEL_DOTS.split(subject)
    )


@function("punycode_domain_from_string", "string -> string")
def punycode_domain_from(subject: str) -> str | None:
    """The encoded domain name decoded; empty where a label can't be."""
    try:
        return ".".join(
            label[4:].encode("ascii").decode("punycode") if label.lower().startswith("xn--") else label
            for label in subject.split(".")
        )
    except (UnicodeError, ValueError):
        return None
