"""How often Python looks for cycles of objects that nothing refers to any more, and the end of a process."""

from __future__ import annotations

import contextlib
import gc
import os
import sys

_NEW_OBJECTS = 600_000
"""Events and parse trees are many and hold hardly any cycles: the usual 700 cost a tenth of a run, a fifth of
the conversion of one rule."""


def collect_rarely() -> None:
    """For this process."""
    gc.set_threshold(_NEW_OBJECTS)


def keep_what_is_there() -> None:
    """No look at what there is by now: for a copy of a process, which has what was loaded for all of them."""
    gc.freeze()


def leave(end: SystemExit) -> None:
    """Ends the process so, at once: the system takes all memory back in no time, where Python takes it apart
    object by object, a fortieth of the conversion of one rule. Returns where it can't be: the status is a
    text to be written, what is written goes nowhere, or a profiler waits for Python's own end."""
    if sys.getprofile() is not None or sys.gettrace() is not None or isinstance(end.code, str):
        return
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code or 0)
