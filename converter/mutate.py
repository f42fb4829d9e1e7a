"""`converter mutate`: emitted files changed one step at a time, over all their cases."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from converter.elastic.rule import Rule
from converter.events.case import Case
from converter.harness.mutation import Score, Survivor, score_outcome
from converter.harness.readback import Entry, entries_of, read_back
from converter.taxonomy import load_taxonomy

SHOWN = 60
"""Longer texts are cut in the list of survivors."""
AROUND = 120
"""Characters of the line on either side of a survivor that is shown in full."""


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


def print_score(score: Score, survivors: int, out: Console, draw: int | None = None) -> None:
    """The share caught by kind of mutant and target, then `survivors` that no case tells: the first ones, or
    those that the seed `draw` chooses, each in full with its line."""
    targets = ("sigma", "splunk", "kql")
    table = Table("Mutants caught", *targets, "all", title="", title_justify="left")
    kinds = sorted({kind for _, kind in (*score.caught, *score.survived)})
    for kind in kinds:
        cells = [_share(score, [(target, kind)]) for target in targets]
        table.add_row(kind, *cells, _share(score, [(target, kind) for target in targets]))
    totals = [_share(score, [(target, kind) for kind in kinds]) for target in targets]
    table.add_row("all", *totals, _share(score, [(target, kind) for target in targets for kind in kinds]))
    out.print(table)
    out.print(f"{score.files} files; {sum(score.invalid.values())} mutants are no query and don't count")
    for text in _listed(score.survivors, survivors, draw):
        out.print(text, markup=False, soft_wrap=True, highlight=False)


def _listed(survivors: Sequence[Survivor], most: int, draw: int | None) -> Iterator[str]:
    if draw is None:
        yield from map(_line, survivors[:most])
        return
    drawn = random.Random(draw).sample(range(len(survivors)), min(most, len(survivors)))
    for number in sorted(drawn):
        yield _in_full(survivors[number])


def _in_full(survivor: Survivor) -> str:
    """The rule's file, the change, and what stands around it in the emitted file's line."""
    mutant = survivor.mutant
    line = mutant.text.splitlines()[mutant.position.line - 1]
    start = mutant.position.column - 1
    end = start + len(mutant.after)
    change = f"[ {mutant.before} -> {mutant.after} ]"
    if line[start:end] == mutant.after:
        change = f"{line[max(start - AROUND, 0) : start]}{change}{line[end : end + AROUND]}"
    return (
        f"survived: {survivor.file}:{mutant.position}: {mutant.kind}, of {survivor.rule}\n  {change.strip()}"
    )


def _share(score: Score, keys: Sequence[tuple[str, str]]) -> str:
    caught = sum(score.caught[key] for key in keys)
    whole = caught + sum(score.survived[key] for key in keys)
    return f"{100 * caught / whole:.1f} % of {whole}" if whole else "-"


def _line(survivor: Survivor) -> str:
    mutant = survivor.mutant
    change = f"{_cut(mutant.before)!r} -> {_cut(mutant.after)!r}"
    return f"survived: {survivor.file}:{mutant.position}: {mutant.kind}: {change}"


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."
