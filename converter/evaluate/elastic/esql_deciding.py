"""A pipeline without the columns that decide nothing: it gives as many rows, which say less.

stats n = count(*), users = values(user.name) by host.name | where n > 9 | keep host.name, users
stats n = count(*)                            by host.name | where n > 9 | keep nothing
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from converter.ir import Pipeline
from converter.ir.detection import Aggregate, Columns, Eval, Extract, MvExpand, Sort, Stage, Stats, Where
from converter.ir.rewrite import value_fields
from converter.ir.value import Value

NO_COLUMNS = Columns("keep", ())


def deciding(pipeline: Pipeline) -> Pipeline:
    """The same with what later stages need of each stage, the last ones first; of what is counted no column
    is left at the end."""
    asked: set[str] = set()
    stages = [left for stage in reversed(pipeline.stages) if (left := _needed(stage, asked)) is not None]
    if any(isinstance(stage, Stats) for stage in stages):
        stages.insert(0, NO_COLUMNS)
    return replace(pipeline, stages=tuple(reversed(stages)))


def _needed(stage: Stage, asked: set[str]) -> Stage | None:
    """What is left of the stage, None where it is nothing. `asked`: the columns that are asked behind it,
    which become those that are asked in front of it."""
    match stage:
        case Where(condition):
            asked |= _fields([condition])
        case Sort(by):
            asked |= _fields(value for value, _, _ in by)
        case MvExpand(column):
            asked.add(column)
        case Eval(assignments):
            return _assigned(assignments, asked)
        case Extract(source=source, columns=columns):
            if asked.isdisjoint(columns):
                return None
            asked.difference_update(columns)
            asked |= _fields([source])
        case Stats():
            aggregates = tuple(one for one in stage.aggregates if one.name in asked)
            asked.clear()
            asked |= _fields(value for one in aggregates for value in _values(one))
            asked |= _fields(value for _, value in stage.by)
            return replace(stage, aggregates=aggregates)
        case Columns(kind="rename", renames=renames):
            return _renamed(stage, renames, asked)
        case Columns():
            return None  # nobody asks behind it for what it hides
    return stage


def _assigned(assignments: Iterable[tuple[str, Value]], asked: set[str]) -> Eval | None:
    left = []
    for name, value in reversed([*assignments]):
        if name in asked:
            asked.discard(name)
            asked |= _fields([value])
            left.append((name, value))
    return Eval(tuple(reversed(left))) if left else None


def _renamed(stage: Columns, renames: Iterable[tuple[str, str]], asked: set[str]) -> Columns | None:
    left = []
    for old, new in reversed([*renames]):
        if new in asked:
            asked.discard(new)
            asked.add(old)
            left.append((old, new))
    return replace(stage, renames=tuple(reversed(left))) if left else None


def _values(aggregate: Aggregate) -> Iterable[Value]:
    found = (aggregate.argument, aggregate.where, *aggregate.rest)
    return [value for value in found if value is not None]


def _fields(values: Iterable[Value]) -> set[str]:
    return {name for value in values for name in value_fields(value)}
