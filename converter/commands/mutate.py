"""`converter mutate`: what share of an output folder's mutants the cases catch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from converter.commands.settings import taxonomy_of, warn_of_unused, written_cases
from converter.commands.status import status
from converter.elastic.load import load_paths
from converter.mutate import MutationSettings, sampled, score_folder
from converter.report.console import console
from converter.report.progress import progress
from converter.report.score import print_score


def mutate_folder(
    settings: MutationSettings,
    rules: Sequence[Path],
    fixtures: Path | None,
    sample: tuple[int | None, int],
    survivors: tuple[int, int | None],
    jobs: int | None,
) -> int:
    """Prints what share of the folder's mutants its cases catch. 0, or 1 where a rule could not be read.

    `sample`: of how many rules, and the seed that chooses them; `survivors`: how many of them are listed,
    and the seed that draws these; None for the first ones.
    """
    loaded = load_paths(rules)
    taxonomy_of(settings.taxonomy)
    written = written_cases(rules, fixtures)
    warn_of_unused(fixtures, written, loaded.rules)
    chosen = [(rule, written.get(rule.rule_id, ())) for rule in sampled(loaded.rules, *sample)]
    with progress(len(chosen)) as advance:
        score = score_folder(settings, chosen, jobs, advance)
    print_score(score, survivors[0], console(), survivors[1])
    return status((), loaded.errors)
