"""How often Python looks for cycles of objects that nothing refers to any more."""

from __future__ import annotations

import gc

_NEW_OBJECTS = 600_000
"""Events and parse trees are many and hold hardly any cycles: the usual 700 cost a tenth of a run, a fifth of
the conversion of one rule."""


def collect_rarely() -> None:
    """For this process."""
    gc.set_threshold(_NEW_OBJECTS)
