"""A place in a pattern, and what stands there."""

from __future__ import annotations

from converter.regex.ast import Dialect
from converter.regex.errors import RegexNotSupported
from converter.source import Position, QuerySyntaxError


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
