"""What the readers of Kibana's and Elasticsearch's query texts share: places, depth, and syntax errors."""

from __future__ import annotations

import re
from collections.abc import Mapping

from converter.kept.nodes import Token, Unexpected
from converter.source import Position, QuerySyntaxError

MAX_LENGTH = 250_000
"""Longer texts are refused: no rule comes near, and a parser's work grows with its text."""

MAX_DEPTH = 64
"""Deeper brackets are refused, so that what walks the tree needs no stack guard of its own."""


def position_of(text: str, offset: int) -> Position:
    """The line and column of a character of the text."""
    return Position(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def token_position(token: Token) -> Position:
    """Where a token begins."""
    return Position(token.line, token.column)


def check_size(text: str, brackets: re.Pattern[str], max_depth: int = MAX_DEPTH) -> None:
    """Raise :class:`QuerySyntaxError` for a text that is too long, or nested too deep.

    `brackets` finds the opening and closing brackets, and whatever else must be skipped on the way to them.
    """
    if len(text) > MAX_LENGTH:
        raise QuerySyntaxError(f"the query is longer than {MAX_LENGTH:,} characters", Position(1, 1))
    depth = 0
    for match in brackets.finditer(text):
        character = match.group()
        if character in ("(", "{", "["):
            depth += 1
            if depth > max_depth:
                raise QuerySyntaxError(f"nested more than {max_depth} deep", position_of(text, match.start()))
        elif character in (")", "}", "]"):
            depth -= 1


def check_arguments(name: str, found: int, least: int, most: int | None, position: Position) -> None:
    """Raise :class:`QuerySyntaxError` for fewer arguments of a function than it takes at least, or more than
    it takes at most (None: any number)."""
    if least <= found and (most is None or found <= most):
        return
    if most is None:
        takes = f"{least} or more arguments"
    elif least == most:
        takes = f"{least} argument{'' if least == 1 else 's'}"
    else:
        takes = f"{least} to {most} arguments"
    raise QuerySyntaxError(f"{name} takes {takes}; found {found}", position)


def syntax_error(error: Unexpected, text: str, names: Mapping[str, str]) -> QuerySyntaxError:
    """The parser's error as the project's: what was found, where, and what could have stood there.

    `names` gives the terminals' names for readers; a terminal without one is not mentioned.
    """
    offset = error.place.start_pos
    if error.is_end:
        found, offset = "the end of the query", len(text.rstrip())
    elif error.token is not None:
        found = _shown(error.token.strip() or str(error.token))
    else:
        found = repr(text[offset : offset + 1])
        if found == "'\"'":
            return QuerySyntaxError("a quoted value has no closing quote", position_of(text, offset))
    hints = sorted({names[name] for name in error.expected if name in names})
    hint = f"; expected {', '.join(hints)}" if hints else ""
    return QuerySyntaxError(f"unexpected {found}{hint}", position_of(text, offset))


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")
