"""A progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_FROM = 3
"""From this many rules on there is a bar: for fewer it takes as long to load as the rules take."""


@contextmanager
def progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, nothing in a pipe or for a rule or two; yields what to call after each rule."""
    if total < _FROM or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console  # what the others do without
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Converting", total=total)
        yield lambda: bar.advance(task)
