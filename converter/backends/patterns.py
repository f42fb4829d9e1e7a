"""Wildcard patterns and regular expressions as both targets write them."""

from __future__ import annotations

import re
from typing import Any

from converter.ir.value import Literal_, Value
from converter.late import late
from converter.lowering.conversions.pieces import escape
from converter.lowering.fidelity import Refused
from converter.regex import RegexNotSupported, loosen_end, parse_regex, strict_end, translate
from converter.regex.lookahead import without_lookahead
from converter.regex.possessive import without_possessive
from converter.regex.write import write

_ESCAPED = re.compile(r"\\.", re.DOTALL)
_DOLLAR = late(r"\\(.)|\$(\d)|\$")


def pattern_regex(pieces: tuple[Any, ...]) -> str:
    """A wildcard pattern as an anchored regular expression; needless `.*` at the ends are left out."""
    if not pieces:
        return "^$"
    names = {"WILDCARD_MULTI": ".*", "WILDCARD_SINGLE": "."}
    parts = [escape(piece) if isinstance(piece, str) else names[piece.name] for piece in pieces]
    start = "" if parts[0] == ".*" else "^"
    end = "" if parts[-1] == ".*" else "$"
    body = "".join(parts[(not start) : len(parts) - (not end)])
    return f"{start}{body}{end}"


def flags(regex: str, ignore_case: bool) -> str:
    """The flags in front of an expression of `pattern_regex`: a wildcard takes line feeds too.

    >>> flags("^a.*b$", True), flags("\\\\.exe$", False)
    ('(?is)', '')
    """
    letters = "i" * ignore_case + "s" * ("." in _ESCAPED.sub("", regex))
    return f"(?{letters})" if letters else ""


def to_pcre(pattern: str, dialect: str, at: Value) -> str:
    """A pattern of Lucene's dialect (whole value) or of Java's (anywhere) in PCRE. Raises Refused."""
    try:
        if dialect == "lucene":
            return loosen_end(translate(pattern, "lucene", "pcre"))
        return translate(pattern, "pcre", "pcre")
    except RegexNotSupported as error:
        raise Refused.because(error.code, error.message, position=at.pos) from None


def to_re2(pattern: str, dialect: str, at: Value) -> str:
    """The same in RE2's dialect. Raises Refused for look-around and back-references."""
    try:
        node = parse_regex(to_pcre(pattern, dialect, at), "pcre")
        text = write(without_possessive(without_lookahead(node)), "pcre")
        return translate(strict_end(text), "pcre", "re2")
    except RegexNotSupported as error:
        raise Refused.because(error.code, error.message, position=at.pos) from None


def replacement(text: Literal_, at: Value) -> str:
    """Java's replacement text, `$1` for a group, as `\\1`. Raises Refused for other signs in it."""

    def change(match: re.Match[str]) -> str:
        escaped, group = match.groups()
        if escaped in ("\\", "$"):
            return "\\\\" if escaped == "\\" else "$"
        if group is None:
            raise Refused.because("script", f"the replacement text {text.value!r}", position=at.pos)
        return f"\\{group}"

    return _DOLLAR.sub(change, str(text.value))
