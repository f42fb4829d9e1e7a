"""A draft as Sigma YAML: one rule, or rules and the correlation over them, documents of one file."""

from __future__ import annotations

import io
import re
from datetime import date
from functools import cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString, SingleQuotedScalarString

from converter.elastic.rule import Rule
from converter.lowering.fidelity import Refused
from converter.sigma.detection import detection
from converter.sigma.draft import CorrelationDraft, DetectionDraft, Logsource, SigmaDraft
from converter.sigma.metadata import false_positives, level, license_of, metadata

_PREFIXES = {
    ("process_creation", "windows"): "proc_creation_win",
    ("process_creation", "linux"): "proc_creation_lnx",
    ("process_creation", "macos"): "proc_creation_macos",
    ("network_connection", "windows"): "net_connection_win",
    ("network_connection", "linux"): "net_connection_lnx",
    ("network_connection", "macos"): "net_connection_macos",
    ("file_event", "windows"): "file_event_win",
    ("file_event", "linux"): "file_event_lnx",
    ("file_event", "macos"): "file_event_macos",
    ("file_delete", "windows"): "file_delete_win",
    ("file_rename", "windows"): "file_rename_win",
    ("image_load", "windows"): "image_load_win",
    ("driver_load", "windows"): "driver_load_win",
    ("dns_query", "windows"): "dns_query_win",
    ("registry_set", "windows"): "registry_set",
    ("registry_add", "windows"): "registry_add",
    ("registry_delete", "windows"): "registry_delete",
    ("registry_event", "windows"): "registry_event",
    ("pipe_created", "windows"): "pipe_created",
    ("process_access", "windows"): "proc_access_win",
    ("create_remote_thread", "windows"): "create_remote_thread_win",
    ("ps_script", "windows"): "posh_ps",
}
_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000))
_PLAIN = re.compile(r"^[A-Za-z][\w.-]*$")
_MAX_NAME = 90


def write_sigma(rule: Rule, draft: SigmaDraft) -> str:
    """The file's text. Raises Refused or NotSupportedError for what Sigma cannot say."""
    documents = [_detection(rule, item, draft) for item in draft.detections]
    documents += [_correlation(rule, draft, correlation) for correlation in draft.correlations]
    return "---\n".join(_dump(document) for document in documents)


def file_name(rule: Rule, draft: SigmaDraft) -> str:
    """`proc_creation_win_*.yml`, as SigmaHQ names files; correlations `correlation_*`."""
    prefix = "correlation" if draft.correlations else _prefix(draft.detections[0].logsource)
    name = re.sub(r"[^a-z0-9]+", "_", rule.name.lower()).strip("_")
    return f"{prefix}_{name}"[: _MAX_NAME - 4].rstrip("_") + ".yml"


def timespan(milliseconds: int) -> str:
    """Sigma's timespan in the largest unit that is whole. Raises Refused below a second."""
    for unit, size in _UNITS:
        if milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    raise Refused.because("sigma-timespan", f"a timespan of {milliseconds} ms: Sigma counts whole seconds")


def _detection(rule: Rule, item: DetectionDraft, draft: SigmaDraft) -> dict[str, Any]:
    alone = len(draft.detections) == 1 and not draft.correlations
    label = "" if alone else item.label
    data = metadata(rule, () if draft.correlations else draft.notes, label)
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
    name = re.sub(r"[^a-z0-9]+", "_", rule.name.lower()).strip("_")
    return f"{name}_{label}" if label else name


def _ended(rule: Rule, data: dict[str, Any]) -> dict[str, Any]:
    data["falsepositives"] = false_positives(rule)
    data["level"] = level(rule)
    if license := license_of(rule):
        data["license"] = license
    return data


def _prefix(logsource: Logsource) -> str:
    known = _PREFIXES.get((logsource.category or "", logsource.product or ""))
    parts = (logsource.product, logsource.service or logsource.category)
    return known or "_".join(re.sub(r"[^a-z0-9]+", "_", part.lower()) for part in parts if part)


def _dump(document: dict[str, Any]) -> str:
    buffer = io.StringIO()
    _yaml().dump({key: _styled(key, value) for key, value in document.items()}, buffer)
    return buffer.getvalue()


@cache
def _yaml() -> YAML:
    """SigmaHQ's layout: four spaces, lists indented, no line breaks inside of texts."""
    yaml = YAML()
    yaml.indent(mapping=4, sequence=6, offset=4)
    yaml.width = 100_000
    yaml.allow_unicode = True
    return yaml


def _styled(key: str, value: Any) -> Any:
    """Quotes as SigmaHQ sets them: single around values of detections, none around plain words."""
    if key == "description" and "\n" in value:
        return LiteralScalarString(value)
    if key in ("date", "modified"):
        return date.fromisoformat(value)
    if key == "detection":
        return {name: value[name] if name == "condition" else _quoted(value[name]) for name in value}
    return value


def _quoted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _quoted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_quoted(item) for item in value]
    return SingleQuotedScalarString(value) if isinstance(value, str) else value
