"""One Elastic detection rule, as its file says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from converter.frozen import dataclass
from converter.source import Position


@dataclass(frozen=True, slots=True)
class Technique:
    """A MITRE ATT&CK technique with its subtechniques."""

    id: str
    name: str
    reference: str = ""
    subtechniques: tuple[Technique, ...] = ()


@dataclass(frozen=True, slots=True)
class Threat:
    """A MITRE ATT&CK tactic with the techniques under it."""

    tactic_id: str
    tactic_name: str
    techniques: tuple[Technique, ...] = ()
    framework: str = "MITRE ATT&CK"


@dataclass(frozen=True, slots=True)
class ThresholdSpec:
    """A `threshold` rule's table: group-by fields, the least count, and (field, least distinct values)."""

    fields: tuple[str, ...]
    value: int
    cardinality: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class NewTermsSpec:
    """A `new_terms` rule's fields and the history window in milliseconds."""

    fields: tuple[str, ...]
    window: int


@dataclass(frozen=True, slots=True)
class ThreatMatchSpec:
    """A `threat_match` rule's indicator side; `mapping` is an OR of ANDs of (field, indicator field).

    `negated`: some entry asks that the values do not match (`negate = true`).
    """

    index: tuple[str, ...]
    query: str
    language: str
    mapping: tuple[tuple[tuple[str, str], ...], ...]
    filters: tuple[Mapping[str, Any], ...] = ()
    query_position: Position | None = None
    negated: bool = False


DEFAULT_LOOK_BACK = 6 * 60_000


@dataclass(frozen=True, slots=True)
class Rule:
    """An Elastic rule. `source` is its path relative to the input, `query_position` where the query text
    begins in the file (of the first character inside the quotes). Keys without a field stay in `extra`.
    Dates are ISO (YYYY-MM-DD). `since` is the rule's look-back in milliseconds (`from = "now-9m"`),
    `interval` how often it runs, in milliseconds. `places` says where its keys stand in the file, by the
    names that TOML gives them ("rule.query", "rule.filters[0]"); in an export they are all on one line.
    """

    rule_id: str
    name: str
    type: str
    source: str
    language: str | None = None
    query: str | None = None
    query_position: Position | None = None
    description: str = ""
    severity: str = ""
    risk_score: int = 0
    author: tuple[str, ...] = ()
    license: str = ""
    tags: tuple[str, ...] = ()
    index: tuple[str, ...] = ()
    integration: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    false_positives: tuple[str, ...] = ()
    note: str = ""
    setup: str = ""
    threats: tuple[Threat, ...] = ()
    created: str | None = None
    updated: str | None = None
    maturity: str = ""
    since: int | None = None
    interval: int | None = None
    event_category_override: str | None = None
    timestamp_override: str | None = None
    filters: tuple[Mapping[str, Any], ...] = ()
    threshold: ThresholdSpec | None = None
    new_terms: NewTermsSpec | None = None
    threat_match: ThreatMatchSpec | None = None
    machine_learning_jobs: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, Position] = field(default_factory=dict, compare=False, repr=False)

    @property
    def look_back(self) -> int:
        """How far back the rule looks each time it runs, in milliseconds; where it doesn't say, Kibana's
        default (`from: now-6m`)."""
        return DEFAULT_LOOK_BACK if self.since is None else self.since
