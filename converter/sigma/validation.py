"""Whether a Sigma file is right: YAML, the Sigma project's JSON Schemas, pySigma's parser, all validators.

Some validators compare with data that pySigma fetches from the network. SigmaHQ's file names, event ids and
providers are here (`conventions`); ATT&CK, D3FEND and the taxonomy are not, and what needs them runs only
where a folder of that data is given: a check does not wait for a network and says the same everywhere.
"""

from __future__ import annotations

import datetime
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.data import mitre_attack, mitre_d3fend
from sigma.exceptions import SigmaError, SigmaRuleLocation
from sigma.rule import SigmaDetectionItem, SigmaLogSource, SigmaRule, SigmaRuleBase
from sigma.validators.base import SigmaRuleValidator, SigmaValidationIssue
from sigma.validators.core import validators as CORE
from sigma.validators.sigmahq import validators as SIGMAHQ
from sigma.validators.sigmahq.data import (
    data_filename,
    data_taxonomy,
    data_windows_eventid,
    data_windows_provider,
)

from converter.frozen import dataclass
from converter.sigma.conventions import published

SCHEMAS = {
    "detection": "sigma-detection-rule-schema.json",
    "correlation": "sigma-correlation-rules-schema.json",
    "filter": "sigma-filters-schema.json",
}
"""The kind of a document and the Sigma project's schema of it."""
_SOURCES: Mapping[str, tuple[Any, frozenset[str]]] = {
    "enterprise-attack.json": (
        mitre_attack,
        frozenset({"attacktag", "sigmahq_tags_techniques_without_tactics"}),
    ),
    "d3fend.json": (mitre_d3fend, frozenset({"d3_fendtag"})),
    "sigmahq_filename.json": (data_filename, frozenset({"sigmahq_filename_prefix"})),
    "sigmahq_taxonomy.json": (
        data_taxonomy,
        frozenset(
            {
                "sigmahq_fieldname_cast",
                "sigmahq_invalid_fieldname",
                "sigmahq_redundant_field",
                "sigmahq_logsource_unknown",
            }
        ),
    ),
    "sigmahq_windows_eventid.json": (data_windows_eventid, frozenset({"sigmahq_category_event_id"})),
    "sigmahq_windows_provider.json": (
        data_windows_provider,
        frozenset({"sigmahq_category_windows_provider_name"}),
    ),
}
"""The file of data, under the name that its publisher gives it; who reads it; the validators that need it."""
NEED_DATA = frozenset[str]().union(
    *(names for file, (_, names) in _SOURCES.items() if published(file) is None)
)
"""The validators that cannot run without data from the network."""


_KEPT = frozenset(
    {
        "mitre_attack_techniques_tactics_mapping",
        "sigmahq_filename_pattern",
        "sigmahq_taxonomy_fieldsname",
        "sigmahq_taxonomy_redundant_fields",
        "sigmahq_category_no_eventid",
        "sigmahq_provider_name",
    }
)
"""What validators look up for each rule."""
_SHOWN = 200
"""Characters of a value that a message shows."""
_READ_DATA = frozenset[str]().union(*(names for _, names in _SOURCES.values()))


@dataclass(frozen=True, slots=True)
class Issue:
    """What one check (`rule`: "yaml", "schema", "parsing" or a validator's name) says of a file.

    `severity`: "error" for what no tool can read, else the validator's: "high", "medium", "low",
    "informational".
    """

    rule: str
    message: str
    severity: str


class Checker:
    """Checks files one by one, then what holds between them.

    `schemas`: a folder of the JSON Schemas, `data`: a folder of the validators' data, each file optional;
    `skipped`: the validators without their data.
    """

    def __init__(self, schemas: Path | None = None, data: Path | None = None) -> None:
        self._schemas = _schemas(schemas)
        self.skipped = _READ_DATA - _use_data(data)
        self._validators = {
            name: validator()
            for name, validator in sorted({**CORE, **SIGMAHQ}.items())
            if name not in self.skipped
        }
        self._uniqueness = {
            name: validator
            for name, validator in self._validators.items()
            if type(validator).finalize is not SigmaRuleValidator.finalize
        }

    def check(self, text: str, filename: str | None = None) -> list[Issue]:
        """The issues of one file of one or more documents; none: it is right."""
        try:
            documents = list(yaml.load_all(text, _Loader))
        except (yaml.YAMLError, ValueError) as error:
            return [Issue("yaml", " ".join(str(error).split()), "error")]
        if not documents or not all(isinstance(document, dict) for document in documents):
            return [Issue("yaml", "a Sigma document is a mapping", "error")]
        issues = [issue for document in documents for issue in self._against_schema(document)]
        source = SigmaRuleLocation(Path(filename)) if filename is not None else None
        try:
            collection = SigmaCollection.from_dicts(documents, collect_errors=True, source=source)
        except SigmaError as error:
            return [*issues, _unreadable(error)]
        errors = dict.fromkeys(map(_unreadable, _parsing_errors(collection)))
        return [*issues, *(errors or self._validated(collection.rules))]

    def finish(self) -> list[Issue]:
        """What the checked files have in common and must not: identifiers, titles, file names."""
        return [
            _issue(name, issue)
            for name, validator in self._uniqueness.items()
            for issue in validator.finalize()
        ]

    def _validated(self, rules: Sequence[Any]) -> list[Issue]:
        """A file with a correlation is named after that: its rules' log sources do not count."""
        correlated = any(isinstance(rule, SigmaCorrelationRule) for rule in rules)
        left_out = "sigmahq_filename_prefix" if correlated else None
        return [
            _issue(name, issue)
            for rule in rules
            for name, validator in self._validators.items()
            if name != left_out
            for issue in validator.validate(rule)
        ]

    def _against_schema(self, document: dict[str, Any]) -> list[Issue]:
        kind = next((kind for kind in ("correlation", "filter") if kind in document), "detection")
        schema = self._schemas.get(kind)
        if schema is None:
            return []
        return [
            Issue("schema", f"{error.json_path}: {error.message[:300]}", "error")
            for error in schema.iter_errors(_plain(document))
        ]


