"""`converter convert`: rules into a folder of translations, each proved, with a report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from converter.cache import run_cached
from converter.commands.settings import settings_of, warn_of_unused
from converter.elastic.load import load_paths
from converter.report.progress import progress
from converter.streams import meanwhile


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
    meanwhile(_load)
    with progress(len(loaded.rules)) as advance:
        accounts, converted = run_cached(loaded.rules, settings, cache, jobs, advance)
    from converter.commands.conclude import conclude

    return conclude(out, settings, accounts, loaded.errors, converted)


def _load() -> None:
    """What is needed when all rules are done, `rich` with it: no rule waits for it."""
    import converter.commands.conclude  # noqa: F401
