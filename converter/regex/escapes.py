"""One character written as an escape, in PCRE and in Kusto's dialect."""

from __future__ import annotations

import string
from collections.abc import Mapping

from converter.regex.ast import Dialect
from converter.regex.cursor import Cursor

_CONTROL: Mapping[Dialect, Mapping[str, str]] = {
    "pcre": {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "a": "\a", "e": "\x1b"},
    "re2": {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "a": "\a", "v": "\v"},
}
_LENGTHS: Mapping[Dialect, Mapping[str, int]] = {"pcre": {"x": 2}, "re2": {"x": 2, "u": 4, "U": 8}}


def character(cursor: Cursor, char: str) -> str:
    """The character that `char` stands for after a backslash; the cursor is behind it. Raises SourceError."""
    dialect = cursor.dialect
    if char in _CONTROL[dialect]:
        return _CONTROL[dialect][char]
    if char in _LENGTHS[dialect]:
        return _by_number(cursor, _LENGTHS[dialect][char])
    if char == "0" and dialect == "pcre":
        return _octal(cursor)
    if char in "coN" and dialect == "pcre":
        raise cursor.not_supported(f"the escape \\{char}", "escape")
    if char in string.ascii_letters + string.digits:
        raise cursor.error(f"unknown escape \\{char}")
    if char in "<>" and dialect == "re2":
        raise cursor.not_supported(f"the start or end of a word \\{char}", "word-boundary")
    return char


def _by_number(cursor: Cursor, length: int) -> str:
    """`{...}` or as many hexadecimal digits; PCRE's `\\x` takes fewer."""
    if cursor.take("{"):
        digits = cursor.until("}")
    else:
        digits = ""
        while len(digits) < length and cursor.more() and cursor.text[cursor.at] in string.hexdigits:
            digits += cursor.next()
        if cursor.dialect == "pcre":
            digits = digits or "0"
        elif len(digits) < length:
            raise cursor.error("too few digits of a character's number")
    try:
        return chr(int(digits, 16))
    except (ValueError, OverflowError):
        raise cursor.error(f"no character has the number {digits}") from None


def _octal(cursor: Cursor) -> str:
    digits = "0"
    while len(digits) < 3 and cursor.more() and cursor.text[cursor.at] in string.octdigits:
        digits += cursor.next()
    return chr(int(digits, 8))
