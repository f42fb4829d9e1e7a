"""The road end to end for one rule: parse -> lower -> emit -> verify; and for many, in parallel.

Nothing here knows a language: each station is called in turn, and what it refuses becomes a reason.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from converter.backends.emit import emit
from converter.elastic.parse import parse_rule
from converter.elastic.rule import Rule
from converter.elastic.types import field_type
from converter.evaluate.elastic import compile_detection
from converter.events.case import Case
from converter.events.generate import generate_cases
from converter.harness.asked import asked_fields
from converter.harness.outcome import Outcome, Translation
from converter.harness.parity import Parity, Translated, check
from converter.ir import Detection
from converter.lowering.fidelity import Fidelity, Reason, Refused, directions, overall
from converter.lowering.lower import Lowering
from converter.sigma.plan import draft
from converter.sigma.write import write_sigma
from converter.source import NotSupportedError, SourceError
from converter.taxonomy import Profile, Taxonomy, load_taxonomy
from converter.taxonomy.columns import schemas_of

SUFFIXES = {"sigma": ".yml", "splunk": ".spl", "kql": ".kql"}
POOL_FROM = 12
"""From this many rules on, processes cost less than they save."""


@dataclass(frozen=True)
class Settings:
    """What a run converts: the profiles, hand-written cases by rule id, a user's own taxonomy; whether cases
    are generated beside the hand-written ones."""

    profiles: tuple[str, ...]
    fixtures: Mapping[str, Sequence[Case]] = field(default_factory=dict)
    taxonomy: Path | None = None
    generate: bool = False
    max_cases: int = 400


def convert_rule(rule: Rule, settings: Settings) -> Outcome:
    """Everything about one rule. Never raises for what is in the rule: the outcome says it.

    A fault of our own costs this rule and no other: it is the rule's error, and the run's exit status.
    """
    try:
        return _convert_rule(rule, settings)
    except Exception as fault:
        message = f"a fault of the converter, please report it: {type(fault).__name__}: {fault}"
        return Outcome(rule, error=SourceError(message, None, rule.source))


def _convert_rule(rule: Rule, settings: Settings) -> Outcome:
    taxonomy = load_taxonomy(settings.taxonomy)
    profiles = [taxonomy.profiles[name] for name in settings.profiles]
    try:
        detection = parse_rule(rule)
    except NotSupportedError as refusal:
        return Outcome(rule, tuple(_refused(profile, _reason(refusal)) for profile in profiles))
    except SourceError as error:
        return Outcome(rule, error=SourceError(error.message, error.position, error.path or rule.source))
    translations = tuple(translate(rule, detection, profile, taxonomy) for profile in profiles)
    cases = cases_of(rule, detection, settings, taxonomy)
    return Outcome(rule, translations, verify(detection, translations, cases, taxonomy), cases)


def cases_of(rule: Rule, detection: Detection, settings: Settings, taxonomy: Taxonomy) -> tuple[Case, ...]:
    """The hand-written cases, then the generated ones (unless the settings turn these off)."""
    written = tuple(settings.fixtures.get(rule.rule_id, ()))
    if not settings.generate:
        return written
    return written + generate_cases(rule, detection, taxonomy, settings.max_cases).cases


def translate(rule: Rule, detection: Detection, profile: Profile, taxonomy: Taxonomy) -> Translation:
    """One profile's translation; a refusal is one with fidelity none."""
    lowering = Lowering(profile, taxonomy, field_type, rule.index, rule.since or 0)
    try:
        lowered = lowering.lower(detection)
        if profile.target == "sigma":
            sigma, lost = draft(lowered.plan)
            reasons = (*lowered.reasons, *lost)
            return Translation(profile, overall(reasons), reasons, write_sigma(rule, sigma))
        text = emit(lowered.plan, profile, schemas_of(profile))
    except Refused as refusal:
        return _refused(profile, *refusal.reasons)
    except NotSupportedError as unsupported:
        return _refused(profile, _reason(unsupported))
    name = Path(rule.source).stem + SUFFIXES[profile.target]
    return Translation(profile, lowered.fidelity, lowered.reasons, {name: text})


def verify(
    detection: Detection, translations: Sequence[Translation], cases: Sequence[Case], taxonomy: Taxonomy
) -> Parity | None:
    """The cases through the original and every translation that there is; None without cases."""
    if not cases:
        return None
    emitted = [
        Translated(translation.profile, translation.text, directions(translation.reasons))
        for translation in translations
        if translation.text is not None
    ]
    schemas = {item.profile.name: schemas_of(item.profile) for item in emitted}
    original = compile_detection(detection)
    return check(original, cases, emitted, taxonomy, schemas, asked_fields(detection))


def run(
    rules: Sequence[Rule], settings: Settings, jobs: int | None = None, done: Callable[[], None] | None = None
) -> list[Outcome]:
    """All rules in the order given; `done` is called after each. `jobs` None: as many as there are cores."""
    workers = jobs or os.cpu_count() or 1
    outcomes: list[Outcome] = []
    for outcome in _outcomes(rules, settings, workers):
        outcomes.append(outcome)
        if done is not None:
            done()
    return outcomes


def _outcomes(rules: Sequence[Rule], settings: Settings, workers: int) -> Iterator[Outcome]:
    if workers == 1 or len(rules) < POOL_FROM:
        yield from (convert_rule(rule, settings) for rule in rules)
        return
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(settings,)) as pool:
        yield from pool.map(_work, rules, chunksize=8)


_settings: list[Settings] = []


def _start(settings: Settings) -> None:
    _settings[:] = [settings]


def _work(rule: Rule) -> Outcome:
    return convert_rule(rule, _settings[0])


def _refused(profile: Profile, *reasons: Reason) -> Translation:
    return Translation(profile, Fidelity.NONE, reasons)


def _reason(unsupported: NotSupportedError) -> Reason:
    return Reason(unsupported.code, unsupported.message, Fidelity.NONE, None, unsupported.position)
