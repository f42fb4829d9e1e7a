"""A draft as Sigma YAML: a file a rule, or a file for a correlation and the rules that it is over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from converter.elastic.rule import Rule
from converter.lowering.fidelity import Refused
from converter.sigma.conventions import filename_prefix
from converter.sigma.detection import detection
from converter.sigma.documents import join
from converter.sigma.draft import CorrelationDraft, DetectionDraft, Logsource, SigmaDraft
from converter.sigma.layout import dump
from converter.sigma.metadata import false_positives, level, license_of, metadata
from converter.sigma.suffixes import suffixes

_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000))
_SEPARATORS = re.compile(r"[^a-z0-9]+")
_MAX_NAME = 90


def write_sigma(rule: Rule, draft: SigmaDraft) -> dict[str, str]:
    """Text by file name, as SigmaHQ keeps rules: `proc_creation_win_*.yml`, a file each; `correlation_*.yml`.

    Raises Refused or NotSupportedError for what Sigma cannot say.
    """
    several = len(draft.detections) > 1 and not draft.correlations
    words: Sequence[str | None] = suffixes(draft.detections) if several else [None] * len(draft.detections)
    rules = [
        _detection(rule, item, draft, suffix) for item, suffix in zip(draft.detections, words, strict=True)
    ]
    if draft.correlations:
        documents = rules + [_correlation(rule, draft, correlation) for correlation in draft.correlations]
        return {_file_name(rule, "correlation"): join(map(dump, documents))}
    files: dict[str, str] = {}
    for item, document in zip(draft.detections, rules, strict=True):
        name = _file_name(rule, _prefix(item.logsource))
        if name in files:
            name = _file_name(rule, _prefix(item.logsource), f"_{item.label}")
        files[name] = dump(document)
    return files


def _file_name(rule: Rule, prefix: str, suffix: str = "") -> str:
    name = slug(rule)
    room = _MAX_NAME - len(suffix) - len(".yml")
    return f"{prefix}_{name}"[:room].rstrip("_") + f"{suffix}.yml"


def slug(rule: Rule) -> str:
    """The rule's name in ASCII letters, digits and `_`; its id where the name has none of these."""
    name = _SEPARATORS.sub("_", rule.name.lower()).strip("_")
    return name or _SEPARATORS.sub("_", rule.rule_id.lower()).strip("_") or "rule"


def timespan(milliseconds: int) -> str:
    """Sigma's timespan in the largest unit that is whole. Raises Refused below a second."""
    for unit, size in _UNITS:
        if milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    raise Refused.because("sigma-timespan", f"a timespan of {milliseconds} ms: Sigma counts whole seconds")


def _detection(rule: Rule, item: DetectionDraft, draft: SigmaDraft, suffix: str | None) -> dict[str, Any]:
    """One rule; `suffix`: of its title, by default its label."""
    alone = len(draft.detections) == 1 and not draft.correlations
    label = "" if alone else item.label
    data = metadata(rule, () if draft.correlations else draft.notes, label, suffix)
    if draft.correlations:
        data["name"] = reference(rule, item.label)
    data["logsource"] = {
        key: value
        for key, value in (
            ("category", item.logsource.category),
            ("product", item.logsource.product),
            ("service", item.logsource.service),
        )
        if value is not None
    }
    data["detection"] = detection(item.predicate)
    return _ended(rule, data)


def _correlation(rule: Rule, draft: SigmaDraft, correlation: CorrelationDraft) -> dict[str, Any]:
    data = metadata(rule, draft.notes, correlation.label)
    data["name"] = reference(rule, correlation.label)
    body: dict[str, Any] = {
        "type": correlation.type,
        "rules": [reference(rule, label) for label in correlation.labels],
    }
    if correlation.group_by:
        body["group-by"] = list(correlation.group_by)
    body["timespan"] = timespan(correlation.timespan)
    if correlation.aliases:
        body["aliases"] = {
            alias: {reference(rule, label): name for label, name in fields.items()}
            for alias, fields in correlation.aliases.items()
        }
    if correlation.condition is not None:
        operator, number = correlation.condition
        body["condition"] = {operator: number}
        if correlation.condition_field:
            body["condition"]["field"] = correlation.condition_field[0]
    data["correlation"] = body
    return _ended(rule, data)


def reference(rule: Rule, label: str) -> str:
    """The `name` by which a correlation refers to a rule of its file."""
    name = slug(rule)
    return f"{name}_{label}" if label else name


def _ended(rule: Rule, data: dict[str, Any]) -> dict[str, Any]:
    data["falsepositives"] = false_positives(rule)
    data["level"] = level(rule)
    if license := license_of(rule):
        data["license"] = license
    return data


def _prefix(logsource: Logsource) -> str:
    """SigmaHQ's, and where it has none, what the log source is."""
    known = filename_prefix(logsource.product, logsource.category, logsource.service)
    parts = (logsource.product, logsource.service or logsource.category)
    own = "_".join(_SEPARATORS.sub("_", part.lower()) for part in parts if part)
    if known and not own.startswith(known):
        return known.rstrip("_")
    return own or "generic"
