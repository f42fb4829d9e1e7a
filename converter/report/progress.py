"""A progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, nothing in a pipe; yields what to call after each rule."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console  # what a pipe does without
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Converting", total=total)
        yield lambda: bar.advance(task)
