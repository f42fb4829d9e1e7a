"""A place in a pattern, and what stands there."""

from __future__ import annotations

from collections.abc import Mapping

from converter.regex.ast import Dialect
from converter.regex.errors import RegexNotSupported
from converter.source import Position, QuerySyntaxError

MAX_DEPTH = 60
"""Groups nested deeper than this are refused."""
_REPEATS: Mapping[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}


class Cursor:
    """Reads a pattern of a dialect from left to right."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text = text
        self.dialect: Dialect = dialect
        self.at = 0

    def error(self, message: str) -> QuerySyntaxError:
        """What is no pattern of the dialect."""
        return QuerySyntaxError(f"regular expression: {message}", self._place())

    def not_supported(self, what: str, construct: str) -> RegexNotSupported:
        """What is a pattern of the dialect that the project does not do."""
        return RegexNotSupported(f"{what} in a regular expression", self._place(), code=f"regex-{construct}")

    def _place(self) -> Position:
        return Position(1, self.at + 1)

    def more(self) -> bool:
        return self.at < len(self.text)

    def peek(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def take(self, text: str) -> bool:
        if self.peek(text):
            self.at += len(text)
            return True
        return False

    def next(self) -> str:
        if self.at >= len(self.text):
            raise self.error("ends too early")
        self.at += 1
        return self.text[self.at - 1]

    def until(self, close: str) -> str:
        """What stands before `close`; the cursor moves behind it."""
        end = self.text.find(close, self.at)
        if end < 0:
            raise self.error(f"unclosed {close}")
        found, self.at = self.text[self.at : end], end + len(close)
        return found

    def nested(self, depth: int) -> int:
        """The depth inside a group at `depth`. Raises QuerySyntaxError beyond the limit."""
        if depth >= MAX_DEPTH:
            raise self.error("nested too deep")
        return depth + 1

    def bounds(self) -> tuple[int, int | None] | None:
        """The numbers of a repeat sign, or None where there is none."""
        sign = self.text[self.at : self.at + 1]
        if sign in _REPEATS:
            self.at += 1
            return _REPEATS[sign]
        if sign != "{":
            return None
        end = self.text.find("}", self.at)
        body = self.text[self.at + 1 : end] if end > 0 else ""
        least, comma, most = body.partition(",")
        if not self.number(least) or (most and not self.number(most)):
            if self.dialect == "pcre" and not (comma and not least and self.number(most)):
                return None
            raise self.error("{ begins a number of repeats")
        if most and int(most) < int(least):
            raise self.error("a repeat's numbers are out of order")
        self.at = end + 1
        return int(least), (int(most) if most else None) if comma else int(least)

    @staticmethod
    def number(text: str) -> bool:
        """Whether the text is a decimal number, and none too long to be meant."""
        return text.isascii() and text.isdigit() and len(text) < 10
