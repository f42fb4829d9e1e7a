"""Texts as every command says them: of a rule, of a case, of an error."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def plain(text: str) -> str:
    """The text without what a terminal would obey: control characters, but for tabs and ends of lines."""
    return _CONTROL.sub("\ufffd", text)


def said(got: bool | None) -> str:
    """What an evaluator says of a case; None where it could not be run."""
    return "error" if got is None else "match" if got else "no_match"
