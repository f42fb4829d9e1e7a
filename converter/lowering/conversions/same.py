"""`Name`: the target holds the field's value as it is.

    process.executable : "?:\\Windows\\*"   ->   Image : "?:\\Windows\\*"

Analysed text (a phrase of tokens) becomes a regular expression over the whole text.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
from collections.abc import Callable
from typing import TypeAlias

from converter.ir.predicate import FALSE, Cidr, Compare, Equals, Exists, Like, Phrase, Predicate, Regex, Wild
from converter.ir.rewrite import disjunction
from converter.lowering.conversions.base import Approximation, Context, Lost
from converter.regex import RegexNotSupported, loosen_end, translate

_WORD_ASCII = r"[0-9A-Za-z_]"


def same(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The leaf over the target's name. An address equals in each spelling that logs use for it."""
    name = context.cell.field
    if isinstance(leaf, Phrase):
        if not all(map(_can_be, leaf.tokens)):
            return FALSE
        return Regex(name, phrase_regex(leaf), "pcre", ignore_case=True, pos=leaf.pos)
    if (
        isinstance(leaf, Equals)
        and isinstance(leaf.value, str)
        and _is_spelled(leaf.field, leaf.value, context)
    ):
        return disjunction(Equals(name, text, pos=leaf.pos) for text in spellings(leaf.value))
    if isinstance(leaf, Regex):
        try:
            pattern = translate(leaf.pattern, leaf.dialect, "pcre")
        except RegexNotSupported as error:
            raise Lost(error.code, error.message) from None
        return dataclasses.replace(leaf, field=name, pattern=loosen_end(pattern), dialect="pcre")
    if isinstance(leaf, Exists | Equals | Like | Regex | Compare | Cidr):
        return dataclasses.replace(leaf, field=name)
    raise Lost("construct", f"{type(leaf).__name__} has no equivalent in the target")


def _is_spelled(ecs: str, text: str, context: Context) -> bool:
    """Whether logs spell the value in their own ways: an address, also in a field that can hold a name."""
    return context.type == "ip" or (ecs.endswith(".address") and len(spellings(text)) > 1)


