"""Rule files in: Elastic's TOML files and Kibana's NDJSON exports.

A file that cannot be read costs itself only: each fault is one :class:`SourceError` with path, line
and column, and the other rules load. Paths in rules and errors are relative to the folder that was given,
with `/` between their parts, so that results are the same on every machine.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from converter.elastic.document import QUERY_KEYS, Document, read_rule
from converter.elastic.places import json_string_start
from converter.elastic.rule import Rule
from converter.elastic.toml_file import toml_document
from converter.frozen import dataclass
from converter.late import late
from converter.source import Position, SourceError

MAX_RULE_BYTES = 5_000_000
"""A TOML file, or a line of an export, that is larger is refused: no real rule is."""

MAX_EXPORT_BYTES = 500_000_000
"""An export that is larger is refused: it is read into memory."""

_SURROGATE = late(r"\\u[dD][89a-fA-F]")


@dataclass(slots=True)
class Loaded:
    """What loading gave: rules in order of their paths, and what could not be read."""

    rules: list[Rule] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)


def load_paths(paths: Iterable[Path]) -> Loaded:
    """Load rule files, folders (all `*.toml` below them) and `*.ndjson` exports.

    A file that is named twice is read once. Of two rules with the same `rule_id` the second is an error.
    A path that does not exist and a folder without rule files are errors too.
    """
    loaded = Loaded()
    seen: set[Path] = set()
    for given in paths:
        for path, root in _files(given, loaded.errors):
            resolved = path.resolve()
            if resolved not in seen:
                seen.add(resolved)
                one = load_file(path, root)
                loaded.rules += one.rules
                loaded.errors += one.errors
    _refuse_duplicates(loaded)
    return loaded


def load_file(path: Path, root: Path) -> Loaded:
    """Load one file: `*.ndjson` as an export, anything else as TOML. `root` is what paths are relative to."""
    source = _text_of(path.relative_to(root) if path.is_relative_to(root) else path)
    is_export = path.suffix.lower() == ".ndjson"
    loaded = Loaded()
    try:
        data = _read(path, source, MAX_EXPORT_BYTES if is_export else MAX_RULE_BYTES)
        if is_export:
            _load_export(data, source, loaded)
        else:
            loaded.rules.append(read_rule(toml_document(_decode(data, source), source)))
    except SourceError as error:
        loaded.errors.append(error)
    return loaded


def _text_of(path: Path) -> str:
    """The path with `/` between its parts; bytes that are no UTF-8 become U+FFFD."""
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")


def _files(given: Path, errors: list[SourceError]) -> Iterator[tuple[Path, Path]]:
    """The rule files that a path stands for, each with the folder that its name is relative to."""
    if given.is_dir():
        unread: list[OSError] = []
        found = sorted(_toml_files(given, unread), key=lambda path: path.relative_to(given).as_posix())
        for error in unread:
            folder = Path(os.fsdecode(error.filename or given))
            place = folder if folder == given else folder.relative_to(given)
            errors.append(SourceError(f"cannot be read: {error.strerror or error}", None, _text_of(place)))
        if not found and not unread:
            errors.append(SourceError("the folder holds no rule files (*.toml)", None, _text_of(given)))
        for path in found:
            yield path, given
    elif given.exists():
        yield given, given.parent
    else:
        errors.append(SourceError("no such file or folder", None, _text_of(given)))


def _toml_files(folder: Path, unread: list[OSError]) -> Iterator[Path]:
    """The rule files below the folder; `unread`: collects what the folders that cannot be listed say."""
    for directory, _, names in os.walk(folder, onerror=unread.append):
        for name in names:
            if name.endswith(".toml"):
                yield Path(directory, name)


def _read(path: Path, source: str, limit: int) -> bytes:
    try:
        size = path.stat().st_size
        if size > limit:
            message = f"the file has {size:,} bytes, more than the {limit:,} allowed"
            raise SourceError(message, Position(1, 1), source)
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}", None, source) from None


def _decode(data: bytes, source: str, first_line: int = 1) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = first_line + before.count(b"\n")
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        message = f"not UTF-8: byte 0x{data[error.start]:02x} at byte {error.start} of the text"
        raise SourceError(message, Position(line, column), source) from None


def _load_export(data: bytes, source: str, loaded: Loaded) -> None:
    """One JSON object a line: rules, then what else Kibana exports beside them."""
    count = 0
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            try:
                rule = _load_export_line(line, number, source)
            except SourceError as error:
                loaded.errors.append(error)
                count += 1
            else:
                if rule is not None:
                    loaded.rules.append(rule)
                    count += 1
    if not count:
        loaded.errors.append(SourceError("the export holds no rules", Position(1, 1), source))


def _load_export_line(line: bytes, number: int, source: str) -> Rule | None:
    """The rule on a line; None for exception lists, their items, connectors and the closing summary."""
    start = Position(number, 1)
    if len(line) > MAX_RULE_BYTES:
        raise SourceError(
            f"the line has {len(line):,} bytes, more than the {MAX_RULE_BYTES:,} allowed", start, source
        )
    text = _decode(line, source, number).rstrip("\r")
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        position = Position(number, error.colno)
        raise SourceError(f"invalid JSON: {error.msg.lower()}", position, source) from None
    except (RecursionError, ValueError):
        raise SourceError("invalid JSON: nested too deep or a number too long", start, source) from None
    if not isinstance(document, dict):
        raise SourceError("the line is not a JSON object", start, source)
    if _SURROGATE.search(text) and _has_half(document):
        raise SourceError("invalid JSON: an escape is half of a pair, and no character", start, source)
    if "rule_id" not in document and ("exported_count" in document or "list_id" in document):
        return None
    if "rule_id" not in document and "attributes" in document:
        return None
    query_places = {}
    for key in QUERY_KEYS:
        value = document.get(key)
        offset = json_string_start(text, key, value) if isinstance(value, str) else None
        if offset is not None:
            query_places[key] = Position(number, offset + 1)
    places = {"rule": start, **{f"rule.{key}": start for key in document}}
    filters = document.get("filters")
    for index in range(len(filters) if isinstance(filters, list) else 0):
        places[f"rule.filters[{index}]"] = start
    return read_rule(Document(document, {}, source, places, query_places))


def _has_half(document: Mapping[str, Any]) -> bool:
    """Whether a string of the document holds one of the code points that only mean something in pairs."""
    return any("\ud800" <= char <= "\udfff" for char in json.dumps(document, ensure_ascii=False))


def _refuse_duplicates(loaded: Loaded) -> None:
    first: dict[str, Rule] = {}
    rules = []
    for rule in loaded.rules:
        other = first.setdefault(rule.rule_id, rule)
        if other is rule:
            rules.append(rule)
        else:
            message = f"the rule_id {rule.rule_id} is already that of {other.source}"
            position = rule.places.get("rule.rule_id")
            loaded.errors.append(SourceError(message, position, rule.source))
    loaded.rules = rules
