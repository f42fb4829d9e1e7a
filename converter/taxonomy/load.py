"""The loader of the taxonomy's YAML tables. Their format: docs/taxonomy.md.

Every mistake in a table is a :class:`SourceError` with path and, for YAML itself, line and column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from converter.kept import read_yaml
from converter.source import Position, SourceError
from converter.taxonomy.forwarded import Forward
from converter.taxonomy.model import Cell, Hosts, IndicatorList, Profile, Record, Shape, Target, Taxonomy
from converter.taxonomy.open_names import filled
from converter.taxonomy.streamed import Stream

_Rows: TypeAlias = Mapping[str, Mapping[str, Cell | None]]

TABLES = Path(__file__).parent / "tables"
PROFILES = Path(__file__).parent / "profiles.yaml"
_CELL = re.compile(r"^(?P<field>[^|]+?)(?:\|(?P<conversion>\w+)(?:\((?P<argument>[^()]*)\))?)?$")
_LISTED = re.compile(r"(?P<head>[^{}]*)\{(?P<names>[^{}]+)\}")
_TABLE_KEYS = frozenset({"family", "groups", "maps", "records", "templates"})
_RECORD_KEYS = {
    "each",
    "title",
    "when",
    "indices",
    "named_by",
    "unless",
    "part_of",
    "within",
    "begins",
    "all_of",
    "shapes",
    "fields",
    "include",
    "os",
    "lacks",
}
_SHAPE_KEYS = {
    "where",
    "logsource",
    "table",
    "datamodel",
    "like",
    "unlike",
    "shared",
    "time",
    "time_format",
    "order",
    "extend",
    "address",
    "lower",
}


@cache
def load_taxonomy(user_folder: Path | None = None) -> Taxonomy:
    """The built-in tables; `user_folder`'s are laid over them: a record of the same name is replaced.

    Raises SourceError for a table that cannot be read.
    """
    declared = _read(PROFILES)
    profiles = _profiles(declared, PROFILES)
    records: dict[str, Record] = {}
    maps: dict[str, dict[str, str]] = {}
    for folder in (TABLES, user_folder):
        if folder is None:
            continue
        paths = sorted(folder.glob("*.yaml"))
        if not paths and folder is not TABLES:
            raise SourceError("no taxonomy table (*.yaml) in this folder", path=str(folder))
        for path in paths:
            table = _read(path)
            if unknown := set(table) - _TABLE_KEYS:
                raise SourceError(f"unknown key {min(map(str, unknown))!r}", path=str(path))
            try:
                maps.update(_maps(table.get("maps", {}), path))
                records.update((record.name, record) for record in _records(table, profiles, path))
            except (TypeError, ValueError, AttributeError) as error:
                raise SourceError(
                    f"not a taxonomy table (docs/taxonomy.md): {error}", path=str(path)
                ) from None
    always = declared["always"]
    streams = [
        Stream(name, **entry["streams"]) for name, entry in declared["profiles"].items() if "streams" in entry
    ]
    forwards = [
        Forward(name, **entry["forwards"])
        for name, entry in declared["profiles"].items()
        if "forwards" in entry
    ]
    hosts = {name: entry["hosts"] for name, entry in declared["profiles"].items() if "hosts" in entry}
    return Taxonomy(
        profiles,
        tuple(
            _forwarded(_streamed(_with_hosts(_with_always(record, always), hosts), streams), forwards)
            for record in records.values()
        ),
        maps,
    )


def _with_hosts(record: Record, hosts: Mapping[str, Mapping[str, Any]]) -> Record:
    """The record; in the profiles that say which system a host has, its shape asks for it."""
    for profile, entry in hosts.items():
        shape, value = record.shapes.get(profile), entry["values"].get(record.os)
        if shape is None or value is None or not (shape.table or "").startswith(entry["tables"]):
            continue
        found = Hosts(entry["table"], entry["key"], entry["column"], (value,), len(entry["values"]))
        told = replace(shape, hosts=found)
        record = replace(record, shapes={**record.shapes, profile: told})
    return record


def _streamed(record: Record, streams: Iterable[Stream]) -> Record:
    for stream in streams:
        try:
            record = stream.over(record)
        except ValueError as error:
            raise SourceError(f"record {record.name}: {error}", path=record.origin) from None
    return record


def _forwarded(record: Record, forwards: Iterable[Forward]) -> Record:
    for forward in forwards:
        record = forward.over(record)
    return record


def _with_always(record: Record, always: Mapping[str, str]) -> Record:
    """The record; its Sigma shape knows the field that every event of its log source has."""
    shape = record.shapes.get("sigma")
    if shape is None:
        return record
    product, category, service = map(shape.logsource.get, ("product", "category", "service"))
    known = always.get(category or "") or always.get(f"{product}//{service}") or ""
    return replace(record, shapes={**record.shapes, "sigma": replace(shape, always=known)})


@cache
def parse_cell(text: str, path: Path) -> Cell:
    """`Image|file_name` -> Cell("Image", "file_name")."""
    match = _CELL.match(text)
    if match is None:
        raise SourceError(
            f"not a cell (Name, Name|conversion or Name|conversion(argument)): {text!r}", path=str(path)
        )
    return Cell(match["field"], match["conversion"] or "same", match["argument"] or "")


def _read(path: Path) -> dict[str, Any]:
    try:
        table = read_yaml(path)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = Position(mark.line + 1, mark.column + 1) if mark else None
        raise SourceError(f"not YAML: {error.problem}", place, str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot be read: {error}", path=str(path)) from None
    if not isinstance(table, dict):
        raise SourceError("a taxonomy table is a mapping", path=str(path))
    return table


def _profiles(table: Mapping[str, Any], path: Path) -> dict[str, Profile]:
    targets: dict[str, Target] = {"sigma": "sigma", "splunk": "splunk", "kql": "kql"}
    lists = {name: _indicators(entry) for name, entry in table.get("indicators", {}).items()}
    return {
        name: Profile(
            name,
            targets[entry["target"]],
            entry["title"],
            entry.get("schema"),
            lists[entry["indicators"]] if "indicators" in entry else None,
            entry.get("longest"),
        )
        for name, entry in table["profiles"].items()
    }


def _indicators(entry: Mapping[str, Any]) -> IndicatorList:
    columns = {
        ecs: (column, {}) if isinstance(column, str) else (column["column"], column["where"])
        for ecs, column in entry.get("columns", {}).items()
    }
    return IndicatorList(entry.get("table"), entry.get("lookup"), columns)


def _maps(entries: Mapping[str, Mapping[Any, Any]], path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    for name, entry in entries.items():
        if not isinstance(entry, dict):
            raise SourceError(f"map {name} is not a mapping", path=str(path))
        yield name, {str(key): str(value) for key, value in entry.items()}


def _records(table: Mapping[str, Any], profiles: Mapping[str, Profile], path: Path) -> Iterator[Record]:
    groups = {name: _rows(fields, profiles, path) for name, fields in table.get("groups", {}).items()}
    for name, entry in table.get("records", {}).items():
        unknown = set(entry) - _RECORD_KEYS
        if unknown:
            raise SourceError(f"record {name}: unknown key {sorted(unknown)[0]!r}", path=str(path))
        try:
            for each, single in _each(name, entry):
                yield _record(each, single, groups, table.get("family", path.stem), profiles, path)
        except KeyError as error:
            raise SourceError(f"record {name}: missing or unknown {error}", path=str(path)) from None


def _each(name: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A record for each key of `each`, whose values are laid over `when`.

    `{each}` in texts is the key, `{winlog.channel}` the first of the key's values for that field.
    """
    if "each" not in entry:
        yield name, entry
        return
    for key, when in entry["each"].items():
        words = {"{each}": str(key), **{f"{{{field}}}": str(values[0]) for field, values in when.items()}}
        single = _written({other: value for other, value in entry.items() if other != "each"}, words)
        yield f"{name}_{key}", {**single, "when": {**single["when"], **when}}


