"""One event as one row of a log in one profile, under the names that the taxonomy has for its fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from converter.events.computed import count, uncomputed
from converter.events.derived import PARTS, asked_names, derive
from converter.events.foreign import spelled
from converter.events.nearly import NEARLY, write_nearly
from converter.events.row_values import Field, Flat, each, listed, single, value_of, written_as_it_is
from converter.events.row_wholes import WHOLES, constants_of_parts, halves, wholes
from converter.frozen import dataclass
from converter.lowering.conversions.values import named_account
from converter.taxonomy.model import Cell, Profile, Record, Shape, Taxonomy


def timeless_row(
    event: Flat,
    record: Record,
    profile: Profile,
    taxonomy: Taxonomy,
    asked: Mapping[str, bool],
    names: frozenset[str],
) -> dict[str, Any]:
    """The event in the profile's shape, but for its time and its place among the others; empty where no log
    could hold it. `names`: those that are asked."""
    record = record.with_fields(event)
    shape = record.shapes[profile.name]
    target: dict[str, Any] = {}
    if profile.target == "sigma":
        others = _taken(record, profile.name)
        target.update(
            (name, value)
            for name, value in event.items()
            if value is not None and name[0] != "$" and name not in others
        )
        target["$logsource"] = dict(shape.logsource)
    if shape.table is not None:
        target["$table"] = shape.table
    written = asked_names(event, record, profile.name, names)
    fields = tuple(event)
    for ecs, cell, as_it_is in _in_turn(fields, record, profile.name, names):
        if cell.field in target:
            continue
        if cell.conversion == "same" and cell.field in written and not _may_write(ecs, record, asked):
            continue
        if cell.conversion == "enum" and asked.get(ecs) and not _known(event.get(ecs), cell, taxonomy):
            continue
        value = event.get(ecs) if "*" not in ecs else each(event, ecs)
        if value is None or value == []:
            continue
        value = single(value)
        if as_it_is:
            target[cell.field] = value
        else:
            cased = asked.get(ecs, True)
            field = Field(event, ecs, value, cell, record, taxonomy.maps, shape.address, cased)
            target.update(value_of(field))
    conversions = _conversions(record, profile.name)
    if "before" in conversions:
        halves(event, record, profile.name, target)
    _stand_ins(event, _stood_in(fields, record, profile.name, names), target)
    if not conversions.isdisjoint(WHOLES):
        wholes(event, record, profile.name, written, names, target)
    if shape.extend and "told" in conversions:
        count(shape, target)
    if not derive(event, record, profile, taxonomy, target, written):
        return {}
    if NEARLY in event:
        write_nearly(event, record, profile, taxonomy, target, written - target.keys(), names)
    if not conversions.isdisjoint(PARTS):
        target.update(constants_of_parts(event, record, profile.name))
    if shape.extend:
        uncomputed(shape, target)
    target.update(spelled(shape, event, target))
    if profile.target == "splunk" and shape.datamodel is None:
        target.setdefault("index", "main")
    if shape.datamodel is not None:
        _modelled(shape.datamodel, target)
    return target


def finished(
    timeless: dict[str, Any], event: Flat, record: Record, profile: Profile, asked: Mapping[str, bool]
) -> dict[str, Any]:
    """The row with what every such event has, under the names that the target's rows have."""
    shape = record.with_fields(event).shapes[profile.name]
    if shape.always and not asks_for(shape.always, record, profile, asked):
        timeless.setdefault(shape.always, "-")
    return _nested(timeless) if profile.target == "kql" else timeless


@dataclass(frozen=True, slots=True)
class Untimed:
    """A row without its time. `shape`: which says how the log has the time; None where it has none."""

    row: Mapping[str, Any]
    shape: Shape | None
    target: str

    def at(self, moment: Any, place: int) -> dict[str, Any]:
        """The row at that moment, and at its place among the others, as the log has them."""
        shape = self.shape
        if shape is None or moment is None:
            return dict(self.row)
        row = dict(self.row)
        for name, value in _time_fields(moment, self.target, shape.time, shape.time_format).items():
            head, _, rest = name.partition(".") if self.target == "kql" else (name, "", "")
            row[head] = {**row.get(head, {}), rest: value} if rest else value
        if shape.order:
            row[shape.order] = str(place) if self.target == "kql" else place
        return row


def _may_write(ecs: str, record: Record, asked: Mapping[str, bool]) -> bool:
    """Whether a field may give the value of one that is asked: itself, or a path that other versions of the
    source write in its place (`file.path` for `dll.path`)."""
    row = record.cells[ecs]
    return ecs in asked or (
        ecs.endswith(".path")
        and any(other.endswith(".path") and record.cells.get(other) == row for other in asked)
    )


@lru_cache(maxsize=4096)
def _conversions(record: Record, profile: str) -> frozenset[str]:
    """Those of the record's cells: most records have none of the rarer ones."""
    return frozenset(cell.conversion for _, cell in record.cells_of(profile))


@lru_cache(maxsize=4096)
def _taken(record: Record, profile: str) -> frozenset[str]:
    """ECS names by which the log calls something else, or the same thing in other words."""
    cells = record.cells_of(profile)
    return frozenset(cell.field for ecs, cell in cells if (ecs, "same") != (cell.field, cell.conversion))


@lru_cache(maxsize=4096)
def _in_turn(
    fields: tuple[str, ...], record: Record, profile: str, asked: frozenset[str]
) -> tuple[tuple[str, Cell, bool], ...]:
    """The event's fields that the profile holds, first those whose values are the field's own; of those that
    name the same thing the one that its field is written from. With each whether the log writes the value as
    it is."""
    turns, open_names = _turns(record, profile)
    keyed = _keyed(record, profile, asked)
    ordered = sorted([*open_names, *(item for ecs in fields for item in turns.get(ecs, ()))])
    return tuple(
        (ecs, cell, written_as_it_is(ecs, cell))
        for _, ecs, cell in ordered
        if ecs == keyed.get(cell.field, "" if cell.conversion == "key" else ecs)
    )


