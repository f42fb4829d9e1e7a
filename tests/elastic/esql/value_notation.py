"""Values and stages of pipelines as short text, so that a case's expectation is a line of YAML a stage."""

from __future__ import annotations

import json

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
from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, IsNull, Literal_, Logic, Value


def show_value(value: Value) -> str:
    """One line, every operator in parentheses."""
    match value:
        case FieldValue(name):
            return name
        case Literal_(constant):
            return json.dumps(constant, ensure_ascii=False)
        case Call(function, arguments):
            assert value.language == "esql"
            return f"{function}({', '.join(map(show_value, arguments))})"
        case Arithmetic(op, left, right) | Comparison(op, left, right):
            return f"({show_value(left)} {op} {show_value(right)})"
        case Logic("not", (item,)):
            return f"not {show_value(item)}"
        case Logic(op, items):
            return "(" + f" {op} ".join(map(show_value, items)) + ")"
        case IsNull(item):
            return f"null?({show_value(item)})"
        case _:
            raise TypeError(value)


def _aggregate(node: Aggregate) -> str:
    arguments = ["*" if node.argument is None else show_value(node.argument), *map(show_value, node.rest)]
    condition = f" where {show_value(node.where)}" if node.where else ""
    return f"{node.name} = {node.function}({', '.join(arguments)}){condition}"


def _named(pairs: tuple[tuple[str, Value], ...]) -> str:
    return ", ".join(f"{name} = {show_value(value)}" for name, value in pairs)


def show_stage(stage: Stage) -> str:
    """A stage as its command, with what it says in this notation."""
    match stage:
        case Where(condition):
            return f"where {show_value(condition)}"
        case Eval(assignments):
            return f"eval {_named(assignments)}"
        case Stats(aggregates, by):
            groups = f" by {_named(by)}" if by else ""
            return f"stats {', '.join(map(_aggregate, aggregates))}{groups}"
        case Columns("rename", _, renames):
            return "rename " + ", ".join(f"{old} as {new}" for old, new in renames)
        case Columns(kind, names):
            return f"{kind} {', '.join(names)}"
        case Sort(by):
            keys = (
                f"{show_value(value)} {'asc' if ascending else 'desc'} nulls {'first' if first else 'last'}"
                for value, ascending, first in by
            )
            return f"sort {', '.join(keys)}"
        case Take(count):
            return f"limit {count}"
        case Extract(kind, source, pattern, columns, others, separator):
            more = f" + {others}" if others else ""
            joined = f" with {separator!r}" if separator else ""
            return f"{kind} {show_value(source)} {pattern!r}{more}{joined} -> {', '.join(columns)}"
        case MvExpand(column):
            return f"mv_expand {column}"
        case Untranslatable(code, text):
            return f"{code}: {text}"


def show_pipeline(pipeline: Pipeline) -> list[str]:
    """The source, then a line a stage."""
    metadata = f" metadata {', '.join(pipeline.metadata)}" if pipeline.metadata else ""
    return [f"from {', '.join(pipeline.sources)}{metadata}", *map(show_stage, pipeline.stages)]
