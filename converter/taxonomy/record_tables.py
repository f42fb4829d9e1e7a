"""A table's records and maps, as YAML has them -> the model. Their format: docs/taxonomy.md.

Every mistake is a :class:`SourceError` with the table's path, and the record and key in which it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from converter.late import late
from converter.source import SourceError
from converter.taxonomy.model import Cell, Profile, Record, Shape
from converter.taxonomy.open_names import filled

_Rows: TypeAlias = Mapping[str, Mapping[str, Cell | None]]
_CELL = late(r"^(?P<field>[^|]+?)(?:\|(?P<conversion>\w+)(?:\((?P<argument>[^()]*)\))?)?$")
_LISTED = late(r"(?P<head>[^{}]*)\{(?P<names>[^{}]+)\}")
Kind: TypeAlias = Literal[
    "a text",
    "a list",
    "a text or a list",
    "a mapping",
    "a mapping of texts",
    "a mapping of mappings",
    "anything",
]
"""What a key's value is, as messages say it."""
_IS: Mapping[Kind, Callable[[Any], bool]] = {
    "a text": lambda value: isinstance(value, str),
    "a list": lambda value: isinstance(value, list),
    "a text or a list": lambda value: isinstance(value, str | list),
    "a mapping": lambda value: isinstance(value, dict),
    "a mapping of texts": lambda value: _holds(value, str),
    "a mapping of mappings": lambda value: _holds(value, dict),
    "anything": lambda value: True,
}
TABLE_KEYS: Mapping[str, Kind] = {
    "family": "a text",
    "maps": "a mapping",
    "groups": "a mapping",
    "records": "a mapping",
    "templates": "anything",
}
RECORD_KEYS: Mapping[str, Kind] = {
    "title": "a text",
    "os": "a text",
    "when": "a mapping",
    "each": "a mapping of mappings",
    "unless": "a mapping",
    "begins": "a mapping of texts",
    "all_of": "a text or a list",
    "indices": "a list",
    "named_by": "a text or a list",
    "part_of": "a text",
    "within": "a text",
    "shapes": "a mapping",
    "include": "a list",
    "fields": "a mapping",
    "lacks": "a list",
}
SHAPE_KEYS: Mapping[str, Kind] = {
    "where": "a mapping",
    "logsource": "a mapping of texts",
    "table": "a text",
    "datamodel": "a text",
    "like": "a mapping of texts",
    "unlike": "a mapping of texts",
    "shared": "a text or a list",
    "time": "a text",
    "time_format": "a text",
    "order": "a text",
    "extend": "a mapping of texts",
    "address": "a text",
    "lower": "a text or a list",
}


def _holds(value: object, kind: type) -> bool:
    return isinstance(value, dict) and all(isinstance(one, kind) for one in value.values())


def checked(entry: object, keys: Mapping[str, Kind], what: str, path: Path) -> Mapping[str, Any]:
    """The entry, which messages call `what`.

    Raises SourceError where it is no mapping of these keys to values of their kinds.
    """
    found = _mapping(entry, what, path)
    for key, value in found.items():
        if key not in keys:
            raise SourceError(f"{what}: unknown key {key!r}", path=str(path))
        if not _IS[keys[key]](value):
            raise SourceError(f"{what}: {key} is not {keys[key]}", path=str(path))
    return found


def _mapping(entry: object, what: str, path: Path) -> Mapping[str, Any]:
    if not isinstance(entry, dict):
        raise SourceError(f"{what} is not a mapping", path=str(path))
    return entry


def maps_of(table: Mapping[str, Any], path: Path) -> dict[str, dict[str, str]]:
    """The maps of a (checked) table: name -> ECS value -> the target's value. Raises SourceError."""
    return {
        name: {str(key): str(value) for key, value in _mapping(entry, f"map {name}", path).items()}
        for name, entry in table.get("maps", {}).items()
    }


def records_of(table: Mapping[str, Any], profiles: Mapping[str, Profile], path: Path) -> Iterator[Record]:
    """The records of a (checked) table. Raises SourceError for one that is none."""
    groups = {
        name: _rows(_mapping(fields, f"group {name}", path), profiles, path)
        for name, fields in table.get("groups", {}).items()
    }
    for name, found in table.get("records", {}).items():
        entry = checked(found, RECORD_KEYS, f"record {name}", path)
        try:
            for each, single in _each(name, entry):
                yield _record(each, single, groups, table.get("family", path.stem), profiles, path)
        except KeyError as error:
            raise SourceError(f"record {name}: missing or unknown {error}", path=str(path)) from None
        except (TypeError, ValueError, AttributeError) as error:
            message = f"record {name}: not as docs/taxonomy.md says: {error}"
            raise SourceError(message, path=str(path)) from None


def _each(name: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A record for each key of `each`, whose values are laid over `when`.

    `{each}` in texts is the key, `{winlog.channel}` the first of the key's values for that field.
    """
    if "each" not in entry:
        yield name, entry
        return
    for key, when in entry["each"].items():
        firsts = {f"{{{field}}}": str(_tuple(values)[0]) for field, values in when.items()}
        words = {"{each}": str(key), **firsts}
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
    shapes = {
        profile: _shape(profile, shape, f"record {name}: shape {profile}", path)
        for profile, shape in entry["shapes"].items()
    }
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
    found: dict[str, Mapping[str, Cell | None]] = {}
    for written, row in fields.items():
        cells = _mapping({} if row is None else row, f"field {written}", path)
        if "{" in str(written) and _LISTED.fullmatch(str(written)) is None:
            raise SourceError(f"field {written}: names in braces stand at the end", path=str(path))
        found.update((ecs, _cells(ecs, one, profiles, path)) for ecs, one in _named(str(written), cells))
    return found


def _named(written: str, row: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A field with its row; for `a.{B, C}` those of `a.B` and `a.C`, with `B` and `C` for `**` in the row."""
    listed = _LISTED.fullmatch(written)
    if listed is None:
        yield written, row
        return
    for name in listed["names"].replace(" ", "").split(","):
        said = {profile: text and filled(str(text), (name,)) for profile, text in row.items()}
        yield f"{listed['head']}{name}", said


def _shape(profile: str, found: object, what: str, path: Path) -> Shape:
    entry = checked({} if found is None else found, SHAPE_KEYS, what, path)
    where = {
        key: tuple(str(value) for value in _tuple(values)) for key, values in entry.get("where", {}).items()
    }
    lists = {"shared": _tuple(entry.get("shared", ())), "lower": frozenset(_tuple(entry.get("lower", ())))}
    return Shape(profile=profile, **{**entry, "where": where, **lists})


def _cells(
    ecs: str, row: Mapping[str, Any], profiles: Mapping[str, Profile], path: Path
) -> dict[str, Cell | None]:
    cells: dict[str, Cell | None] = {}
    for profile, text in row.items():
        if profile not in profiles:
            raise SourceError(f"field {ecs}: no such profile {profile!r}", path=str(path))
        cell = cells[profile] = _cell(text) if isinstance(text, str) else None
        if cell is None and text is not None:
            forms = "Name, Name|conversion or Name|conversion(argument)"
            raise SourceError(f"field {ecs}: not a cell ({forms}): {text!r}", path=str(path))
    return cells


@cache
def _cell(text: str) -> Cell | None:
    """`Image|file_name` -> Cell("Image", "file_name"); None for what is no cell."""
    match = _CELL.match(text)
    return match and Cell(match["field"], match["conversion"] or "same", match["argument"] or "")


def _tuple(values: Any) -> tuple[Any, ...]:
    return tuple(values) if isinstance(values, Iterable) and not isinstance(values, str) else (values,)
