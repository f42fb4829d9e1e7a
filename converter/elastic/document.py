"""A rule's document, TOML's or Kibana's JSON, as a :class:`~converter.elastic.rule.Rule`.

Both hold the same keys; a TOML file has them under `[rule]` with a `[metadata]` table beside it, an
exported rule has them at the top. Source: Elastic Security's rule schema (the detections API reference).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NoReturn

from converter.elastic.rule import NewTermsSpec, Rule, Technique, Threat, ThreatMatchSpec, ThresholdSpec
from converter.frozen import dataclass
from converter.late import late
from converter.source import Position, SourceError

_UNITS = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "H": 3_600_000,
    "d": 86_400_000,
    "w": 7 * 86_400_000,
    "M": 30 * 86_400_000,
    "y": 365 * 86_400_000,
}
_DURATION = late(r"(\d{1,12})\s*(ms|[smhHdwMy])")
_SINCE = re.compile(r"now(?:\s*-\s*(\d{1,12})\s*([smhHdwMy]))?(?:/[smhHdwMy])?")
_DATE = re.compile(r"(\d{4})[-/](\d{2})[-/](\d{2})(?:$|[T ])")

QUERY_KEYS = ("query", "threat_query")
"""Keys whose text is a query: errors in it point into the text."""

_LANGUAGE_OF_TYPE = {"eql": "eql", "esql": "esql"}
"""Rule types with a language of their own; the others that have a query default to kuery."""

WITHOUT_QUERY = frozenset({"machine_learning", "saved_query"})
"""Rule types that need no query text."""

_KNOWN = frozenset(
    {
        "rule_id",
        "name",
        "type",
        "language",
        "query",
        "description",
        "severity",
        "risk_score",
        "author",
        "license",
        "tags",
        "index",
        "references",
        "false_positives",
        "note",
        "setup",
        "threat",
        "from",
        "interval",
        "event_category_override",
        "timestamp_override",
        "filters",
        "threshold",
        "new_terms",
        "new_terms_fields",
        "history_window_start",
        "threat_index",
        "threat_query",
        "threat_language",
        "threat_filters",
        "machine_learning_job_id",
    }
)
"""What has a field of its own in `Rule`; all else is kept in `extra`."""


@dataclass(frozen=True, slots=True)
class Document:
    """The keys of one rule, with where they came from.

    `table` is the rule's own table, `metadata` the TOML file's other one; `places` holds the place of each
    key by its TOML name, `query_places` that of the text inside the quotes.
    """

    table: Mapping[str, Any]
    metadata: Mapping[str, Any]
    source: str
    places: Mapping[str, Position]
    query_places: Mapping[str, Position]

    def fail(self, message: str, key: str | None = None) -> NoReturn:
        """Raise a :class:`SourceError` that points at the key, or at the rule where the key is missing."""
        position = self.places.get(f"rule.{key}") or self.places.get("rule") or Position(1, 1)
        raise SourceError(message, position, self.source)

    def text(self, key: str, default: str = "") -> str:
        """A string; the default where the key is missing."""
        value = self.table.get(key)
        if value is None:
            return default
        if not isinstance(value, str):
            self.fail(f"`{key}` is {_kind(value)}, expected a string", key)
        return value

    def number(self, key: str) -> int:
        """A whole number; 0 where the key is missing."""
        value = self.table.get(key, 0)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail(f"`{key}` is {_kind(value)}, expected a whole number", key)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings, or one string for a list of one."""
        return self.as_texts(self.table.get(key), key)

    def as_texts(self, value: Any, key: str) -> tuple[str, ...]:
        """The value of `key`, or of something inside it, as a list of strings."""
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list):
            self.fail(f"`{key}` is {_kind(value)}, expected a list of strings", key)
        for item in value:
            if not isinstance(item, str):
                self.fail(f"`{key}` holds {_kind(item)}, expected strings only", key)
        return tuple(value)

    def tables(self, key: str) -> tuple[Mapping[str, Any], ...]:
        """A list of tables."""
        return self.as_tables(self.table.get(key), key)

    def as_tables(self, value: Any, key: str) -> tuple[Mapping[str, Any], ...]:
        """The value of `key`, or of something inside it, as a list of tables."""
        if value is None:
            return ()
        items = value if isinstance(value, list) else [value]
        for item in items:
            if not isinstance(item, dict):
                self.fail(f"`{key}` holds {_kind(item)}, expected tables only", key)
        return tuple(items)

    def duration(self, value: Any, key: str, pattern: re.Pattern[str]) -> int | None:
        """Milliseconds of "5m" or, by the other pattern, "now-5m"; None where missing or an absolute date."""
        if value is None:
            return None
        if not isinstance(value, str):
            self.fail(f"`{key}` is {_kind(value)}, expected a string", key)
        match = pattern.fullmatch(value.strip())
        if match is None:
            if pattern is _SINCE and _DATE.match(value):
                return None
            example = "now-9m" if pattern is _SINCE else "5m"
            self.fail(f"`{key}` is {value!r}, expected a time like {example}", key)
        return int(match.group(1)) * _UNITS[match.group(2)] if match.group(1) else 0


