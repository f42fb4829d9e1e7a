"""One profile's translation of a rule: lowered, and written in the target's language."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from converter.elastic.rule import Rule
from converter.elastic.types import field_type
from converter.harness.outcome import Translation
from converter.ir import Detection
from converter.lowering.assumed import of_length
from converter.lowering.fidelity import Fidelity, Reason, Refused, overall
from converter.lowering.given import Given
from converter.lowering.lower import lower
from converter.sigma.plan import draft
from converter.sigma.write import slug, write_sigma
from converter.source import NotSupportedError
from converter.taxonomy import Profile, Taxonomy
from converter.taxonomy.columns import schemas_of

SUFFIXES = {"sigma": ".yml", "splunk": ".spl", "kql": ".kql"}
MAX_TEXT = 250_000
"""Characters of a translation: as many as a rule's query may have. Products take less (docs/architecture.md):
longer queries are for functions and for hunting."""
_ABOUT_KEYS = ("unmapped-key", "keys-differ", "keys-same")
"""Codes of reasons that speak of what is grouped or counted by."""


def translate(rule: Rule, detection: Detection, profile: Profile, taxonomy: Taxonomy) -> Translation:
    """One profile's translation; a refusal is one with fidelity none."""
    try:
        lowered = lower(detection, Given(profile, taxonomy, field_type, rule.index, rule.look_back))
        if profile.target == "sigma":
            sigma, lost = draft(lowered.plan)
            reasons = (*lowered.reasons, *lost)
            files = write_sigma(rule, sigma)
        else:
            from converter.backends.emit import emit  # with pySigma, which takes long to load

            reasons = lowered.reasons
            text = emit(lowered.plan, profile, schemas_of(profile))
            files = {_stem(rule) + SUFFIXES[profile.target]: text}
    except Refused as refusal:
        return refused(rule, profile, *refusal.reasons)
    except NotSupportedError as unsupported:
        return refused(rule, profile, reason_of(unsupported))
    size = sum(map(len, files.values()))
    if size > MAX_TEXT:
        message = f"a translation of {size:,} characters, more than the {MAX_TEXT:,} allowed"
        return refused(rule, profile, Reason("too-large", message, Fidelity.NONE))
    assumed = (*lowered.assumed, *of_length(max(files.values(), key=len), profile))
    return Translation(profile, overall(reasons), reasons, files, assumed)


def _stem(rule: Rule) -> str:
    """The name of the rule's file; an export holds many rules, which go by their own names."""
    source = Path(rule.source)
    return slug(rule) if source.suffix.lower() == ".ndjson" else source.stem


def refused(rule: Rule, profile: Profile, *reasons: Reason) -> Translation:
    """No translation; what is true of the whole rule has its place where the query begins."""
    return Translation(profile, Fidelity.NONE, tuple(_placed(rule, reason) for reason in reasons))


def _placed(rule: Rule, reason: Reason) -> Reason:
    """The reason with a place in the rule's file: its own, else that of what it is about.

    What is asked for outside of the query (the fields of a threshold) stands under its own key.
    """
    if reason.position is not None:
        return reason
    keyed = ("rule.new_terms", "rule.threshold") if reason.code in _ABOUT_KEYS else ()
    places = [rule.places.get(name) for name in keyed]
    places += [rule.query_position, *(rule.places.get(name) for name in ("rule.query", "rule.type", "rule"))]
    place = next((place for place in places if place is not None), None)
    return replace(reason, position=place)


def reason_of(unsupported: NotSupportedError) -> Reason:
    return Reason(unsupported.code, unsupported.message, Fidelity.NONE, None, unsupported.position)
