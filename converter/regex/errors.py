"""What goes wrong with a regular expression besides its syntax."""

from __future__ import annotations

from converter.source import NotSupportedError, SourceError


class RegexNotSupported(NotSupportedError):
    """A construct that the target's dialect has no equivalent of; `code` is "regex-<construct>"."""


class RegexTimeout(SourceError):
    """A match took longer than the limit."""
