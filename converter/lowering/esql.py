"""An ES|QL pipeline in the form that targets can say: a filter over events, then counts and their tests.

    from logs | where a == "x" | eval b = to_lower(c) | where b like "y*"
        | stats n = count(*) by b | where n > 3

    filter   a == "x" and to_lower(c) like "y*"
    columns  b = to_lower(c)
    stages   stats n = count(*) by b | where n > 3

What is computed before the first `stats` is put where it is used, so that the filter speaks of fields alone.
Columns that decide no alert are left out, as is the order of the rows.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from converter.frozen import dataclass
from converter.ir import Pipeline
from converter.ir.detection import (
    Aggregate,
    Columns,
    Eval,
    Extract,
    MvExpand,
    Sort,
    Stage,
    Stats,
    Take,
    Untranslatable,
    Where,
)
from converter.ir.rewrite import value_conjuncts, value_fields
from converter.ir.value import Call, Comparison, FieldValue, Literal_, Value
from converter.lowering.esql_extract import captures
from converter.lowering.fidelity import Refused
from converter.lowering.scripts import map_fields
from converter.source import Position

MAX_SIZE = 4000
"""An expression with more fields than this, after columns are put where they are used, is refused."""


@dataclass(frozen=True, slots=True)
class Normal:
    """`conditions` over fields; `columns` over fields, which the `stages` read; `limit` at most so many rows.

    Without stages the alerts are events. `stages` are Stats, Where and Eval over columns only. `expanded` are
    fields of which each value is a row, but for those of which a condition leaves one value; `is_sorted`:
    rows are in an order, which tells those that a limit leaves.
    """

    conditions: tuple[Value, ...]
    columns: tuple[tuple[str, Value], ...]
    stages: tuple[Stage, ...]
    limit: Take | None
    expanded: tuple[MvExpand, ...] = ()
    is_sorted: bool = False


def normal(pipeline: Pipeline) -> Normal:
    """The pipeline's normal form. Raises Refused for a command that has no equivalent."""
    stages = _without_limit(pipeline.stages)
    first = next((place for place, stage in enumerate(stages) if isinstance(stage, Stats)), len(stages))
    reader = _Events()
    for stage in stages[:first]:
        reader.read(stage)
    later = _live([_plain(stage) for stage in stages[first:]])
    columns: dict[str, Value] = {}
    if later:
        later = [_precomputed(later[0], columns, reader), *later[1:]]
    limit = next((stage for stage in pipeline.stages if isinstance(stage, Take)), None)
    expanded = tuple(_unsettled(reader.expanded, reader.conditions))
    is_sorted = any(isinstance(stage, Sort) for stage in pipeline.stages)
    return Normal(tuple(reader.conditions), tuple(columns.items()), tuple(later), limit, expanded, is_sorted)


def _without_limit(stages: Sequence[Stage]) -> list[Stage]:
    """The stages without what only orders, shows or cuts off rows. Raises Refused where a `limit` decides."""
    for place, stage in enumerate(stages):
        if isinstance(stage, Untranslatable):
            words = stage.code.removeprefix("esql-").replace("-", " ")
            raise Refused.because(stage.code, f"the command {words}", position=stage.pos)
        if isinstance(stage, Take) and any(isinstance(one, Where | Stats) for one in stages[place:]):
            raise Refused.because("esql-limit", "conditions on what a limit leaves", position=stage.pos)
    return [
        stage
        for stage in stages
        if not isinstance(stage, Sort | Take) and not (isinstance(stage, Columns) and stage.kind != "rename")
    ]


class _Events:
    """The stages before the first `stats`: each column as an expression over fields."""

    def __init__(self) -> None:
        self.conditions: list[Value] = []
        self.columns: dict[str, Value] = {}
        self.expanded: list[MvExpand] = []

    def read(self, stage: Stage) -> None:
        if isinstance(stage, Where):
            self.conditions.append(self.over_fields(stage.condition, stage.pos))
        elif isinstance(stage, Eval):
            for name, value in stage.assignments:
                self.columns[name] = self.over_fields(value, stage.pos)
        elif isinstance(stage, Extract):
            source = self.over_fields(stage.source, stage.pos)
            self.columns.update(captures(dataclasses.replace(stage, source=source)))
        elif isinstance(stage, MvExpand):
            if stage.column in self.columns:
                raise _expanding(stage)
            self.expanded.append(stage)
        elif isinstance(stage, Columns):
            moved = {new: self.over_fields(FieldValue(old), stage.pos) for old, new in stage.renames}
            self.columns.update(moved)

    def over_fields(self, value: Value, position: Position | None) -> Value:
        found = map_fields(value, lambda field: self.columns.get(field.name, field))
        if sum(1 for _ in value_fields(found)) > MAX_SIZE:
            raise Refused.because("esql-size", "an expression over very many fields", position=position)
        return found


def _expanding(stage: MvExpand) -> Refused:
    message = f"a row for each value of {stage.column}"
    return Refused.because("esql-mv-expand", message, stage.column, stage.pos)


