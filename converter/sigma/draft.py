"""What the Sigma writer is given: detections over Sigma's field names, and the correlation over them."""

from __future__ import annotations

from dataclasses import field

from converter.frozen import dataclass
from converter.ir import Predicate


@dataclass(frozen=True, slots=True)
class Logsource:
    """A Sigma log source; what is None is not written."""

    category: str | None = None
    product: str | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class DetectionDraft:
    """One detection rule. `predicate` is over Sigma's fields; `label` tells the rules of one file apart.

    Its leaves are Equals, Like, Regex ("pcre"), Compare, Cidr, Exists, AnyField and the Script comparison
    of two fields (`fieldref`); lowering has turned all else into these. `label` is empty where a file has
    one rule.
    """

    logsource: Logsource
    predicate: Predicate
    label: str = ""


@dataclass(frozen=True, slots=True)
class CorrelationDraft:
    """One correlation over the file's detections.

    `labels` are those of its detections, in order; `label` tells several correlations of one file apart.
    `type` is Sigma's (temporal, temporal_ordered, event_count, value_count, ...); `group_by` are field names
    or aliases, `aliases` maps an alias to {label of the detection: field}; `timespan` is in milliseconds;
    `condition` is (operator, number), `condition_field` what value_count counts.
    """

    type: str
    timespan: int
    labels: tuple[str, ...]
    label: str = ""
    group_by: tuple[str, ...] = ()
    aliases: dict[str, dict[str, str]] = field(default_factory=dict)
    condition: tuple[str, float] | None = None
    condition_field: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SigmaDraft:
    """All that one Elastic rule becomes in Sigma; `notes` go into the description (what is lost)."""

    detections: tuple[DetectionDraft, ...]
    correlations: tuple[CorrelationDraft, ...] = ()
    notes: tuple[str, ...] = ()
