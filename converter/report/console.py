"""What a person sees: the verdict table, one rule explained, a query's result, a progress bar."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table as RichTable
from rich.text import Text

from converter.evaluate.result import Matches, Table
from converter.events.generate.fixture_files import nested
from converter.harness.outcome import Outcome, Translation
from converter.harness.parity import Parity
from converter.lowering.fidelity import Fidelity, directions
from converter.report.unseen import unseen

LISTED = 60
"""Up to so many rules the table has a line for each; beyond, it counts."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_STYLES = {"exact": "green", "wider": "yellow", "narrower": "yellow", "none": "dim", "FAILED": "bold red"}


def console() -> Console:
    """Standard output: as wide as the terminal, 160 columns in a pipe."""
    return Console(width=None if sys.stdout.isatty() else 160, highlight=False)


@contextmanager
def progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, nothing in a pipe; yields what to call after each rule."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Converting", total=total)
        yield lambda: bar.advance(task)


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
    """One line a failed case: rule, target, profile, case, expected and got."""
    if outcome.parity is None:
        return
    name = outcome.rule.name
    for case in outcome.parity.mislabelled:
        yield f"{name}: original: case {case.name!r}: expected {case.expect}, and the original says otherwise"
    targets = {item.profile.name: item.profile.target for item in outcome.translations}
    for verdict in outcome.parity.verdicts:
        if verdict.failed:
            got = verdict.error or _said(verdict.got)
            yield (
                f"{name}: {targets.get(verdict.profile, '')}/{verdict.profile}: case {verdict.case.name!r}:"
                f" expected {_said(verdict.expected)}, got {got}"
            )


def explanation(outcome: Outcome) -> None:
    """One rule: source, every translation with its fidelity and reasons, the cases and their verdicts."""
    out = console()
    rule = outcome.rule
    out.rule(_text(f"{rule.name}  ({rule.type}, {rule.language})"))
    out.print(plain(rule.query or "(no query)"), markup=False)
    if outcome.error is not None:
        out.print(Text.assemble(("cannot be read:", "bold red"), plain(f" {outcome.error}")))
        return
    for translation in outcome.translations:
        _explain(out, translation, outcome.parity)
    if outcome.parity is not None:
        out.print(_cases(outcome))


def result(found: Matches | Table, events: Sequence[Mapping[str, Any]]) -> None:
    """A query's alerts, one a line, or its rows as a table."""
    out = console()
    if isinstance(found, Matches):
        out.print(f"{len(found.alerts)} alerts over {len(events)} events")
        for alert in found.alerts:
            out.print("  events " + ", ".join(map(str, alert)))
        return
    table = RichTable()
    for column in found.columns:
        table.add_column(_text(column))
    for row in found.rows:
        table.add_row(*(_text(value) for value in row))
    out.print(table)


def plain(text: str) -> str:
    """The text without what a terminal would obey: control characters, but for tabs and ends of lines."""
    return _CONTROL.sub("\ufffd", text)


def _text(value: object) -> Text:
    """A value for a table: no markup, and half of a surrogate pair, which no output takes, as an escape."""
    return Text(plain(str(value)).encode("utf-8", "backslashreplace").decode("utf-8"))


def _listed(outcomes: Sequence[Outcome], profiles: Sequence[str]) -> RichTable:
    table = RichTable(title="Fidelity, and cases at parity with the original", title_justify="left")
    table.add_column("Rule", overflow="fold", min_width=12, max_width=44)
    table.add_column("Cases")
    for profile in profiles:
        table.add_column(profile)
    for outcome in outcomes:
        positive = sum(case.expect == "match" for case in outcome.cases)
        counts = f"{positive} + {len(outcome.cases) - positive} -" if outcome.cases else "none"
        table.add_row(_text(outcome.rule.name), counts, *(_cell(outcome, profile) for profile in profiles))
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
    return f"[{_STYLES[kind]}]{text}[/]"


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


def _explain(out: Console, translation: Translation, parity: Parity | None) -> None:
    kind = translation.fidelity.value
    out.rule(f"{translation.profile.title}: [{_STYLES[kind]}]{kind}[/]", align="left")
    places: dict[str, list[str]] = {}
    for reason in translation.reasons:
        line = f"  {reason.direction.value}: {reason.message} [{reason.code}]"
        places.setdefault(line, []).extend([str(reason.position)] if reason.position else [])
    for line, found in places.items():
        out.print(plain(f"{line} ({', '.join(dict.fromkeys(found))})" if found else line), markup=False)
    for one in translation.assumed:
        out.print(plain(f"  taken for granted: {one.message} [{one.code}]"), markup=False)
    for line in _witnesses(translation, parity):
        out.print(plain(line), markup=False, soft_wrap=True)
    if translation.text is not None:
        out.print(plain(translation.text.rstrip()), markup=False, soft_wrap=True)


def _witnesses(translation: Translation, parity: Parity | None) -> Iterator[str]:
    """For each declared direction the case that shows it: where it lies, or its events."""
    if parity is None or translation.text is None:
        return
    declared = directions(translation.reasons)
    for direction in (Fidelity.WIDER, Fidelity.NARROWER):
        case = parity.witness(translation.profile.name, direction) if direction in declared else None
        if case is not None:
            yield f"  {direction.value} for example: {case.name}" + (
                f" ({case.origin})" if case.origin else ""
            )
            if case.generated:
                yield from (f"    {json.dumps(nested(event), ensure_ascii=False)}" for event in case.timeline)
    for direction, said in unseen(translation, parity):
        yield from (f"  {direction.value}, and no event shows it: {why}" for why in said)


def _cases(outcome: Outcome) -> RichTable:
    assert outcome.parity is not None
    profiles = [item.profile.name for item in outcome.translations if item.text is not None]
    got = {(verdict.case.name, verdict.profile): verdict for verdict in outcome.parity.verdicts}
    table = RichTable("Case", "Expected", *profiles, title="Cases", title_justify="left")
    for case in outcome.cases:
        row = [got[case.name, profile] for profile in profiles]
        table.add_row(
            _text(case.name),
            case.expect,
            *(_mark(verdict.got, verdict.differs, verdict.failed) for verdict in row),
        )
    return table


def _mark(got: bool | None, differs: bool, failed: bool) -> str:
    style = "bold red" if failed else "yellow" if differs else "green"
    return f"[{style}]{_said(got)}[/]"


def _said(got: bool | None) -> str:
    return "error" if got is None else "match" if got else "no_match"