def _unsettled(expanded: Iterable[MvExpand], conditions: Iterable[Value]) -> Iterator[MvExpand]:
    """The fields of which an event can have several rows. It has one of those that a condition for one value
    asks, and no other condition."""
    items = [item for condition in conditions for item in value_conjuncts(condition)]
    asked = Counter(name for item in items for name in set(value_fields(item)))
    told = {name for item in items for name in _single(item) if asked[name] == 1}
    return (stage for stage in expanded if stage.column not in told)


def _single(item: Value) -> Iterator[str]:
    """The field that the condition leaves one value."""
    if isinstance(item, Comparison) and item.op == "==" and isinstance(item.left, FieldValue):
        yield item.left.name


def _plain(stage: Stage) -> Stage:
    """A stage behind the first `stats`: extracts and renames as assignments."""
    if isinstance(stage, MvExpand):
        raise _expanding(stage)
    if isinstance(stage, Extract):
        return Eval(tuple(captures(stage).items()), pos=stage.pos)
    if isinstance(stage, Columns):
        return Eval(tuple((new, FieldValue(old)) for old, new in stage.renames), pos=stage.pos)
    return stage


def _live(stages: Sequence[Stage]) -> list[Stage]:
    """The stages with those columns alone that decide which rows there are."""
    needed: set[str] = set()
    kept: list[Stage] = []
    for stage in reversed(stages):
        if isinstance(stage, Where):
            needed.update(value_fields(stage.condition))
            kept.append(stage)
        elif isinstance(stage, Eval):
            assignments = []
            for name, value in reversed(stage.assignments):
                if name in needed:
                    needed.discard(name)
                    needed.update(value_fields(value))
                    assignments.append((name, value))
            if assignments:
                kept.append(Eval(tuple(reversed(assignments)), pos=stage.pos))
        elif isinstance(stage, Stats):
            aggregates = tuple(item for item in stage.aggregates if item.name in needed)
            needed = {name for value in _values(aggregates, stage.by) for name in value_fields(value)}
            kept.append(dataclasses.replace(stage, aggregates=aggregates))
    return kept[::-1]


def _values(aggregates: Iterable[Aggregate], by: Iterable[tuple[str, Value]]) -> Iterable[Value]:
    """What a `stats` reads."""
    for aggregate in aggregates:
        yield from (
            item for item in (aggregate.argument, aggregate.where, *aggregate.rest) if item is not None
        )
    yield from (value for _, value in by)


def _precomputed(stage: Stage, columns: dict[str, Value], reader: _Events) -> Stage:
    """The first `stats` over columns alone, which are added to `columns`."""
    assert isinstance(stage, Stats)

    def column(value: Value, name: str) -> FieldValue:
        found = reader.over_fields(value, stage.pos)
        for known, other in columns.items():
            if other == found:
                return FieldValue(known, pos=value.pos)
        columns[name] = found
        return FieldValue(name, pos=value.pos)

    by = tuple((name, column(value, name)) for name, value in stage.by)
    aggregates = []
    for item in stage.aggregates:
        counted = _conditional(item)
        if counted.argument is not None:
            counted = dataclasses.replace(counted, argument=column(counted.argument, f"{item.name}_of"))
        aggregates.append(counted)
    return dataclasses.replace(stage, aggregates=tuple(aggregates), by=by)


def _conditional(item: Aggregate) -> Aggregate:
    """`count(x) where c` counts `case(c, x)`; a constant is counted as its rows are."""
    argument = item.argument
    if item.function == "count" and isinstance(argument, Literal_) and argument.value is not None:
        argument = None
    if item.where is not None:
        chosen = Literal_(1) if argument is None else argument
        argument = Call("case", (item.where, chosen), pos=item.where.pos, language="esql")
    return dataclasses.replace(item, argument=argument, where=None)


def columns_read(stages: Iterable[Stage]) -> frozenset[str]:
    """The columns whose values conditions and later columns read, groups and first counts aside."""
    found: set[str] = set()
    for place, stage in enumerate(stages):
        if isinstance(stage, Where):
            found.update(value_fields(stage.condition))
        elif isinstance(stage, Eval):
            found.update(name for _, value in stage.assignments for name in value_fields(value))
        elif isinstance(stage, Stats) and place:
            found.update(
                name for value in _values(stage.aggregates, stage.by) for name in value_fields(value)
            )
    return frozenset(found)


def renamed(stages: Sequence[Stage], names: Mapping[str, str]) -> tuple[Stage, ...]:
    """The stages with the columns under other names."""

    def of(value: Value) -> Value:
        return map_fields(
            value, lambda field: dataclasses.replace(field, name=names.get(field.name, field.name))
        )

    def one(stage: Stage) -> Stage:
        if isinstance(stage, Where):
            return dataclasses.replace(stage, condition=of(stage.condition))
        if isinstance(stage, Eval):
            return Eval(tuple((names[name], of(value)) for name, value in stage.assignments), pos=stage.pos)
        assert isinstance(stage, Stats)
        aggregates = tuple(
            dataclasses.replace(
                item, name=names[item.name], argument=None if item.argument is None else of(item.argument)
            )
            for item in stage.aggregates
        )
        by = {names[name]: of(value) for name, value in stage.by}
        return Stats(aggregates, tuple(by.items()), pos=stage.pos)

    return tuple(map(one, stages))