def _written(value: Any, words: Mapping[str, str]) -> Any:
    """The value with each of the words put in for its place."""
    if isinstance(value, dict):
        return {name: _written(item, words) for name, item in value.items()}
    if isinstance(value, list):
        return [_written(item, words) for item in value]
    if isinstance(value, str):
        for place, word in words.items():
            value = value.replace(place, word)
    return value


def _record(
    name: str,
    entry: Mapping[str, Any],
    groups: Mapping[str, _Rows],
    family: str,
    profiles: Mapping[str, Profile],
    path: Path,
) -> Record:
    shapes = {profile: _shape(profile, shape or {}, path) for profile, shape in entry["shapes"].items()}
    for profile in shapes:
        profiles[profile]
    cells = dict[str, Mapping[str, Cell | None]]()
    for group in entry.get("include", ()):
        cells.update(groups[group])
    cells.update(_rows(entry.get("fields", {}), profiles, path))
    cells.update((ecs, {}) for ecs in entry.get("lacks", ()) if ecs not in cells)
    return Record(
        name=name,
        family=family,
        title=entry["title"],
        when={ecs: _tuple(values) for ecs, values in entry["when"].items()},
        indices=tuple(entry.get("indices", ())),
        shapes=shapes,
        cells=cells,
        os=entry.get("os", ""),
        origin=path.name,
        named_by=_tuple(entry.get("named_by", ())),
        part_of=entry.get("part_of", ""),
        within=entry.get("within", ""),
        begins=entry.get("begins", {}),
        all_of=_tuple(entry.get("all_of", ())),
        unless={ecs: _tuple(values) for ecs, values in entry.get("unless", {}).items()},
    )