def key(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """`Computer|key`: the field names the same thing by another value, good for joining only."""
    if isinstance(leaf, Equals | Like | Cidr | Regex):
        raise Lost("value-differs", f"{context.cell.field} names it by another value")
    return same(leaf, context)


def joined(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """`DeviceId|joined(ProcessId)`: two fields together name the thing, good for joining only."""
    raise Lost("value-differs", f"{context.cell.field} and {context.cell.argument} name it by other values")


def spellings(address: str) -> tuple[str, ...]:
    """The address as logs write it: IPv6 compressed (RFC 5952) and in full without leading zeros (Sysmon).

    >>> spellings("::1")
    ('::1', '0:0:0:0:0:0:0:1')
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return (address,)
    if parsed.version == 4:
        return (str(parsed),)
    full = ":".join(f"{int(group, 16):x}" for group in parsed.exploded.split(":"))
    return tuple(dict.fromkeys((parsed.compressed, full)))


def phrase_regex(phrase: Phrase) -> str:
    """The tokens next to each other, as the standard analyzer finds them in a text.

    A `.`, `:` or `'` between two letters does not end a word, nor a `.`, `,`, `;` or `'` between two digits
    (Unicode Standard Annex #29, rules WB6, WB7, WB11 and WB12). Letters beyond ASCII are taken as separators.
    """
    found = [_token(token) for token in phrase.tokens]
    if len(found) == 1 and not isinstance(phrase.tokens[0], str):
        return _whole(phrase.tokens[0])
    ends = [(_kind(token, 0), _kind(token, -1)) for token in phrase.tokens]
    pieces = [_before(ends[0][0]), found[0]]
    for (_, left), (right, _), text in zip(ends, ends[1:], found[1:], strict=False):
        pieces += [_between(left, right), text]
    return "".join([*pieces, _after(ends[-1][1])])


_INSIDE = {"A-Za-z": ".:'", "0-9": ".,;'"}
"""Letters or digits: what between two of them does not end a word."""


def _kind(token: str | tuple[str | Wild, ...], place: int) -> str:
    """Of what kind a token's first or last character is: letters, digits, or nothing that joins words."""
    end = token if isinstance(token, str) else token[place]
    if isinstance(end, Wild):
        return ""
    char = end[place]
    return "0-9" if char.isdigit() else "A-Za-z" if char.isalpha() else ""


def _before(kind: str) -> str:
    if not kind:
        return r"(?:^|[^0-9A-Za-z_])"
    inside = _INSIDE[kind]
    return rf"(?:^|[^0-9A-Za-z_{inside}]|(?:^|[^{kind}])[{inside}])"


def _after(kind: str) -> str:
    if not kind:
        return r"(?:[^0-9A-Za-z_]|$)"
    inside = _INSIDE[kind]
    return rf"(?:[^0-9A-Za-z_{inside}]|[{inside}](?:[^{kind}]|$)|$)"


def _between(left: str, right: str) -> str:
    """What separates two words: anything but what joins them into one."""
    if not left or left != right:
        return r"[^0-9A-Za-z_]+"
    inside = _INSIDE[left]
    return rf"(?:[^0-9A-Za-z_{inside}]|[{inside}][^0-9A-Za-z_])[^0-9A-Za-z_]*"


def _can_be(token: str | tuple[str | Wild, ...]) -> bool:
    """Whether the analyzer can find such a token: a `-` is in none, a `.` between two letters or digits."""
    chars = [char for piece in token for char in (piece if isinstance(piece, str) else (piece,))]
    places = zip([" ", *chars], chars, [*chars[1:], " "], strict=False)
    return all(_joins(before, char, after) for before, char, after in places)


def _joins(before: str | Wild, char: str | Wild, after: str | Wild) -> bool:
    if isinstance(char, Wild) or char.isalnum() or char == "_" or not char.isascii():
        return True
    sides = [_kind(one, 0) for one in (before, after) if isinstance(one, str)]
    return any(char in inside and all(side == kind for side in sides) for kind, inside in _INSIDE.items())


_RUNS = {kind: f"[{kind}]+(?:[{inside}][{kind}]+)*" for kind, inside in _INSIDE.items()}
"""Letters or digits with what stands between two of them."""
_WITHIN = f"(?:{'|'.join(_RUNS.values())}|_)*"


def _whole(pieces: tuple[str | Wild, ...]) -> str:
    """A word with wildcards; of what kind a `?` at its end is decides what may stand beside it."""
    first, last = (one is Wild.ONE and len(pieces) > 1 for one in (pieces[0], pieces[-1]))
    inner = _token(pieces)
    start, end = _before(_kind(pieces, 0)), _after(_kind(pieces, -1))
    if first:
        chars = _wild(Wild.ONE, ("", False), _beside(pieces[1], 0))
        inner, start = inner[len(chars) :], _either(_before, chars, False)
    if last:
        chars = _wild(Wild.ONE, _beside(pieces[-2], -1), ("", False))
        inner, end = inner[: -len(chars)], _either(_after, chars, True)
    return start + inner + end


def _either(beside: Callable[[str], str], chars: str, behind: bool) -> str:
    """One of the characters with what may stand beside its kind."""
    kinds = [kind for kind in (*_INSIDE, "_") if kind in chars]
    sides = [(f"[{kind}]" if kind != "_" else kind, beside(kind if kind != "_" else "")) for kind in kinds]
    return f"(?:{'|'.join(char + side if behind else side + char for char, side in sides)})"


def _token(token: str | tuple[str | Wild, ...]) -> str:
    pieces = (token,) if isinstance(token, str) else token
    around = ("", *pieces, "")
    return "".join(
        re.escape(piece) if isinstance(piece, str) else _wild(piece, _beside(before, -1), _beside(after, 0))
        for before, piece, after in zip(around, pieces, around[2:], strict=False)
    )


Beside: TypeAlias = tuple[str, bool]
"""What stands beside a wildcard: of what kind, and whether one of the characters that join two of a kind."""


def _beside(piece: str | Wild, place: int) -> Beside:
    if isinstance(piece, Wild) or not piece:
        return "", False
    kind = _kind(piece, place)
    inner = _kind(piece[1:] if place == 0 else piece[:-1], place) if len(piece) > 1 and not kind else ""
    return (inner, True) if inner and piece[place] in _INSIDE[inner] else (kind, False)


def _wild(wild: Wild, before: Beside, after: Beside) -> str:
    """What a wildcard between such characters takes of a token.

    >>> _wild(Wild.ONE, ("A-Za-z", False), ("A-Za-z", False))
    "[0-9A-Za-z_.:']"
    """
    (left, joined), (right, joins) = before, after
    if wild is Wild.ONE:
        free = left == right and left and not joined and not joins
        return f"[{left}]" if joined else f"[{right}]" if joins else _one(left if free else "")
    start = _RUNS[left] if joined else f"(?:[{_INSIDE[left]}][{left}]+)*" if left else ""
    if not right:
        return start + _WITHIN
    end = _RUNS[right] if joins else f"(?:{_RUNS[right]}[{_INSIDE[right]}])?"
    if left != right:
        return f"(?:{start}{_WITHIN}{end})"
    joiner = "" if joined or joins else f"[{_INSIDE[left]}]"
    short = (
        f"(?:{_RUNS[left]}[{_INSIDE[left]}])?" if joined and not joins else "" if joined else start + joiner
    )
    return f"(?:{start}{_WITHIN}{end}|{short})"


def _one(kind: str) -> str:
    return f"[0-9A-Za-z_{_INSIDE[kind]}]" if kind else _WORD_ASCII