def read_rule(document: Document) -> Rule:
    """The rule that the document describes.

    Raises :class:`SourceError`, with the place of the key, for a missing `rule_id`, `name`, `type` or `query`
    and for a key of the wrong type. Keys that have no field of their own are kept in `extra`.
    """
    for key in ("rule_id", "name", "type"):
        if not document.text(key).strip():
            document.fail(f"the rule has no `{key}`", key)
    kind = document.text("type")
    query = document.text("query") if "query" in document.table else None
    if query is None and kind not in WITHOUT_QUERY:
        document.fail("the rule has no `query`")
    language = document.text("language") or _LANGUAGE_OF_TYPE.get(kind, "kuery")
    table, metadata = document.table, document.metadata
    return Rule(
        rule_id=document.text("rule_id").strip(),
        name=document.text("name"),
        type=kind,
        source=document.source,
        language=None if query is None else language,
        query=query,
        query_position=document.query_places.get("query"),
        description=document.text("description"),
        severity=document.text("severity"),
        risk_score=document.number("risk_score"),
        author=document.texts("author"),
        license=document.text("license"),
        tags=document.texts("tags"),
        index=document.texts("index"),
        integration=document.as_texts(metadata.get("integration"), "integration"),
        references=document.texts("references"),
        false_positives=document.texts("false_positives"),
        note=document.text("note"),
        setup=document.text("setup"),
        threats=_threats(document),
        created=_date(metadata.get("creation_date") or table.get("created_at")),
        updated=_date(metadata.get("updated_date") or table.get("updated_at")),
        maturity=str(metadata.get("maturity", "")),
        since=document.duration(table.get("from"), "from", _SINCE),
        interval=document.duration(table.get("interval"), "interval", _DURATION),
        event_category_override=document.text("event_category_override") or None,
        timestamp_override=document.text("timestamp_override") or None,
        filters=document.tables("filters"),
        threshold=_threshold(document),
        new_terms=_new_terms(document),
        threat_match=_threat_match(document) if kind == "threat_match" else None,
        machine_learning_jobs=document.texts("machine_learning_job_id"),
        extra=_extra(document),
        places=document.places,
    )


def _threats(document: Document) -> tuple[Threat, ...]:
    threats = []
    for entry in document.tables("threat"):
        tactics = document.as_tables(entry.get("tactic"), "threat")
        tactic: Mapping[str, Any] = tactics[0] if tactics else {}
        threats.append(
            Threat(
                str(tactic.get("id", "")),
                str(tactic.get("name", "")),
                _techniques(document, entry.get("technique"), "subtechnique"),
                str(entry.get("framework", "MITRE ATT&CK")),
            )
        )
    return tuple(threats)


def _techniques(document: Document, value: Any, nested: str | None) -> tuple[Technique, ...]:
    return tuple(
        Technique(
            str(item.get("id", "")),
            str(item.get("name", "")),
            str(item.get("reference", "")),
            _techniques(document, item.get(nested), None) if nested else (),
        )
        for item in document.as_tables(value, "threat")
    )


