"""The verdict table of a run, its failures, and its closing lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from converter.frozen import dataclass
from converter.harness.outcome import Outcome
from converter.harness.parity import Verdict
from converter.lowering.fidelity import Fidelity
from converter.report.console import STYLES, console, plain, said, shown
from converter.source import SourceError

LISTED = 60
"""Up to so many rules the table has a line for each; beyond, it counts."""
_FAILED = "FAILED"


class Cell(NamedTuple):
    """What became of a rule in one profile: its fidelity, or that it failed. Of so many cases it says in
    `held` what it may, and in `declared` of them it differs; `cases` None: it was run on none."""

    kind: str
    cases: int | None = None
    held: int = 0
    declared: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """What the table and the closing lines say of one rule. `error`: it could not be read; `cells`: by
    profile; `failures`: a line each."""

    name: str
    positive: int
    negative: int
    failed: bool
    cells: Mapping[str, Cell]
    failures: tuple[str, ...]
    error: SourceError | None = None


def row_of(outcome: Outcome, profiles: Sequence[str]) -> Row:
    """The rule's row in the table of these profiles."""
    positive = sum(case.expect == "match" for case in outcome.cases)
    said_of: dict[str, list[Verdict]] = {}
    for verdict in () if outcome.parity is None else outcome.parity.verdicts:
        said_of.setdefault(verdict.profile, []).append(verdict)
    return Row(
        outcome.rule.name,
        positive,
        len(outcome.cases) - positive,
        outcome.failed,
        {name: _cell(outcome, name, said_of.get(name, ())) for name in profiles},
        tuple(failures(outcome)),
        outcome.error,
    )


def _cell(outcome: Outcome, profile: str, mine: Sequence[Verdict]) -> Cell:
    kind = _kind(outcome, profile, mine)
    if outcome.parity is None or kind == Fidelity.NONE.value:
        return Cell(kind)
    declared = sum(verdict.differs and not verdict.failed for verdict in mine)
    return Cell(kind, len(mine), sum(not verdict.failed for verdict in mine), declared)


def _kind(outcome: Outcome, profile: str, mine: Sequence[Verdict]) -> str:
    if outcome.parity is not None and (outcome.parity.mislabelled or any(verdict.failed for verdict in mine)):
        return _FAILED
    for translation in outcome.translations:
        if translation.profile.name == profile:
            return translation.fidelity.value
    return Fidelity.NONE.value


def verdicts(rows: Sequence[Row], profiles: Sequence[str], on: Console | None = None) -> None:
    """The verdict table: a line a rule, a column a profile; then every failure. `on`: standard output."""
    read = [row for row in rows if row.error is None]
    none = Fidelity.NONE.value
    held = [name for name in profiles if any(row.cells[name].kind != none for row in read)] or list(profiles)
    out = on or console()
    if not read:
        return
    if len(read) <= LISTED:
        out.print(_listed(read, held))
    else:
        out.print(_counted(read, profiles))
    for row in read:
        for line in row.failures:
            out.print(Text.assemble((_FAILED, "bold red"), f" {plain(line)}"), soft_wrap=True)


def tally(before: int, rows: Sequence[Row], unreadable: int) -> str:
    """The closing line of a run. `before`: how many rows are those of an earlier run; `unreadable`: how many
    files or rules were not even loaded; so "1 rule: 0 converted, 1 could not be read".
    """
    broken = sum(row.error is not None for row in rows)
    total = len(rows) + unreadable
    parts = [f"{len(rows) - before - broken} converted"]
    if before:
        parts.append(f"{before} as they were before")
    if broken + unreadable:
        parts.append(f"{broken + unreadable} could not be read")
    return f"{total} rule{'' if total == 1 else 's'}: {', '.join(parts)}"


def stayed(number: int) -> str:
    """A line on former outputs that this run neither wrote nor deleted."""
    verb = "1 file of an earlier run stays" if number == 1 else f"{number} files of earlier runs stay"
    return f"{verb} as before: of targets that this run was not asked for, or of rules that could not be read"


def failures(outcome: Outcome) -> Iterator[str]:
    """One line a failed case: rule, target, profile, case, expected and got; one for all cases in which a
    translation fails by the same error."""
    if outcome.parity is None:
        return
    name = outcome.rule.name
    for case in outcome.parity.mislabelled:
        yield f"{name}: original: case {case.name!r}: expected {case.expect}, and the original says otherwise"
    targets = {item.profile.name: item.profile.target for item in outcome.translations}
    failed = [verdict for verdict in outcome.parity.verdicts if verdict.failed]
    alike = Counter((verdict.profile, verdict.error) for verdict in failed if verdict.error)
    for verdict in failed:
        number = alike.pop((verdict.profile, verdict.error), 0) if verdict.error else 1
        if number:
            got = verdict.error or said(verdict.got)
            others = f" (so in {number} cases)" if number > 1 else ""
            yield (
                f"{name}: {targets.get(verdict.profile, '')}/{verdict.profile}: case {verdict.case.name!r}:"
                f" expected {said(verdict.expected)}, got {got}{others}"
            )


def _listed(rows: Sequence[Row], profiles: Sequence[str]) -> RichTable:
    table = RichTable(title="Fidelity, and cases at parity with the original", title_justify="left")
    table.add_column("Rule", overflow="fold", min_width=12, max_width=44)
    table.add_column("Cases")
    for profile in profiles:
        table.add_column(profile)
    for row in rows:
        counts = f"{row.positive} + {row.negative} -" if row.positive + row.negative else "none"
        table.add_row(shown(row.name), counts, *(_shown(row.cells[profile]) for profile in profiles))
    return table


def _shown(cell: Cell) -> str:
    text = cell.kind
    if cell.cases is not None:
        text = f"{cell.kind} {cell.held}/{cell.cases}"
        if cell.declared:
            text += f"\n{cell.declared} as declared"
    return f"[{STYLES[cell.kind]}]{text}[/]"


def _counted(rows: Sequence[Row], profiles: Sequence[str]) -> RichTable:
    kinds = ("exact", "wider", "narrower", "none", _FAILED)
    table = RichTable("Profile", *kinds, title=f"{len(rows)} rules", title_justify="left")
    for profile in profiles:
        counts = Counter(row.cells[profile].kind for row in rows)
        table.add_row(profile, *(str(counts[kind]) for kind in kinds))
    return table
