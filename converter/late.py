"""Patterns that are compiled when a text is first held against them: a rule needs a fourth of those that are
loaded for it.

>>> _NUMBER = late(r"[0-9]+")
>>> _NUMBER.fullmatch("42") is not None
True
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

__all__ = ["late"]

if TYPE_CHECKING:
    from re import compile as late
else:

    class late:
        """As `re.compile`. For patterns that few rules need: each use costs a little more."""

        def __init__(self, pattern: str, flags: int = 0) -> None:
            self._given = pattern, flags

        def __getattr__(self, name: str) -> Any:
            found = getattr(re.compile(*self._given), name)
            setattr(self, name, found)
            return found
