"""The verdict table of a run, its failures, and its closing lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from converter.lowering.fidelity import Fidelity
from converter.report.console import STYLES, console, shown
from converter.report.plain import plain
from converter.report.rows import FAILED, Cell, Row

LISTED = 60
"""Up to so many rules the table has a line for each; beyond, it counts."""


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
            out.print(Text.assemble((FAILED, "bold red"), f" {plain(line)}"), soft_wrap=True)


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
    kinds = ("exact", "wider", "narrower", "none", FAILED)
    table = RichTable("Profile", *kinds, title=f"{len(rows)} rules", title_justify="left")
    for profile in profiles:
        counts = Counter(row.cells[profile].kind for row in rows)
        table.add_row(profile, *(str(counts[kind]) for kind in kinds))
    return table
