"""`[...]` and the shorthands for classes of characters, each dialect's own."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping

from converter.regex.ast import Class, Dialect
from converter.regex.characters import HORIZONTAL, LUCENE_SPACE, POSIX, VERTICAL, complement
from converter.regex.cursor import Cursor
from converter.regex.escapes import character

SHORTHANDS: Mapping[Dialect, Mapping[str, Class]] = {
    "lucene": {
        "d": Class(shorthands=("d",)),
        "D": Class(shorthands=("D",)),
        "w": Class(shorthands=("w",)),
        "W": Class(shorthands=("W",)),
        "s": Class(LUCENE_SPACE),
        "S": Class(LUCENE_SPACE, negated=True),
    },
    "pcre": {
        **{sign: Class(shorthands=(sign,)) for sign in "dDwWsS"},
        "h": Class(HORIZONTAL),
        "H": Class(HORIZONTAL, negated=True),
        "v": Class(VERTICAL),
        "V": Class(VERTICAL, negated=True),
        "N": Class((("\n", "\n"),), negated=True),
    },
    "re2": {sign: Class(shorthands=("u" + sign,)) for sign in "dDwWsS"},
}

_PLAIN = re.compile(r"([^\\\[\]\-&~])(?:-([^\\\[\]\-&~])|(?!-))")
"""A character or a range that stands for itself, as nearly all that a class of PCRE or Kusto holds."""


def shorthand(cursor: Cursor, char: str) -> Class | None:
    """The class that `char` stands for after a backslash, or None; the cursor is behind it."""
    found = SHORTHANDS[cursor.dialect].get(char)
    if found is not None and not (char == "N" and cursor.peek("{")):
        return found
    if char in "pP" and cursor.dialect != "lucene":
        name = "{" + cursor.until("}") + "}" if cursor.take("{") else cursor.next()
        return Class(shorthands=(f"\\{char}{name}",))
    return None


def bracket_class(cursor: Cursor) -> Class:
    """The class whose `[` was just taken. Raises SourceError."""
    return _lucene(cursor) if cursor.dialect == "lucene" else _perl(cursor)


def _lucene(cursor: Cursor) -> Class:
    """Every character but `]` behind the first one stands for itself; a `-` after one makes a range."""
    negated = cursor.take("^")
    members: list[Class] = []
    while not members or not cursor.peek("]"):
        if cursor.peek("\\") and (
            found := SHORTHANDS["lucene"].get(cursor.text[cursor.at + 1 : cursor.at + 2])
        ):
            cursor.at += 2
            members.append(found)
            continue
        low = lucene_character(cursor)
        members.append(Class((_range(cursor, low, lucene_character(cursor) if cursor.take("-") else low),)))
    cursor.at += 1
    return _union(members, negated)


def lucene_character(cursor: Cursor) -> str:
    """A character, behind a backslash or not; a letter behind one is an error in Lucene."""
    char = cursor.next()
    if char != "\\":
        return char
    char = cursor.next()
    if char in string.ascii_letters:
        raise cursor.error(f"unknown escape \\{char}")
    return char


def _perl(cursor: Cursor) -> Class:
    negated = cursor.take("^")
    members: list[Class] = []
    while not members or not cursor.peek("]"):
        if (plain := _PLAIN.match(cursor.text, cursor.at)) is not None:
            cursor.at = plain.end()
            members.append(Class((_range(cursor, plain[1], plain[2] or plain[1]),)))
            continue
        if cursor.peek("[:") and ":]" in cursor.text[cursor.at :]:
            members.append(_posix(cursor))
            continue
        _no_set_operation(cursor)
        low = _member(cursor)
        if isinstance(low, str) and cursor.peek("-") and not cursor.peek("-]"):
            cursor.at += 1
            high = _member(cursor)
            if not isinstance(high, str):
                raise cursor.not_supported("a range that ends in a class", "class-range")
            low = Class((_range(cursor, low, high),))
        members.append(Class(((low, low),)) if isinstance(low, str) else low)
    cursor.at += 1
    return _union(members, negated)


def _no_set_operation(cursor: Cursor) -> None:
    """Kusto's classes can hold others and be intersected; PCRE takes these signs as characters."""
    if cursor.dialect == "re2" and any(cursor.peek(sign) for sign in ("[", "&&", "--", "~~")):
        raise cursor.not_supported("a set operation in a class", "class-set")


def _member(cursor: Cursor) -> str | Class:
    char = cursor.next()
    if char != "\\":
        return char
    char = cursor.next()
    found = shorthand(cursor, char)
    if found is not None:
        return found
    if char == "b" and cursor.dialect == "pcre":
        return "\b"
    if char in string.digits[1:] and cursor.dialect == "pcre":
        raise cursor.not_supported("an octal escape in a class", "escape")
    return character(cursor, char)


def _posix(cursor: Cursor) -> Class:
    cursor.at += 2
    name = cursor.until(":]")
    ranges = POSIX.get(name.removeprefix("^"))
    if ranges is None:
        raise cursor.error(f"unknown class [:{name}:]")
    return Class(complement(ranges) if name.startswith("^") else ranges)


def _range(cursor: Cursor, low: str, high: str) -> tuple[str, str]:
    if high < low:
        raise cursor.error("a range of characters that ends before it starts")
    return low, high


def _union(members: list[Class], negated: bool) -> Class:
    ranges = [
        piece
        for member in members
        for piece in (complement(member.ranges) if member.negated else member.ranges)
    ]
    return Class(tuple(ranges), tuple(sign for member in members for sign in member.shorthands), negated)
