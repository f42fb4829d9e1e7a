"""`report.json`: the machine's view of a run. Its schema: `schema.json` beside this file, docs/report.md."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from converter.events.case import Case, count_cases
from converter.events.generate import Coverage
from converter.events.generate.fixture_files import nested
from converter.harness.outcome import Outcome, Translation
from converter.lowering.fidelity import Fidelity, directions
from converter.report.earlier import Entries
from converter.report.output import Paths
from converter.report.unseen import unseen
from converter.source import SourceError


def report(
    outcomes: Sequence[Outcome],
    paths: Paths,
    errors: Sequence[SourceError],
    kept: Mapping[str, str],
    earlier: Entries,
) -> str:
    """The report as JSON text.

    `paths`: where the files lie below the output folder; `errors`: what could not be read;
    `kept`: path -> source of former outputs that stay, and of which no rule's entry tells: their rule could
    not be read; `earlier`: the entries of translations that the run was not asked for.
    """
    read = [outcome for outcome in outcomes if outcome.error is None]
    document: dict[str, Any] = {
        "rules": [_rule(outcome, paths, earlier) for outcome in read],
        "errors": [error_entry(error) for error in errors],
    }
    if kept:
        document["kept"] = [{"path": path, "source": source} for path, source in sorted(kept.items())]
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def error_entry(error: SourceError) -> dict[str, Any]:
    """What could not be read, with its place."""
    line, column = (error.position.line, error.position.column) if error.position else (None, None)
    return {"path": error.path, "line": line, "column": column, "message": error.message}


def _rule(outcome: Outcome, paths: Paths, earlier: Entries) -> dict[str, Any]:
    rule = outcome.rule
    positive = sum(case.expect == "match" for case in outcome.cases)
    entry: dict[str, Any] = {
        "rule_id": rule.rule_id,
        "name": rule.name,
        "source": rule.source,
        "type": rule.type,
        "language": rule.language,
        "translations": [
            _translation(outcome, translation, paths[rule.rule_id, translation.profile.name])
            for translation in outcome.translations
        ]
        + [dict(item) for item in earlier.get(rule.rule_id, ())],
        "cases": {
            "positive": positive,
            "negative": len(outcome.cases) - positive,
            "parity": outcome.parity is None or outcome.parity.holds,
        },
    }
    if outcome.coverage is not None:
        entry["generated"] = _generated(outcome, outcome.coverage)
    return entry


def _generated(outcome: Outcome, coverage: Coverage) -> dict[str, Any]:
    """How many cases were generated, and what they show."""
    open_atoms = [{"atom": atom.text, "why": atom.why} for atom in coverage.atoms if not atom.covered]
    entry: dict[str, Any] = {
        "cases": count_cases(outcome.generated),
        "timelines": len(outcome.generated),
        "left_out": coverage.left_out,
        "atoms": len(coverage.atoms),
        "covered": len(coverage.atoms) - len(open_atoms),
        "digest": coverage.digest,
    }
    if open_atoms:
        entry["not_covered"] = open_atoms
    if coverage.unsatisfiable:
        entry["unsatisfiable"] = list(coverage.unsatisfiable)
    return entry


def _translation(outcome: Outcome, translation: Translation, paths: tuple[str, ...]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "target": translation.profile.target,
        "profile": translation.profile.name,
        "path": paths[0] if paths else None,
        "fidelity": translation.fidelity.value,
        "reasons": [reason.as_json() for reason in translation.reasons],
    }
    if translation.assumed:
        entry["assumes"] = [one.as_json() for one in translation.assumed]
    if len(paths) > 1:
        entry["paths"] = list(paths)
    if outcome.parity is not None and translation.text is not None:
        declared = directions(translation.reasons) - {Fidelity.NONE}
        if declared:
            entry["witnesses"] = {
                direction.value: _witness(outcome.parity.witness(translation.profile.name, direction))
                for direction in (Fidelity.WIDER, Fidelity.NARROWER)
                if direction in declared
            }
        if hidden := {direction.value: list(why) for direction, why in unseen(translation, outcome.parity)}:
            entry["unseen"] = hidden
        entry["differs"] = outcome.parity.differing(translation.profile.name)
    return entry


def _witness(case: Case | None) -> dict[str, Any] | None:
    """A case that tells translation and original apart: where it lies on disk, else its events."""
    if case is None:
        return None
    if not case.generated:
        return {"case": case.name, "origin": case.origin}
    return {"case": case.name, "events": [nested(event) for event in case.timeline]}
