"""How a command ends: what could not be read, and the exit status."""

from __future__ import annotations

from collections.abc import Sequence

import click

from converter.harness.outcome import Outcome
from converter.report import console
from converter.source import SourceError


def status(outcomes: Sequence[Outcome], errors: Sequence[SourceError]) -> int:
    """Prints what could not be read. 0, or 1 where there is such a thing, or a rule that failed."""
    broken = unread(outcomes, errors)
    for error in broken:
        click.echo(console.plain(f"converter: {error}"), err=True)
    return 1 if broken or any(outcome.failed for outcome in outcomes) else 0


def unread(outcomes: Sequence[Outcome], errors: Sequence[SourceError]) -> list[SourceError]:
    """All that could not be read: while loading, and while parsing."""
    return [*errors, *(outcome.error for outcome in outcomes if outcome.error is not None)]