def validate_sigma(text: str, filename: str | None = None, schemas: Path | None = None) -> list[Issue]:
    """The issues of one Sigma file, without data from the network; `schemas`: a folder of JSON Schemas."""
    return _checker(schemas).check(text, filename)


def _parsing_errors(collection: SigmaCollection) -> Iterator[SigmaError]:
    """What pySigma collected; and of right rules the conditions, which it parses only when they are used."""
    for item in (collection, *collection.rules):
        yield from item.errors
        if isinstance(item, SigmaRule) and not item.errors:
            for condition in item.detection.parsed_condition:
                try:
                    _ = condition.parsed
                except SigmaError as error:
                    yield error


def _unreadable(error: SigmaError) -> Issue:
    """Without the place that pySigma adds: it is the path on this machine."""
    return Issue("parsing", " ".join(str(argument) for argument in error.args), "error")


@cache
def _checker(schemas: Path | None) -> Checker:
    return Checker(schemas)


def _issue(name: str, issue: SigmaValidationIssue) -> Issue:
    details = (
        f"{field.name}: {_shown(getattr(issue, field.name))}"
        for field in fields(issue)
        if field.name != "rules"
    )
    titles = ", ".join(_title(rule) for rule in issue.rules)
    message = "; ".join((f"{titles}: {issue.description}", *details))
    return Issue(name, message, issue.severity.name.lower())


def _shown(value: object) -> str:
    """A detail of an issue in a few words: pySigma's own names every attribute."""
    if isinstance(value, SigmaLogSource):
        return "/".join(str(part or "-") for part in (value.product, value.category, value.service))
    if isinstance(value, SigmaDetectionItem):
        return f"{value.field or 'keywords'}: {', '.join(map(str, value.value))[:_SHOWN]}"
    return str(value)[:_SHOWN]


def _title(rule: SigmaRuleBase) -> str:
    return repr(rule.title or str(rule.id))


def _schemas(folder: Path | None) -> dict[str, Draft202012Validator]:
    if folder is None:
        return {}
    return {
        kind: Draft202012Validator(json.loads((folder / name).read_text(encoding="utf-8")))
        for kind, name in SCHEMAS.items()
        if (folder / name).is_file()
    }


def _use_data(folder: Path | None) -> frozenset[str]:
    """Point pySigma at the files of the folder, else at our conventions; the validators that can run."""
    ready: set[str] = set()
    for name, (module, validators) in _SOURCES.items():
        source = folder / name if folder is not None and (folder / name).is_file() else _own(name)
        if source is not None:
            module.set_cache_dir(f"{_caches().name}/{source.stem}")
            module.set_url(str(source))
            _read(module)
            ready |= validators
    return frozenset(ready)


def _read(module: Any) -> None:
    """Keep the data as the module's own: else it reads its cache on disk at each use."""
    for name in _KEPT & set(vars(module)):
        delattr(module, name)
    for name in _KEPT:
        with suppress(AttributeError):
            setattr(module, name, getattr(module, name))


def _own(name: str) -> Path | None:
    data = published(name)
    if data is None:
        return None
    file = Path(_caches().name) / name
    file.write_text(json.dumps(data), encoding="utf-8")
    return file


@cache
def _caches() -> tempfile.TemporaryDirectory[str]:
    """Where pySigma keeps what it read, for as long as this process runs: never in the user's own cache."""
    return tempfile.TemporaryDirectory(prefix="sigma-validation-")


class _Loader(yaml.CSafeLoader):
    """YAML in which no mapping has a key twice: the parser would keep the last one in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        twice = next((key for index, key in enumerate(keys) if key in keys[:index]), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"the key {twice!r} twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _plain(value: Any) -> Any:
    """As JSON has it: dates are texts."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value
