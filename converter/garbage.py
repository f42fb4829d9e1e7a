"""How often Python looks for cycles of objects that nothing refers to any more."""

from __future__ import annotations

import atexit
import gc

_NEW_OBJECTS = 600_000
"""Events and parse trees are many and hold hardly any cycles: the usual 700 cost a tenth of a run, a fifth of
the conversion of one rule."""


def collect_rarely() -> None:
    """For this process. At its end there is no last look: the system takes all memory back at once, where
    Python takes 0.2 s to free it piece by piece."""
    gc.set_threshold(_NEW_OBJECTS)
    atexit.register(gc.freeze)


def keep_what_is_there() -> None:
    """No look at what there is by now: for a copy of a process, which has what was loaded for all of them."""
    gc.freeze()
