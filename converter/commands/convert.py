"""`converter convert`: rules into a folder of translations, each proved, with a report."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import click

from converter.cache import run_cached
from converter.commands.settings import settings_of, warn_of_unused
from converter.commands.status import status, unread
from converter.elastic.load import load_paths
from converter.harness.outcome import folder_of
from converter.report.document import report
from converter.report.earlier import earlier, paths_in
from converter.report.former import former_report, written_before
from converter.report.output import kept, paths_of, write
from converter.report.progress import progress
from converter.taxonomy import load_taxonomy


def convert_rules(
    rules: Sequence[Path],
    out: Path,
    targets: Sequence[str],
    profiles: Sequence[str],
    fixtures: Path | None,
    taxonomy: Path | None,
    jobs: int | None,
    max_cases: int | None = None,
    cache: Path | None = None,
) -> int:
    """Converts, writes, prints the verdict table. 0, or 1 where a rule failed or could not be read.

    `max_cases`: how many cases are generated a rule, at most; None: none. `cache`: where outcomes are kept
    for the next run.
    """
    loaded = load_paths(rules)
    settings = settings_of(rules, targets, profiles, fixtures, taxonomy, max_cases)
    warn_of_unused(fixtures, settings.fixtures, loaded.rules)
    with progress(len(loaded.rules)) as advance:
        accounts, converted = run_cached(loaded.rules, settings, cache, jobs, advance)
    rows = [account.row for account in accounts]
    paths = paths_of(accounts)
    errors = unread(rows, loaded.errors)
    former = former_report(out, accounts)
    written = written_before(former)
    profiles_of = load_taxonomy(taxonomy).profiles
    stay = kept(out, written, paths, errors, {folder_of(profiles_of[name]) for name in settings.profiles})
    before = earlier(out, former, accounts, profiles_of, set(chain.from_iterable(paths.values())))
    told = set(paths_in(before))
    untold = {path: source for path, source in stay.items() if path not in told}
    leave = written.keys() - stay.keys() - told
    write(out, accounts, paths, report(accounts, paths, errors, untold, before), leave)
    from converter.report.verdicts import stayed, tally, verdicts  # with rich: rules are begun before

    verdicts(rows, settings.profiles)
    click.echo(tally(len(rows) - converted, rows, len(loaded.errors)))
    if stay:
        click.echo(stayed(len(stay)))
    return status(rows, loaded.errors)
