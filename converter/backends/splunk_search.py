"""Predicates as the arguments of Splunk's `search` command.

`search` ignores case, knows one wildcard (`*`) and no regular expressions. What it cannot say goes
to `where`; a weaker search, which takes at least as much, then stays in front of it for speed.
Source: Splunk Search Reference, "search".
"""

from __future__ import annotations

import ipaddress
from typing import Any, ClassVar

from sigma.backends.splunk.splunk import SplunkBackend
from sigma.conversion.state import ConversionState

from converter.backends.conditions import Parenthesized, condition, is_caseless
from converter.ir.predicate import (
    And,
    Cidr,
    Compare,
    Constant,
    Equals,
    Exists,
    Like,
    Not,
    Or,
    Predicate,
    Wild,
)
from converter.ir.rewrite import conjunction, disjunction
from converter.lowering.fidelity import Refused


class SplunkSearch(Parenthesized, SplunkBackend):
    """The stock backend with every group in parentheses (OR and AND change places between Splunk's
    commands and its documentation), no `?` turned into `*`, and quotes around every text."""

    and_token: ClassVar[str] = " "
    escape_char: ClassVar[str] = "\\"
    add_escaped: ClassVar[str] = "\\"
    wildcard_multi: ClassVar[str] = "*"

    def escape_and_quote_field(self, field_name: str) -> str:
        """Field names with other characters than these are quoted."""
        plain = field_name.replace("_", "").replace(".", "").replace("{}", "").isalnum()
        return field_name if plain else f'"{field_name}"'

    def convert_value_str(self, s: Any, state: ConversionState) -> str:
        """Wildcards stay, `"` and the backslash are escaped; a literal `*` can't be written."""
        return quote("".join("*" if not isinstance(piece, str) else piece for piece in s.s))


_WRITER = SplunkSearch()


def write_search(predicate: Predicate) -> str:
    """The predicate as search terms; it must be `searchable`."""
    if predicate == Constant(True):
        return ""
    return str(_WRITER.convert_condition(condition(predicate, _no_script), ConversionState()))


def searchable(predicate: Predicate) -> bool:
    """Whether `search` says exactly this."""
    match predicate:
        case And(items=items) | Or(items=items):
            return all(map(searchable, items))
        case Not(item=item):
            return searchable(item)
        case Equals(value=value) if isinstance(value, str):
            return is_caseless(predicate) and "*" not in value and value != ""
        case Like(pattern=pattern):
            return is_caseless(predicate) and Wild.ONE not in pattern and not _has_star(predicate)
        case Cidr(network=network):
            return ipaddress.ip_network(network, strict=False).version == 4
        case Compare(value=value):
            return not isinstance(value, str)
    return isinstance(predicate, Exists | Equals | Constant)


def relaxed(predicate: Predicate) -> Predicate:
    """A searchable predicate that holds at least where this one does; TRUE where there is none."""
    if searchable(predicate):
        return predicate
    match predicate:
        case And(items=items):
            return conjunction(map(relaxed, items))
        case Or(items=items):
            return disjunction(map(relaxed, items))
        case Equals(field=name, value=value) if isinstance(value, str) and value != "":
            pieces = tuple(Wild.ANY if part == "*" else part for part in _split(value))
            return Like(name, pieces, True) if Wild.ANY in pieces else Equals(name, value, True)
        case Like(field=name, pattern=pattern):
            pieces = tuple(
                part
                for piece in pattern
                for part in ((Wild.ANY,) if isinstance(piece, Wild) else _split_wild(piece))
            )
            return Like(name, pieces, True)
    return Constant(True)


def quote(text: str) -> str:
    """A quoted string of `search` and `eval`."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _split(value: str) -> list[str]:
    parts: list[str] = []
    for index, part in enumerate(value.split("*")):
        if index:
            parts.append("*")
        if part:
            parts.append(part)
    return parts


def _split_wild(piece: str) -> tuple[str | Wild, ...]:
    return tuple(Wild.ANY if part == "*" else part for part in _split(piece))


def _has_star(leaf: Like) -> bool:
    return any(isinstance(piece, str) and "*" in piece for piece in leaf.pattern)


def _no_script(leaf: Predicate) -> str:
    raise Refused.because("construct", "an expression in search terms", position=leaf.pos)
