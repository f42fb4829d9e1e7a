"""The loader of the taxonomy's YAML tables. Their format: docs/taxonomy.md.

Every mistake in a table is a :class:`SourceError` with path and, for YAML itself, line and column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from converter.kept import NotYaml, derived, yaml_of
from converter.source import Position, SourceError
from converter.taxonomy.forwarded import Forward
from converter.taxonomy.model import Hosts, IndicatorList, Profile, Record, Target, Taxonomy
from converter.taxonomy.plain import Plain, from_plain, to_plain
from converter.taxonomy.record_tables import TABLE_KEYS, checked, maps_of, records_of
from converter.taxonomy.streamed import Stream

TABLES = Path(__file__).parent / "tables"
PROFILES = Path(__file__).parent / "profiles.yaml"


@cache
def load_taxonomy(user_folder: Path | None = None) -> Taxonomy:
    """The built-in tables; `user_folder`'s are laid over them: a record of the same name is replaced.

    Raises SourceError for a table that cannot be read.
    """
    declared = _read(PROFILES)
    profiles = _profiles(declared)
    paths = (*sorted(TABLES.glob("*.yaml")), *_own(user_folder))
    code = Path(__file__).parent.glob("*.py")
    sources = tuple(f"{path.name}\0{_text(path)}" for path in (*sorted(code), PROFILES, *paths))
    records, maps = derived(sources, lambda: _plain(paths, profiles, declared))
    return Taxonomy(profiles, from_plain(records), maps)


def _plain(
    paths: Iterable[Path], profiles: Mapping[str, Profile], declared: Mapping[str, Any]
) -> tuple[Plain, Mapping[str, Mapping[str, str]]]:
    """The tables' records, as they are kept, and maps. Raises SourceError for a table that cannot be read."""
    records: dict[str, Record] = {}
    maps: dict[str, dict[str, str]] = {}
    for path in paths:
        table = checked(_read(path), TABLE_KEYS, "the table", path)
        maps.update(maps_of(table, path))
        records.update((record.name, record) for record in records_of(table, profiles, path))
    return to_plain(list(_followed(records.values(), declared))), maps


def _own(folder: Path | None) -> Sequence[Path]:
    """The tables of a user's own folder, if there is one; there must be some."""
    if folder is None:
        return ()
    if not folder.is_dir():
        raise SourceError("no such folder", path=str(folder))
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise SourceError("no taxonomy table (*.yaml) in this folder", path=str(folder))
    return paths


def _followed(records: Iterable[Record], declared: Mapping[str, Any]) -> Iterator[Record]:
    """The records with what follows of them from what the profiles declare."""
    entries = declared["profiles"].items()
    streams = [Stream(name, **entry["streams"]) for name, entry in entries if "streams" in entry]
    forwards = [Forward(name, **entry["forwards"]) for name, entry in entries if "forwards" in entry]
    hosts = {name: entry["hosts"] for name, entry in entries if "hosts" in entry}
    for record in records:
        known = _with_hosts(_with_always(record, declared["always"]), hosts)
        yield _forwarded(_streamed(known, streams), forwards)


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


def _read(path: Path) -> dict[str, Any]:
    text = _text(path)
    try:
        table = yaml_of(text)
    except NotYaml as error:
        place = Position(*error.place) if error.place else None
        raise SourceError(f"not YAML: {error.problem}", place, str(path)) from None
    except RecursionError:
        raise SourceError("not a taxonomy table: nested too deeply", path=str(path)) from None
    if not isinstance(table, dict):
        raise SourceError("a taxonomy table is a mapping", path=str(path))
    return table


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", path=str(path)) from None
    except UnicodeDecodeError as error:
        raise SourceError(f"not UTF-8 at byte {error.start}", path=str(path)) from None


def _profiles(table: Mapping[str, Any]) -> dict[str, Profile]:
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
