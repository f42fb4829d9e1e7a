"""One rule explained: its source, each translation with what it gives up, the cases and their verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from converter.evaluate.elastic.fields import nested
from converter.harness.outcome import Outcome, Translation
from converter.harness.parity import Parity, Verdict
from converter.lowering.fidelity import Fidelity, directions
from converter.report.console import STYLES, console, shown
from converter.report.plain import plain, said
from converter.report.unseen import unseen


def explanation(outcome: Outcome) -> None:
    """One rule: source, every translation with its fidelity and reasons, the cases and their verdicts."""
    out = console()
    rule = outcome.rule
    out.rule(shown(f"{rule.name}  ({rule.type}, {rule.language})"))
    out.print(plain(rule.query or "(no query)"), markup=False)
    if outcome.error is not None:
        out.print(Text.assemble(("cannot be read:", "bold red"), plain(f" {outcome.error}")))
        return
    for translation in outcome.translations:
        _explain(out, translation, outcome.parity)
    if outcome.parity is not None:
        out.print(_cases(outcome))


def _explain(out: Console, translation: Translation, parity: Parity | None) -> None:
    kind = translation.fidelity.value
    out.rule(f"{translation.profile.title}: [{STYLES[kind]}]{kind}[/]", align="left")
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
    for direction, reasons in unseen(translation, parity):
        yield from (f"  {direction.value}, and no event shows it: {why}" for why in reasons)


def _cases(outcome: Outcome) -> RichTable:
    assert outcome.parity is not None
    profiles = [item.profile.name for item in outcome.translations if item.text is not None]
    got = {(verdict.case.name, verdict.profile): verdict for verdict in outcome.parity.verdicts}
    table = RichTable("Case", "Expected", *profiles, title="Cases", title_justify="left")
    for case in outcome.cases:
        row = [got[case.name, profile] for profile in profiles]
        table.add_row(
            shown(case.name),
            case.expect,
            *map(_mark, row),
        )
    return table


def _mark(verdict: Verdict) -> str:
    style = "bold red" if verdict.failed else "yellow" if verdict.differs else "green"
    rows = f" ({verdict.more:+} rows)" if verdict.more else ""
    return f"[{style}]{said(verdict.got)}{rows}[/]"
