"""What a person sees in all commands: where it is printed, and how; a progress bar; a query's result."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from converter.evaluate.result import Matches, Table

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
STYLES = {"exact": "green", "wider": "yellow", "narrower": "yellow", "none": "dim", "FAILED": "bold red"}


def console() -> Console:
    """Standard output: as wide as the terminal, 160 columns in a pipe."""
    return Console(width=None if sys.stdout.isatty() else 160, highlight=False)


@contextmanager
def progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, nothing in a pipe; yields what to call after each rule."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.progress import Progress  # as much as all else of rich, and no pipe has one

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Converting", total=total)
        yield lambda: bar.advance(task)


def result(found: Matches | Table, events: Sequence[Mapping[str, Any]]) -> None:
    """A query's alerts, one a line, or its rows as a table."""
    out = console()
    if isinstance(found, Matches):
        out.print(f"{_counted(len(found.alerts), 'alert')} over {_counted(len(events), 'event')}")
        for alert in found.alerts:
            out.print("  events " + ", ".join(map(str, alert)))
        return
    table = RichTable()
    for column in found.columns:
        table.add_column(shown(column))
    for row in found.rows:
        table.add_row(*(shown(value) for value in row))
    out.print(table)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def plain(text: str) -> str:
    """The text without what a terminal would obey: control characters, but for tabs and ends of lines."""
    return _CONTROL.sub("\ufffd", text)


def shown(value: object) -> Text:
    """A value for a table: no markup, and half of a surrogate pair, which no output takes, as an escape."""
    return Text(plain(str(value)).encode("utf-8", "backslashreplace").decode("utf-8"))


def said(got: bool | None) -> str:
    """What an evaluator says of a case; None where it could not be run."""
    return "error" if got is None else "match" if got else "no_match"
