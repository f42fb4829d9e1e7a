"""Emitted files back from disk: each is run as it lies there, with the fidelity that the report declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from converter.elastic.parse import parse_rule
from converter.elastic.rule import Rule
from converter.evaluate.elastic import compile_deciding
from converter.evaluate.remembered import Remembered
from converter.events.case import Case
from converter.events.generate import all_cases, generate_cases
from converter.harness.entries import REPORT, Entry, files_of
from converter.harness.outcome import Outcome, Translation
from converter.harness.parity import Translated
from converter.harness.queries import Queries
from converter.harness.verification import Each, verification_of
from converter.lowering.fidelity import Fidelity, Reason, directions
from converter.source import NotSupportedError, Position, SourceError
from converter.taxonomy import Taxonomy

_Told: TypeAlias = tuple[frozenset[str] | None, str | None]
"""The cases in which a translation differed, and the digest of the generated ones among them."""


def read_back(
    folder: Path,
    rule: Rule,
    entry: Entry | None,
    written: Sequence[Case],
    taxonomy: Taxonomy,
    max_cases: int | None,
    each: Each = map,
) -> Outcome:
    """The rule's files through its cases: the hand-written ones, and `max_cases` generated ones at most.

    None: no cases are generated. `each`: as `Verification.parity` takes it.
    """
    if entry is None:
        return Outcome(
            rule, error=SourceError("the output folder's report has no such rule", path=rule.source)
        )
    try:
        translations = tuple(_translation(folder, item, taxonomy) for item in entry["translations"])
        told = {
            item["profile"]: (_names(item.get("differs")), _digest(item, entry))
            for item in entry["translations"]
        }
    except SourceError as error:
        return Outcome(rule, error=error)
    except (KeyError, TypeError, ValueError, AttributeError) as damage:
        message = f"the report's entry of rule {rule.rule_id} is damaged: {damage!r}"
        return Outcome(rule, error=SourceError(message, path=str(folder / REPORT)))
    try:
        detection = parse_rule(rule)
        original = Remembered(compile_deciding(detection, index=rule.index))
    except NotSupportedError:
        return Outcome(rule, translations)
    except SourceError as error:
        return Outcome(rule, error=error)
    generated = None if max_cases is None else generate_cases(rule, detection, taxonomy, max_cases, original)
    cases = all_cases(written, generated)
    coverage = None if generated is None else generated.coverage
    emitted = list(_emitted(translations, told, None if coverage is None else coverage.digest))
    verification = verification_of(original, detection, Queries(emitted), taxonomy)
    parity = verification.parity(cases, each) if cases else None
    return Outcome(rule, translations, parity, cases, coverage=coverage)


def _emitted(
    translations: Sequence[Translation], told: Mapping[str, _Told], digest: str | None
) -> Iterator[Translated]:
    """The translations that there are, with what the report told of them; `digest`: of the generated cases of
    this run, if there are any."""
    for item in translations:
        if item.text is not None:
            differs, then = told[item.profile.name]
            same = digest is not None and digest == then
            yield Translated(item.profile, item.text, directions(item.reasons), differs, same)


def _translation(folder: Path, item: Mapping[str, Any], taxonomy: Taxonomy) -> Translation:
    profile = taxonomy.profiles.get(item["profile"])
    if profile is None:
        raise SourceError(f"no such profile: {item['profile']}", path=str(folder / REPORT))
    reasons = tuple(map(_reason, item["reasons"]))
    files = {path: _text(folder / path) for path in files_of(item)}
    return Translation(profile, Fidelity(item["fidelity"]), reasons, files)


def _digest(item: Mapping[str, Any], entry: Entry) -> str | None:
    """Of the generated cases which the translation was run with: the rule's, or those of an earlier run."""
    found: str | None = item.get("earlier", entry.get("generated", {})).get("digest")
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", path=str(path)) from None
    except UnicodeDecodeError as error:
        raise SourceError(f"not UTF-8 at byte {error.start}", path=str(path)) from None


def _names(names: Sequence[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


def _reason(item: Mapping[str, Any]) -> Reason:
    position = Position(item["line"], item["column"]) if "line" in item else None
    return Reason(item["code"], item["message"], Fidelity(item["direction"]), item.get("field"), position)
