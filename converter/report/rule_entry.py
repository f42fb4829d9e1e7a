"""What `report.json` says of one rule (docs/report.md)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from converter.evaluate.elastic.fields import nested
from converter.events.case import Case, count_cases
from converter.events.generate import Coverage
from converter.harness.outcome import Outcome, Translation
from converter.lowering.fidelity import Fidelity, directions
from converter.report.unseen import unseen

_PLACE = "\n    "
"""Where an entry stands in the report: two objects deep."""
_EVENTS = '"events": []'
"""A witness without its events: in no text, where a quote is escaped."""
_EVENT, _END = "\n" + " " * 12, "\n" + " " * 10 + "]"
"""Where the events of a witness stand in an entry, and their end."""


def rule_entry(outcome: Outcome) -> dict[str, Any]:
    """The rule's entry. Its files go by the names that they have where no other rule wants these."""
    rule = outcome.rule
    positive = sum(case.expect == "match" for case in outcome.cases)
    entry: dict[str, Any] = {
        "rule_id": rule.rule_id,
        "name": rule.name,
        "source": rule.source,
        "type": rule.type,
        "language": rule.language,
        "translations": [_translation(outcome, translation) for translation in outcome.translations],
        "cases": {
            "positive": positive,
            "negative": len(outcome.cases) - positive,
            "parity": outcome.parity is None or outcome.parity.holds,
        },
    }
    if outcome.coverage is not None:
        entry["generated"] = _generated(outcome, outcome.coverage)
    return entry


def placed(entry: bytes, paths: Iterable[Sequence[str]], more: Iterable[Mapping[str, Any]]) -> bytes:
    """The entry with other paths of its translations' files, and more translations."""
    changed = json.loads(entry)
    for translation, chosen in zip(changed["translations"], paths, strict=True):
        translation |= _paths(chosen)
    changed["translations"] += map(dict, more)
    return as_written(changed)


def as_written(entry: Mapping[str, Any]) -> bytes:
    """The entry as it stands in the report, each event of a witness on a line. A line break is the form's: in
    the texts each is escaped."""
    events: list[Sequence[Mapping[str, Any]]] = []
    shown = {**entry, "translations": [_without_events(one, events) for one in entry["translations"]]}
    first, *rest = json.dumps(shown, indent=2, ensure_ascii=False).split(_EVENTS)
    texts = (
        f"{_EVENTS[:-1]}{_EVENT}{f',{_EVENT}'.join(map(_on_a_line, some))}{_END}{text}"
        for some, text in zip(events, rest, strict=True)
    )
    return "".join((first, *texts)).replace("\n", _PLACE).encode()


def _without_events(
    translation: Mapping[str, Any], events: list[Sequence[Mapping[str, Any]]]
) -> Mapping[str, Any]:
    """The translation whose witnesses have no events; these are behind the others."""
    witnesses = translation.get("witnesses", {})
    bare = dict(witnesses)
    for direction, witness in witnesses.items():
        if witness is not None and "events" in witness:
            events.append(witness["events"])
            bare[direction] = {**witness, "events": []}
    return {**translation, "witnesses": bare} if witnesses else translation


def _on_a_line(event: Mapping[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False)


def _paths(paths: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"path": paths[0] if paths else None}
    return {**found, "paths": list(paths)} if len(paths) > 1 else found


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


def _translation(outcome: Outcome, translation: Translation) -> dict[str, Any]:
    paths = _paths(translation.paths)
    entry: dict[str, Any] = {
        "target": translation.profile.target,
        "profile": translation.profile.name,
        "path": paths.pop("path"),
        "fidelity": translation.fidelity.value,
        "reasons": [reason.as_json() for reason in translation.reasons],
    }
    if translation.assumed:
        entry["assumes"] = [one.as_json() for one in translation.assumed]
    entry |= paths
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
