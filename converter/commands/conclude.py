"""What a conversion writes and says when all rules are done."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import click

from converter.commands.status import status, unread
from converter.harness.outcome import folder_of
from converter.pipeline import Settings
from converter.report.account import Account
from converter.report.document import report
from converter.report.earlier import earlier, paths_in
from converter.report.former import former_report, written_before
from converter.report.output import kept, paths_of, write
from converter.report.verdicts import stayed, tally, verdicts
from converter.source import SourceError
from converter.taxonomy import load_taxonomy


def conclude(
    out: Path,
    settings: Settings,
    accounts: Sequence[Account],
    unloaded: Sequence[SourceError],
    converted: int,
) -> int:
    """Writes the files and the report, prints the verdict table; the exit status. `unloaded`: what no rule
    could be read from; `converted`: how many of the accounts are not of a former run."""
    rows = [account.row for account in accounts]
    paths = paths_of(accounts)
    errors = unread(rows, unloaded)
    former = former_report(out, accounts)
    written = written_before(former)
    profiles_of = load_taxonomy(settings.taxonomy).profiles
    stay = kept(out, written, paths, errors, {folder_of(profiles_of[name]) for name in settings.profiles})
    before = earlier(out, former, accounts, profiles_of, set(chain.from_iterable(paths.values())))
    told = set(paths_in(before))
    untold = {path: source for path, source in stay.items() if path not in told}
    leave = written.keys() - stay.keys() - told
    write(out, accounts, paths, report(accounts, paths, errors, untold, before), leave)
    verdicts(rows, settings.profiles)
    click.echo(tally(len(rows) - converted, rows, len(unloaded)))
    if stay:
        click.echo(stayed(len(stay)))
    return status(rows, unloaded)
