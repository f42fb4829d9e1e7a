"""What the verdict table and the closing lines say of one rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from converter.frozen import dataclass
from converter.lowering.fidelity import Fidelity
from converter.report.plain import said
from converter.source import SourceError

if TYPE_CHECKING:
    from converter.harness.outcome import Outcome
    from converter.harness.parity import Verdict

FAILED = "FAILED"


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
        return FAILED
    for translation in outcome.translations:
        if translation.profile.name == profile:
            return translation.fidelity.value
    return Fidelity.NONE.value


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
