"""Where all commands print, and how; a query's result."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from converter.evaluate.result import Matches, Table
from converter.report.plain import plain

STYLES = {"exact": "green", "wider": "yellow", "narrower": "yellow", "none": "dim", "FAILED": "bold red"}


def console() -> Console:
    """Standard output: as wide as the terminal, 160 columns in a pipe."""
    return Console(width=None if sys.stdout.isatty() else 160, highlight=False, emoji=False)


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


def shown(value: object) -> Text:
    """A value for a table: no markup, and half of a surrogate pair, which no output takes, as an escape."""
    return Text(plain(str(value)).encode("utf-8", "backslashreplace").decode("utf-8"))
