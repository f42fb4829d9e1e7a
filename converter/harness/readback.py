"""Emitted files back from disk: each is run as it lies there, with the fidelity that the report declares."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from converter.elastic.parse import parse_rule
from converter.elastic.rule import Rule
from converter.evaluate.elastic import compile_detection
from converter.events.case import Case
from converter.harness.asked import asked_fields
from converter.harness.outcome import Outcome, Translation
from converter.harness.parity import Translated, check
from converter.lowering.fidelity import Fidelity, Reason, directions
from converter.source import NotSupportedError, Position, SourceError
from converter.taxonomy import Taxonomy
from converter.taxonomy.columns import schemas_of

REPORT = "report.json"


def read_back(
    folder: Path, rules: Sequence[Rule], fixtures: Mapping[str, Sequence[Case]], taxonomy: Taxonomy
) -> list[Outcome]:
    """An outcome for each rule. Raises SourceError for a folder without a readable report."""
    entries = {entry["rule_id"]: entry for entry in _report(folder)["rules"]}
    outcomes: list[Outcome] = []
    for rule in rules:
        entry = entries.get(rule.rule_id)
        if entry is None:
            error = SourceError("the output folder's report has no such rule", path=rule.source)
            outcomes.append(Outcome(rule, error=error))
            continue
        outcomes.append(_outcome(folder, rule, entry, fixtures.get(rule.rule_id, ()), taxonomy))
    return outcomes


def _outcome(
    folder: Path, rule: Rule, entry: Mapping[str, Any], cases: Sequence[Case], taxonomy: Taxonomy
) -> Outcome:
    try:
        translations = tuple(_translation(folder, item, taxonomy) for item in entry["translations"])
        differs = {item["profile"]: item.get("differs") for item in entry["translations"]}
        detection = parse_rule(rule)
    except NotSupportedError:
        return Outcome(rule, tuple(_translation(folder, item, taxonomy) for item in entry["translations"]))
    except SourceError as error:
        return Outcome(rule, error=error)
    emitted = [
        Translated(item.profile, item.text, directions(item.reasons), _names(differs[item.profile.name]))
        for item in translations
        if item.text is not None
    ]
    schemas = {item.profile.name: schemas_of(item.profile) for item in emitted}
    original = compile_detection(detection)
    parity = check(original, cases, emitted, taxonomy, schemas, asked_fields(detection)) if cases else None
    return Outcome(rule, translations, parity, tuple(cases))


def _translation(folder: Path, item: Mapping[str, Any], taxonomy: Taxonomy) -> Translation:
    profile = taxonomy.profiles[item["profile"]]
    reasons = tuple(map(_reason, item["reasons"]))
    paths = item.get("paths") or ([item["path"]] if item["path"] is not None else [])
    files = {path: _text(folder / path) for path in paths}
    return Translation(profile, Fidelity(item["fidelity"]), reasons, files)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot be read: {error}", path=str(path)) from None


def _names(names: Sequence[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


def _reason(item: Mapping[str, Any]) -> Reason:
    position = Position(item["line"], item["column"]) if "line" in item else None
    return Reason(item["code"], item["message"], Fidelity(item["direction"]), item.get("field"), position)


def _report(folder: Path) -> Any:
    path = folder / REPORT
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", path=str(path)) from None
    except ValueError as error:
        raise SourceError(f"not a report: {error}", path=str(path)) from None