def _rows(fields: Mapping[str, Any], profiles: Mapping[str, Profile], path: Path) -> _Rows:
    """The cells of each field that a table names."""
    named = (item for written, row in fields.items() for item in _named(written, row))
    return {ecs: _cells(ecs, row, profiles, path) for ecs, row in named}


def _named(
    written: str, row: Mapping[str, str | None] | None
) -> Iterator[tuple[str, Mapping[str, str | None] | None]]:
    """A field with its row; for `a.{B, C}` those of `a.B` and `a.C`, with `B` and `C` for `**` in the row."""
    listed = _LISTED.fullmatch(written)
    if listed is None:
        yield written, row
        return
    for name in listed["names"].replace(" ", "").split(","):
        said = {profile: text and filled(text, (name,)) for profile, text in (row or {}).items()}
        yield f"{listed['head']}{name}", said


def _shape(profile: str, entry: Mapping[str, Any], path: Path) -> Shape:
    unknown = set(entry) - _SHAPE_KEYS
    if unknown:
        raise SourceError(f"shape {profile}: unknown key {sorted(unknown)[0]!r}", path=str(path))
    where = {
        key: tuple(str(value) for value in _tuple(values)) for key, values in entry.get("where", {}).items()
    }
    lists = {"shared": _tuple(entry.get("shared", ())), "lower": frozenset(_tuple(entry.get("lower", ())))}
    return Shape(profile=profile, **{**entry, "where": where, **lists})


def _cells(
    ecs: str, row: Mapping[str, str | None] | None, profiles: Mapping[str, Profile], path: Path
) -> dict[str, Cell | None]:
    cells: dict[str, Cell | None] = {}
    for profile, text in (row or {}).items():
        if profile not in profiles:
            raise SourceError(f"field {ecs}: no such profile {profile!r}", path=str(path))
        cells[profile] = parse_cell(text, path) if text is not None else None
    return cells


def _tuple(values: Any) -> tuple[Any, ...]:
    return tuple(values) if isinstance(values, Iterable) and not isinstance(values, str) else (values,)