def _threshold(document: Document) -> ThresholdSpec | None:
    value = document.table.get("threshold")
    if value is None:
        if document.table.get("type") == "threshold":
            document.fail("the threshold rule has no `threshold`")
        return None
    table = document.as_tables(value, "threshold")[0] if value != [] else {}
    cardinality = []
    for item in document.as_tables(table.get("cardinality"), "threshold"):
        cardinality.append((_only_text(document, item.get("field")), _count(document, item.get("value"))))
    fields = tuple(field for field in document.as_texts(table.get("field"), "threshold") if field)
    return ThresholdSpec(fields, _count(document, table.get("value")), tuple(cardinality))


def _only_text(document: Document, value: Any) -> str:
    texts = document.as_texts(value, "threshold")
    if len(texts) != 1:
        document.fail("a cardinality of `threshold` needs one `field`", "threshold")
    return texts[0]


def _count(document: Document, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        document.fail(f"a `value` of `threshold` is {_kind(value)}, expected a whole number", "threshold")
    return value


def _new_terms(document: Document) -> NewTermsSpec | None:
    """TOML files nest fields and window as `{field, value}` tables; exports have them as plain keys."""
    if document.table.get("type") != "new_terms":
        return None
    fields: Any = document.table.get("new_terms_fields")
    start: Any = document.table.get("history_window_start")
    for table in document.tables("new_terms"):
        fields = table.get("value", fields)
        for entry in document.as_tables(table.get("history_window_start"), "new_terms"):
            start = entry.get("value", start)
    names = document.as_texts(fields, "new_terms")
    window = document.duration(start, "new_terms", _SINCE)
    if not names or window is None:
        document.fail(
            "the new_terms rule needs its fields and a history window start such as now-7d", "new_terms"
        )
    return NewTermsSpec(names, window)


def _threat_match(document: Document) -> ThreatMatchSpec:
    mapping = []
    negated = False
    for group in document.tables("threat_mapping"):
        pairs = []
        for entry in document.as_tables(group.get("entries"), "threat_mapping"):
            field, value = entry.get("field"), entry.get("value")
            if not isinstance(field, str) or not isinstance(value, str):
                document.fail("an entry of `threat_mapping` needs `field` and `value`", "threat_mapping")
            pairs.append((field, value))
            negated = negated or bool(entry.get("negate"))
        if pairs:
            mapping.append(tuple(pairs))
    if not mapping:
        document.fail("the threat_match rule has no `threat_mapping`", "threat_mapping")
    return ThreatMatchSpec(
        document.texts("threat_index"),
        document.text("threat_query", "*:*"),
        document.text("threat_language", "kuery"),
        tuple(mapping),
        document.tables("threat_filters"),
        document.query_places.get("threat_query"),
        negated,
    )


def _extra(document: Document) -> dict[str, Any]:
    extra = {key: value for key, value in document.table.items() if key not in _KNOWN}
    used = {"creation_date", "updated_date", "maturity", "integration"}
    metadata = {key: value for key, value in document.metadata.items() if key not in used}
    if metadata:
        extra["metadata"] = metadata
    return extra


def _date(value: Any) -> str | None:
    """A date as YYYY-MM-DD; TOML files write it as text with slashes, exported rules as a timestamp.

    None for what is no day of the calendar: the rule is as good without.
    """
    match = _DATE.match(str(value)) if value is not None else None
    try:
        return date(*map(int, match.groups())).isoformat() if match else None
    except ValueError:
        return None


def _kind(value: Any) -> str:
    names = {
        "dict": "a table",
        "list": "a list",
        "bool": "a boolean",
        "NoneType": "missing",
        "str": "a string",
    }
    name = names.get(type(value).__name__)
    if isinstance(value, float) and not value.is_integer():
        return "a fraction" if math.isfinite(value) else str(value)
    return name or ("a number" if isinstance(value, (int, float)) else "a date")
