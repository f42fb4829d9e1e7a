"""`converter mutate`: emitted files changed one step at a time, over all their cases."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from converter.elastic.rule import Rule
from converter.events.case import Case
from converter.frozen import dataclass
from converter.harness.entries import Entry, entries_of
from converter.harness.mutation import Score, score_outcome
from converter.harness.readback import read_back
from converter.taxonomy import load_taxonomy


@dataclass(frozen=True)
class MutationSettings:
    """What to mutate: `per_kind` mutants of each kind and file at most, over `max_cases` generated cases
    (None: none)."""

    folder: Path
    per_kind: int
    max_cases: int | None
    taxonomy: Path | None = None


def sampled(rules: Sequence[Rule], sample: int | None, seed: int) -> list[Rule]:
    """So many of the rules, in their order: the same ones for the same seed."""
    if sample is None or sample >= len(rules):
        return list(rules)
    ordered = sorted(rules, key=lambda rule: rule.rule_id)
    chosen = {rule.rule_id for rule in random.Random(seed).sample(ordered, sample)}
    return [rule for rule in rules if rule.rule_id in chosen]


def score_folder(
    settings: MutationSettings,
    rules: Sequence[tuple[Rule, Sequence[Case]]],
    jobs: int | None,
    done: Callable[[], None],
) -> Score:
    """The mutants of all rules, each with its hand-written cases. Raises SourceError without a report."""
    work = partial(_rule, settings, entries_of(settings.folder))
    workers = jobs or os.cpu_count() or 1
    total = Score()
    if workers == 1 or len(rules) < 4:
        for item in rules:
            total.add(work(item))
            done()
        return total
    with ProcessPoolExecutor(workers) as pool:
        for score in pool.map(work, rules):
            total.add(score)
            done()
    return total


def _rule(settings: MutationSettings, entries: dict[str, Entry], item: tuple[Rule, Sequence[Case]]) -> Score:
    rule, written = item
    taxonomy = load_taxonomy(settings.taxonomy)
    entry = entries.get(rule.rule_id)
    outcome = read_back(settings.folder, rule, entry, written, taxonomy, settings.max_cases)
    return score_outcome(outcome, taxonomy, settings.per_kind)
