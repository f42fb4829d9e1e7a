"""`Name`: the target holds the field's value as it is.

    process.executable : "?:\\Windows\\*"   ->   Image : "?:\\Windows\\*"

Analysed text (a phrase of tokens) becomes a regular expression over the whole text.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re

from converter.ir.predicate import Cidr, Compare, Equals, Exists, Like, Phrase, Predicate, Regex, Wild
from converter.ir.rewrite import disjunction
from converter.lowering.conversions.base import Approximation, Context, Lost
from converter.regex import RegexNotSupported, loosen_end, translate

_WORD_ASCII = r"[0-9A-Za-z_]"


def same(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The leaf over the target's name. An address equals in each spelling that logs use for it."""
    name = context.cell.field
    if isinstance(leaf, Phrase):
        return Regex(name, phrase_regex(leaf), "pcre", ignore_case=True, pos=leaf.pos)
    if isinstance(leaf, Equals) and context.type == "ip" and isinstance(leaf.value, str):
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


def _token(token: str | tuple[str | Wild, ...]) -> str:
    pieces = (token,) if isinstance(token, str) else token
    wild = {Wild.ANY: f"{_WORD_ASCII}*", Wild.ONE: _WORD_ASCII}
    return "".join(wild[piece] if isinstance(piece, Wild) else re.escape(piece) for piece in pieces)
