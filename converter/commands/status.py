"""How a command ends: what could not be read, and the exit status."""

from __future__ import annotations

from collections.abc import Sequence

import click

from converter.report.plain import plain
from converter.report.rows import Row
from converter.source import SourceError


def status(rows: Sequence[Row], errors: Sequence[SourceError]) -> int:
    """Prints what could not be read. 0, or 1 where there is such a thing, or a rule that failed."""
    broken = unread(rows, errors)
    for error in broken:
        click.echo(plain(f"converter: {error}"), err=True)
    return 1 if broken or any(row.failed for row in rows) else 0


def unread(rows: Sequence[Row], errors: Sequence[SourceError]) -> list[SourceError]:
    """All that could not be read: while loading, and while parsing."""
    return [*errors, *(row.error for row in rows if row.error is not None)]