@lru_cache(maxsize=4096)
def _turns(
    record: Record, profile: str
) -> tuple[Mapping[str, Sequence[tuple[int, str, Cell]]], Sequence[tuple[int, str, Cell]]]:
    """ECS field -> its cells, each with its turn; and the names that are patterns."""
    cells = dict.fromkeys(
        item
        for conversions in (("key",), ("same",), ("fallback",), ())
        for item in record.cells_of(profile, *conversions)
    )
    turns: dict[str, list[tuple[int, str, Cell]]] = {}
    for turn, (ecs, cell) in enumerate(cells):
        turns.setdefault(ecs if "*" not in ecs else "*", []).append((turn, ecs, cell))
    return turns, turns.pop("*", ())


def _known(value: Any, cell: Cell, taxonomy: Taxonomy) -> bool:
    """Whether Elastic writes the value so, in this case of letters."""
    return value is None or all(str(item) in taxonomy.maps[cell.argument] for item in listed(value))


def asks_for(name: str, record: Record, profile: Profile, asked: Mapping[str, bool]) -> bool:
    """Whether the rule asks a field that the target holds under this name."""
    cells = (record.cell(ecs, profile.name) for ecs in asked)
    return any(cell is not None and cell.field == name for cell in cells)


@lru_cache(maxsize=4096)
def _keyed(record: Record, profile: str, asked: frozenset[str]) -> Mapping[str, str]:
    """Which ECS field each key field is written from, where several name the same thing (a machine by its id
    and its name): the one that the rule asks, else the key. Not where the rule asks for a part of the field
    (the name in an account): then it holds what it is asked for."""
    chosen: dict[str, str] = {}
    parted: set[str] = set()
    for ecs, cell in record.cells_of(profile, "key"):
        chosen[cell.field] = ecs
    for ecs, cell in record.cells_of(profile) if chosen else ():
        if cell.field not in chosen or ecs not in asked:
            continue
        if cell.conversion in ("key", "same"):
            chosen[cell.field] = ecs
        elif cell.conversion != "joined":
            parted.add(cell.field)
    return {name: ecs for name, ecs in chosen.items() if name not in parted}


def _modelled(model: str, target: dict[str, Any]) -> None:
    """A row of a data model that has none of the other fields has `unknown` as its destination. Source:
    Splunk's Common Information Model, where `dest` is calculated so."""
    dataset = model.rpartition(".")[2]
    if not any(name.startswith(f"{dataset}.") for name in target):
        target[f"{dataset}.dest"] = "unknown"


def _stand_ins(event: Flat, stood_in: Iterable[tuple[str, Sequence[str]]], target: dict[str, Any]) -> None:
    """What the log writes for a value that no map knows, as any other text, and the name of an account that
    the event has by its id alone: where the rule does not ask the field for something else."""
    for ecs, names in stood_in:
        for name in names if event[ecs] is not None else ():
            if name not in target:
                target[name] = f"other {single(event[ecs])}"


@lru_cache(maxsize=4096)
def _stood_in(
    fields: tuple[str, ...], record: Record, profile: str, asked: frozenset[str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The ECS fields with the target's fields that have such a text for them: none where the target holds the
    value itself."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for ecs in fields:
        cell, account = record.cell(ecs, profile), record.cell(named_account(ecs), profile)
        if cell is None or cell.conversion == "values":
            names = dict.fromkeys(one.field for one in (cell, account) if one is not None)
            kept = tuple(name for name in names if not _asked_otherwise(name, ecs, record, profile, asked))
            found += [(ecs, kept)] if kept else []
    return tuple(found)


def _asked_otherwise(name: str, ecs: str, record: Record, profile: str, asked: frozenset[str]) -> bool:
    cells = (record.cell(other, profile) for other in asked if other != ecs)
    return any(cell is not None and cell.field == name for cell in cells)


@lru_cache(maxsize=4096)
def _time_fields(moment: Any, target: str, name: str | None, form: str | None) -> Mapping[str, Any]:
    """The target's fields that hold the time; `name` and `form`: those of the shape."""
    when = parse_time(moment)
    found: dict[str, Any] = {}
    if target == "splunk":
        found["_time"] = when.timestamp()
    elif target == "kql":
        field = "TimeGenerated" if form else name or "TimeGenerated"
        found[field] = when.isoformat().replace("+00:00", "Z")
    else:
        found["@timestamp"] = moment
    if name and form:
        fraction = f"{when.microsecond:06d}000"
        found[name] = when.strftime(re.sub(r"%(\d)N", lambda width: fraction[: int(width[1])], form))
    return found


@lru_cache(maxsize=4096)
def parse_time(moment: Any) -> datetime:
    """An ISO text or milliseconds since the epoch, as a UTC time."""
    if isinstance(moment, int | float):
        return datetime.fromtimestamp(moment / 1000, UTC)
    parsed = datetime.fromisoformat(str(moment).replace("Z", "+00:00"))
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _nested(target: dict[str, Any]) -> dict[str, Any]:
    """Names with dots as paths into dynamic columns."""
    dotted = [name for name in target if "." in name]
    if not dotted:
        return target
    nested: dict[str, Any] = {name: value for name, value in target.items() if "." not in name}
    for name in dotted:
        *path, last = name.split(".")
        inner = nested
        for step in path:
            inner = inner.setdefault(step, {})
        inner[last] = target[name]
    return nested
