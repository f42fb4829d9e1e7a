"""The score of mutants as a person sees it: the share caught, and the survivors."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from converter.harness.mutation import Score, Survivor
from converter.report.plain import plain

_SHOWN = 60
"""Longer texts are cut in the list of survivors."""
_AROUND = 120
"""Characters of the line on either side of a survivor that is shown in full."""


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
        out.print(plain(text), markup=False, soft_wrap=True, highlight=False)


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
        change = f"{line[max(start - _AROUND, 0) : start]}{change}{line[end : end + _AROUND]}"
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
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
