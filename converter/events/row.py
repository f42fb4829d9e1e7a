"""One event as one row of a log in one profile, under the names that the taxonomy has for its fields."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from converter.evaluate.result import Alike, Kind
from converter.events.computed import count, uncomputed
from converter.events.derived import asked_names, derive
from converter.events.foreign import spelled
from converter.events.nearly import write_nearly
from converter.events.row_plan import Copied, Plan, Written, form_of, plan_of
from converter.events.row_values import Field, Flat, each, listed, single, value_of
from converter.events.row_wholes import constants_of_parts, fill, halves, hashes, items
from converter.frozen import dataclass
from converter.lowering.conversions.pieces import as_text
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
    return planned_row(event, plan_of(form_of(event), record, profile, names), taxonomy, asked)


def planned_row(event: Flat, plan: Plan, taxonomy: Taxonomy, asked: Mapping[str, bool]) -> dict[str, Any]:
    """As `timeless_row`, by the plan of the event's form."""
    record, shape, profile = plan.record, plan.shape, plan.profile
    target: dict[str, Any] = {}
    if profile.target == "sigma":
        target.update((name, value) for name in plan.own_names if (value := event[name]) is not None)
        target["$logsource"] = dict(shape.logsource)
    if shape.table is not None:
        target["$table"] = shape.table
    written = asked_names(event, plan.plain, plan.parts) if plan.parts else plan.plain
    for turn in plan.turns:
        if isinstance(turn, Copied):
            target.update(zip(turn.columns, turn.values(event), strict=True))
        elif turn.cell.field not in target and not (turn.asked and turn.cell.field in written):
            target.update(_written(event, turn, plan, taxonomy, asked))
    if plan.halves:
        halves(event, record, profile.name, target)
    _stand_ins(event, plan.stand_ins, target)
    fill(plan.filled, written, target)
    if plan.hashes:
        hashes(event, record, profile.name, plan.asked, target)
    if plan.items:
        items(event, record, profile.name, target)
    if plan.counts:
        count(shape, target)
    if plan.derives and not derive(event, record, profile, taxonomy, target, written):
        return {}
    if plan.nearly:
        write_nearly(event, record, profile, taxonomy, target, written - target.keys(), plan.asked)
    if plan.parts_of_constants:
        target.update(constants_of_parts(event, record, profile.name))
    if shape.extend and not uncomputed(shape, target):
        return {}
    if plan.spelled or not plan.constants.keys().isdisjoint(target):
        target.update(spelled(shape, event, target))
    else:
        target.update(plan.constants)
    if profile.target == "splunk" and shape.datamodel is None:
        target.setdefault("index", "main")
    if shape.datamodel is not None:
        _modelled(shape.datamodel, target)
    return target


def _written(
    event: Flat, turn: Written, plan: Plan, taxonomy: Taxonomy, asked: Mapping[str, bool]
) -> Mapping[str, Any]:
    """What the log writes of one field, whose value says that."""
    ecs, cell = turn.ecs, turn.cell
    if cell.conversion == "enum" and asked.get(ecs) and not _known(event.get(ecs), cell, taxonomy):
        return {}
    value = event.get(ecs) if "*" not in ecs else each(event, ecs)
    if value is None or value == []:
        return {}
    value = single(value)
    if turn.as_it_is:
        return {cell.field: value}
    cased = asked.get(ecs, True)
    return value_of(Field(event, ecs, value, cell, plan.record, taxonomy.maps, plan.shape.address, cased))


def nested(target: dict[str, Any]) -> dict[str, Any]:
    """Names with dots as paths into dynamic columns."""
    dotted = [name for name in target if "." in name]
    if not dotted:
        return target
    whole: dict[str, Any] = {name: value for name, value in target.items() if "." not in name}
    for name in dotted:
        *path, last = name.split(".")
        inner = whole
        for step in path:
            inner = inner.setdefault(step, {})
        inner[last] = target[name]
    return whole


@dataclass(frozen=True, slots=True)
class Untimed:
    """A row without its time. `shape`: which says how the log has the time; None where it has none. `kind`:
    that of the rows with these values, where there are several."""

    row: dict[str, Any]
    shape: Shape | None
    target: str
    kind: Kind | None = None

    @property
    def is_ordered(self) -> bool:
        """Whether its place among the others is told in it."""
        return self.shape is not None and bool(self.shape.order)

    def content(self) -> Hashable:
        """What is the same in two that are equal at any moment."""
        shape = self.shape
        timed = None if shape is None else (shape.time, shape.time_format, shape.order)
        return repr(self.row), timed, self.target

    def at(self, moment: Any, place: int) -> dict[str, Any]:
        """The row at that moment, and at its place among the others, as the log has them."""
        row: dict[str, Any]
        if self.kind is None:
            row = dict(self.row)
        else:
            row = Alike(self.row)
            row.kind = self.kind
        shape = self.shape
        if shape is None or moment is None:
            return row
        fields = _time_fields(moment, self.target, shape.time, shape.time_format)
        if self.target != "kql":
            row.update(fields)
        else:
            for name, value in fields.items():
                head, _, rest = name.partition(".")
                row[head] = {**row.get(head, {}), rest: value} if rest else value
        if shape.order:
            row[shape.order] = str(place) if self.target == "kql" else place
        return row

    def of_a_kind(self) -> Untimed:
        """As one of many rows that differ in their times and places alone."""
        shape = self.shape
        own = _own(self.target, shape.time, shape.time_format, shape.order) if shape else frozenset[str]()
        return Untimed(self.row, shape, self.target, Kind(own))


def _known(value: Any, cell: Cell, taxonomy: Taxonomy) -> bool:
    """Whether Elastic writes the value so, in this case of letters."""
    return value is None or all(as_text(item) in taxonomy.maps[cell.argument] for item in listed(value))


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


@lru_cache(maxsize=256)
def _own(target: str, time: str | None, form: str | None, order: str | None) -> frozenset[str]:
    """The names that tell the time and the place of a row of such a shape, and those of the objects in which
    these are."""
    names = (_time_field(target, time, form), time, order)
    return frozenset(one for name in names if name for one in (name, name.partition(".")[0]))


def _time_field(target: str, name: str | None, form: str | None) -> str:
    """The name by which the target knows a row's time; `name` and `form`: those of the shape."""
    if target == "splunk":
        return "_time"
    if target == "kql":
        return name if name and not form else "TimeGenerated"
    return "@timestamp"


@lru_cache(maxsize=4096)
def _time_fields(moment: Any, target: str, name: str | None, form: str | None) -> Mapping[str, Any]:
    """The target's fields that hold the time; `name` and `form`: those of the shape."""
    when = parse_time(moment)
    value: Any = moment
    if target == "splunk":
        value = when.timestamp()
    elif target == "kql":
        value = when.isoformat().replace("+00:00", "Z")
    found: dict[str, Any] = {_time_field(target, name, form): value}
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
