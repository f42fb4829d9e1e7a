"""The verdict table of a run, its failures, and its closing lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from converter.harness.outcome import Outcome
from converter.lowering.fidelity import Fidelity
from converter.report.console import STYLES, console, plain, said, shown

LISTED = 60
"""Up to so many rules the table has a line for each; beyond, it counts."""


def verdicts(outcomes: Sequence[Outcome], profiles: Sequence[str], on: Console | None = None) -> None:
    """The verdict table: a line a rule, a column a profile; then every failure. `on`: standard output."""
    read = [outcome for outcome in outcomes if outcome.error is None]
    held = [name for name in profiles if any(_has(outcome, name) for outcome in read)] or list(profiles)
    out = on or console()
    if not read:
        return
    if len(read) <= LISTED:
        out.print(_listed(read, held))
    else:
        out.print(_counted(read, profiles))
    for outcome in read:
        for line in failures(outcome):
            out.print(Text.assemble(("FAILED", "bold red"), f" {plain(line)}"), soft_wrap=True)


def tally(before: int, outcomes: Sequence[Outcome], unreadable: int) -> str:
    """The closing line of a run. `before`: how many outcomes are those of an earlier run; `unreadable`: how
    many files or rules were not even loaded; so "1 rule: 0 converted, 1 could not be read".
    """
    broken = sum(outcome.error is not None for outcome in outcomes)
    total = len(outcomes) + unreadable
    parts = [f"{len(outcomes) - before - broken} converted"]
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


def _listed(outcomes: Sequence[Outcome], profiles: Sequence[str]) -> RichTable:
    table = RichTable(title="Fidelity, and cases at parity with the original", title_justify="left")
    table.add_column("Rule", overflow="fold", min_width=12, max_width=44)
    table.add_column("Cases")
    for profile in profiles:
        table.add_column(profile)
    for outcome in outcomes:
        positive = sum(case.expect == "match" for case in outcome.cases)
        counts = f"{positive} + {len(outcome.cases) - positive} -" if outcome.cases else "none"
        table.add_row(shown(outcome.rule.name), counts, *(_cell(outcome, profile) for profile in profiles))
    return table


def _counted(outcomes: Sequence[Outcome], profiles: Sequence[str]) -> RichTable:
    kinds = ("exact", "wider", "narrower", "none", "FAILED")
    table = RichTable("Profile", *kinds, title=f"{len(outcomes)} rules", title_justify="left")
    for profile in profiles:
        counts = Counter(_kind(outcome, profile) for outcome in outcomes)
        table.add_row(profile, *(str(counts[kind]) for kind in kinds))
    return table


def _cell(outcome: Outcome, profile: str) -> str:
    kind = _kind(outcome, profile)
    text = kind
    if outcome.parity is not None and kind != "none":
        mine = [verdict for verdict in outcome.parity.verdicts if verdict.profile == profile]
        text = f"{kind} {sum(not verdict.failed for verdict in mine)}/{len(mine)}"
        if declared := sum(verdict.differs and not verdict.failed for verdict in mine):
            text += f"\n{declared} as declared"
    return f"[{STYLES[kind]}]{text}[/]"


def _kind(outcome: Outcome, profile: str) -> str:
    if outcome.parity is not None:
        mine = [verdict for verdict in outcome.parity.verdicts if verdict.profile == profile]
        if any(verdict.failed for verdict in mine) or outcome.parity.mislabelled:
            return "FAILED"
    for translation in outcome.translations:
        if translation.profile.name == profile:
            return translation.fidelity.value
    return Fidelity.NONE.value


def _has(outcome: Outcome, profile: str) -> bool:
    return _kind(outcome, profile) != "none"
