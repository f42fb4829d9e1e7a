"""Regular expressions in queries: Lucene's dialect, read where the query is read.

Elasticsearch refuses a query whose expression is none of the dialect; so is it here, with its place.
"""

from __future__ import annotations

from contextlib import suppress

from converter.ir import Regex
from converter.regex import RegexNotSupported, parse_regex
from converter.source import Position, QuerySyntaxError


def check_regex(pattern: str, at: Position | None) -> None:
    """Raises QuerySyntaxError, with the place, for what is no expression of the dialect.

    What is one, and cannot be translated, is left to the targets.
    """
    with suppress(RegexNotSupported):
        try:
            parse_regex(pattern, "lucene")
        except QuerySyntaxError as error:
            raise QuerySyntaxError(f"{error.message}: {pattern}", at) from None


def regex_leaf(field: str, pattern: str, ignore_case: bool = False, *, pos: Position | None) -> Regex:
    """The leaf that asks a field for the pattern. Raises QuerySyntaxError as :func:`check_regex`."""
    check_regex(pattern, pos)
    return Regex(field, pattern, "lucene", ignore_case, pos=pos)
