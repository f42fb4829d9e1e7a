"""ES|QL pipelines over events: rows stay events through filters, and become a table once aggregated.

Source: the ES|QL reference, "Commands". `now()` is the time of the latest event: the moment at which a rule
that runs as events come in would see it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cmp_to_key
from typing import TypeAlias

from converter.elastic.queries import FieldType
from converter.elastic.types import field_type as ecs_type
from converter.evaluate.elastic.context import Context
from converter.evaluate.elastic.esql_aggregates import aggregate_function
from converter.evaluate.elastic.esql_columns import METADATA, VisibleColumns
from converter.evaluate.elastic.esql_expressions import Expression, Row, Scope, compile_value
from converter.evaluate.elastic.esql_extract import extractor
from converter.evaluate.elastic.esql_groups import Aggregation, Counted, Grouping
from converter.evaluate.elastic.esql_reads import Reads
from converter.evaluate.elastic.esql_types import V, collected, each, field_reader, to_json
from converter.evaluate.elastic.timeline import is_event
from converter.evaluate.remembered import PerReading
from converter.evaluate.result import Event, Matches, Table
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
from converter.ir.value import FieldValue, Value
from converter.source import NotSupportedError, Position, QuerySyntaxError

Step: TypeAlias = Callable[[list[Row]], list[Row]]


def compile_pipeline(pipeline: Pipeline, field_types: Mapping[str, str] | None = None) -> CompiledPipeline:
    """A pipeline, ready to run over events.

    `field_types` (Elasticsearch types by field) come before the ECS list's. The result is `Matches` (each
    event of a row once, in the rows' order) while rows are events, else a `Table`. Raises NotSupportedError
    for a command or function that is not evaluated, QuerySyntaxError for a column that is no longer there.
    """
    known = dict(field_types or {})
    compiler = _Compiler(lambda name: known.get(name) or ecs_type(name), has_events=bool(pipeline.sources))
    stages = pipeline.stages
    counts = next((place for place, stage in enumerate(stages) if isinstance(stage, Stats)), len(stages))
    front = [compiler.step(stage) for stage in stages[:counts]]
    grouped = stages[counts] if counts < len(stages) else None
    grouping = compiler.grouping(grouped) if isinstance(grouped, Stats) else None
    alone = compiler.each_row_alone and not any(isinstance(one, Sort | Take) for one in stages[:counts])
    steps = [compiler.step(stage) for stage in stages[counts + 1 :]]
    return CompiledPipeline(front, grouping, steps, compiler, alone)


class CompiledPipeline:
    """What :func:`compile_pipeline` gives."""

    def __init__(
        self,
        front: Sequence[Step],
        grouping: Grouping | None,
        steps: Sequence[Step],
        compiler: _Compiler,
        alone: bool,
    ) -> None:
        """`front`: the steps before rows are grouped, the first time; `steps`: those behind. `alone`: what is
        in front looks at each event by itself."""
        self._front = front
        self._grouping = grouping
        self._steps = steps
        self._context = compiler.context
        self._reads = compiler.reads
        self._starts_from_events = compiler.starts_from_events
        self._alone = alone and self._starts_from_events
        self._names = None if compiler.visible.has_events else compiler.visible.names()
        self._counted: Counted | None = None
        self._taken: PerReading[bool] | None = None

    @property
    def asks_time(self) -> bool:
        """Whether it matters when events are. In what order they come may matter even so."""
        return self._reads.asks_time or self._context.uses_now or self._context.uses_all

    def remembering(self, like: CompiledPipeline | None = None) -> CompiledPipeline:
        """The same over events that do not change: what each adds to its groups, or whether it is taken, is
        found once for all that are alike, where that is told by the event alone. `like`: another whose stages
        are the same up to the first `stats`."""
        other = copy(self)
        reading = None if self._reads.whole or self._context.uses_all else self._reads.of
        if self._alone and self._grouping is not None:
            known = None if like is None else like._counted
            other._counted = known or Counted(self._in_front, self._grouping, reading)
        elif self._alone and self._names is None and reading is not None:
            other._taken = PerReading(lambda event: bool(self._in_front((event,))), reading)
        return other

    def run(self, events: Sequence[Event]) -> Matches | Table:
        """Evaluate over the events, in the order given."""
        if self._taken is not None:
            taken = self._taken.of
            return Matches(tuple([(number,) for number, event in enumerate(events) if taken(event)]))
        self._context.start(events)
        if self._grouping is None:
            rows = self._in_front(events)
        elif self._counted is None:
            rows = self._grouping.rows(map(self._grouping.share, self._in_front(events)))
        else:
            rows = self._counted.rows(events)
        for step in self._steps:
            rows = step(rows)
        if self._names is None:
            return Matches(tuple((number,) for number in dict.fromkeys(row.number for row in rows)))
        names = self._names
        cells = tuple(tuple(to_json(row.columns.get(name)) for name in names) for row in rows)
        return Table(tuple(names), cells)

    def _in_front(self, events: Sequence[Event]) -> list[Row]:
        """The rows that are grouped, or come out where none are."""
        if self._starts_from_events:
            rows = [Row(event, number) for number, event in enumerate(events) if is_event(event)]
        else:
            rows = [Row({}, 0)]
        for step in self._front:
            rows = step(rows)
        return rows


class _Compiler:
    """Compiles stages in order, keeping track of the columns that each of them sees."""

    def __init__(self, field_type: FieldType, has_events: bool) -> None:
        self.starts_from_events = has_events
        self.visible = VisibleColumns(has_events)
        self.context = Context(field_type)
        self.reads = Reads(self.context.timestamp_field)
        self.asks_numbers = False

    @property
    def each_row_alone(self) -> bool:
        """Whether nothing so far depends on the time of the run, or on which place an event has."""
        return not self.context.uses_now and not self.asks_numbers

    def step(self, stage: Stage) -> Step:
        match stage:
            case Where(condition):
                holds = self.value(condition)
                return lambda rows: [row for row in rows if holds(row) is True]
            case Eval(assignments):
                return self.eval(assignments)
            case Stats():
                grouping = self.grouping(stage)
                return lambda rows: grouping.rows(map(grouping.share, rows))
            case Columns():
                return self.columns(stage)
            case Sort(by):
                return self.sort(by)
            case Take(count):
                return lambda rows: rows[:count]
            case Extract():
                return self.extract(stage)
            case MvExpand(column):
                return self.expand(column, stage.pos)
            case Untranslatable(code, text):
                name = text.split(None, 1)[0].lower()
                raise NotSupportedError(f"command {name}", stage.pos, code=code)

    def value(self, value: Value) -> Expression:
        scope = Scope(self.column, self.visible.has_events, self.context)
        compiled = compile_value(value, scope)
        for part in self.reads.parts(value):
            if not isinstance(part, FieldValue):
                self.reads.interval(part, compile_value(part, scope))
            elif part.name not in self.visible.computed:
                self.reads.field(part.name)
        return compiled

    def column(self, field: FieldValue) -> Expression:
        """How to read a column: one that was computed, or a field of the event."""
        name = field.name
        if name in self.visible.computed:
            return lambda row: row.columns.get(name)
        if not self.visible.shows(name):
            raise QuerySyntaxError(f"unknown column {name}", field.pos)
        if name in METADATA:
            self.asks_numbers = self.asks_numbers or name == "_id"
            self.reads.whole = self.reads.whole or name == "_source"
            return METADATA[name]
        read = field_reader(name, self.context.field_type(name))
        return lambda row: read(row.event)

    def eval(self, assignments: tuple[tuple[str, Value], ...]) -> Step:
        compiled = []
        for name, value in assignments:
            compiled.append((name, self.value(value)))
            self.visible.add(name)

        def step(rows: list[Row]) -> list[Row]:
            for row in rows:
                for name, value in compiled:
                    row.columns[name] = value(row)
            return rows

        return step

    def columns(self, stage: Columns) -> Step:
        if stage.kind == "keep":
            self.visible.keep(stage.names, stage.pos)
            return lambda rows: rows
        if stage.kind == "drop":
            self.visible.drop(stage.names, stage.pos)
            return lambda rows: rows
        moves = []
        for old, new in stage.renames:
            moves.append((new, self.value(FieldValue(old, pos=stage.pos))))
            self.visible.rename(old, new)

        def step(rows: list[Row]) -> list[Row]:
            for row in rows:
                for new, read in moves:
                    row.columns[new] = read(row)
            return rows

        return step

    def sort(self, by: tuple[tuple[Value, bool, bool], ...]) -> Step:
        keys = [(self.value(value), ascending, nulls_first) for value, ascending, nulls_first in by]

        def order(one: tuple[Row, list[V]], other: tuple[Row, list[V]]) -> int:
            for (_, ascending, nulls_first), left, right in zip(keys, one[1], other[1], strict=True):
                if outcome := _order(left, right, ascending, nulls_first):
                    return outcome
            return 0

        def step(rows: list[Row]) -> list[Row]:
            keyed = [(row, [read(row) for read, _, _ in keys]) for row in rows]
            return [row for row, _ in sorted(keyed, key=cmp_to_key(order))]

        return step

    def extract(self, stage: Extract) -> Step:
        source, find = self.value(stage.source), extractor(stage)
        for name in stage.columns:
            self.visible.add(name)

        def step(rows: list[Row]) -> list[Row]:
            for row in rows:
                # Of several values, each that matches adds to the columns.
                found = [one for text in each(source(row)) if isinstance(text, str) and (one := find(text))]
                for name in stage.columns:
                    row.columns[name] = collected(one.get(name) for one in found)
            return rows

        return step

    def expand(self, name: str, pos: Position | None) -> Step:
        read = self.value(FieldValue(name, pos=pos))
        self.visible.add(name, keep_place=True)

        def step(rows: list[Row]) -> list[Row]:
            expanded = []
            for row in rows:
                for item in each(read(row)) or [None]:
                    expanded.append(Row(row.event, row.number, {**row.columns, name: item}))
            return expanded

        return step

    def grouping(self, stage: Stats) -> Grouping:
        groups = [(name, self.value(value)) for name, value in stage.by]
        aggregates = [self.aggregation(node) for node in stage.aggregates]
        self.visible = VisibleColumns(False)
        for name in (*(node.name for node in stage.aggregates), *(name for name, _ in groups)):
            self.visible.add(name)
        return Grouping(groups, aggregates)

    def aggregation(self, node: Aggregate) -> Aggregation:
        function = aggregate_function(node)
        condition = None if node.where is None else self.value(node.where)
        argument = None if node.argument is None else self.value(node.argument)
        order = self.value(node.rest[0]) if node.function in ("first", "last") else None
        return Aggregation(node.name, function, condition, argument, order)


def _order(left: V, right: V, ascending: bool, nulls_first: bool) -> int:
    """Of several values the least counts in ascending order, the greatest in descending."""
    if left is None or right is None:
        if left is None and right is None:
            return 0
        return -1 if (left is None) == nulls_first else 1
    pick = min if ascending else max
    one, other = pick(each(left)), pick(each(right))
    if one == other:
        return 0
    try:
        smaller = one < other
    except TypeError:  # a field of several types, which one index cannot have
        smaller = str(one) < str(other)
    return -1 if smaller == ascending else 1
