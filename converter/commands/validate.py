"""`converter validate`: the files of an output folder, read back, over every case."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from converter.commands.settings import settings_of, warn_of_unused
from converter.commands.status import status
from converter.elastic.load import load_paths
from converter.pipeline import validate
from converter.report.progress import progress
from converter.report.rows import row_of
from converter.report.verdicts import verdicts


def validate_folder(
    folder: Path,
    rules: Sequence[Path],
    fixtures: Path | None,
    taxonomy: Path | None,
    max_cases: int | None,
    jobs: int | None,
) -> int:
    """Runs the cases through the files in the folder. 0, or 1 where one does what it does not declare."""
    loaded = load_paths(rules)
    settings = settings_of(rules, (), (), fixtures, taxonomy, max_cases)
    warn_of_unused(fixtures, settings.fixtures, loaded.rules)
    with progress(len(loaded.rules)) as advance:
        tell = partial(row_of, profiles=settings.profiles)
        rows = validate(folder, loaded.rules, settings, tell, jobs, advance)
    verdicts(rows, settings.profiles)
    return status(rows, loaded.errors)
