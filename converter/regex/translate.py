"""A pattern of one dialect in another's words, with the same meaning, or refused."""

from __future__ import annotations

from converter.regex.ast import Alternation, Dialect
from converter.regex.parse import parse_regex
from converter.regex.write import write


def translate(pattern: str, source: Dialect, target: Dialect, ignore_case: bool = False) -> str:
    """The pattern for `target` (PCRE or RE2, searched unanchored). Raises RegexNotSupported.

    Lucene's patterns are anchored at both ends: `a|b` becomes `^(?:a|b)$`.
    """
    node = parse_regex(pattern, source)
    text = write(node, target)
    if source == "lucene":
        text = f"^(?:{text})$" if isinstance(node, Alternation) else f"^{text}$"
    return f"(?i){text}" if ignore_case else text
