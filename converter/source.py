"""Places in source text, and the errors that point at them.

Every parser of the project raises :class:`SourceError`; the command line prints it as
``path:line:column: message``.
"""

from __future__ import annotations

from converter.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text: line and column, both from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"

    def within(self, start: Position) -> Position:
        """This place, counted from the start of the file in which the text begins at `start`."""
        if self.line == 1:
            return Position(start.line, start.column + self.column - 1)
        return Position(start.line + self.line - 1, self.column)


class SourceError(Exception):
    """Text that cannot be read: `message` is one sentence, `position` the place, `path` the file if known."""

    def __init__(self, message: str, position: Position | None = None, path: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.path = path

    def __str__(self) -> str:
        place = ":".join(part for part in (self.path, str(self.position) if self.position else None) if part)
        # a message may quote text with line breaks: it stays one line
        message = self.message.replace("\r", "\\r").replace("\n", "\\n")
        return f"{place}: {message}" if place else message


class QuerySyntaxError(SourceError):
    """A query that is not of its language."""


class NotSupportedError(SourceError):
    """A query of the language that uses what the project does not do; the message names it.

    The message reads "not supported: X"; `code` is a stable, kebab-case reason ("esql-inlinestats").
    """

    def __init__(
        self,
        what: str,
        position: Position | None = None,
        path: str | None = None,
        code: str = "not-supported",
    ) -> None:
        super().__init__(f"not supported: {what}", position, path)
        self.what = what
        self.code = code
