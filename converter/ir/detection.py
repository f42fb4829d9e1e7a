"""Detections: what raises an alert, out of predicates over events in time order."""

from __future__ import annotations

from typing import Literal, TypeAlias

from converter.frozen import dataclass
from converter.ir.predicate import Node, Predicate
from converter.ir.value import Value


@dataclass(frozen=True, slots=True)
class EventQuery(Node):
    """Each event that satisfies the predicate. EQL's category is folded into it."""

    predicate: Predicate


@dataclass(frozen=True, slots=True)
class Key(Node):
    """A join key: a field, for `?field` optional (missing joins missing)."""

    field: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Step(Node):
    """One step: its events, its join keys (all steps have as many), how often in a row, or its absence."""

    predicate: Predicate
    keys: tuple[Key, ...] = ()
    runs: int = 1
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    """EQL's `sequence`: steps in time order with equal keys; `maxspan` in milliseconds, inclusive."""

    steps: tuple[Step, ...]
    maxspan: int | None = None
    until: Step | None = None


@dataclass(frozen=True, slots=True)
class Sample(Node):
    """EQL's `sample`: all steps with equal keys, in any order, whenever."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Limited(Node):
    """EQL's pipes `head` and `tail`, in order, on the alerts of `base`."""

    base: EventQuery | Sequence | Sample
    pipes: tuple[tuple[Literal["head", "tail"], int], ...]


@dataclass(frozen=True, slots=True)
class Threshold(Node):
    """At least `value` events with the same `fields`; each cardinality: at least so many different values."""

    predicate: Predicate
    fields: tuple[str, ...]
    value: int
    cardinality: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class NewTerms(Node):
    """An event of the look-back whose combination of `fields` was not seen in the `window` before it.

    Both are in milliseconds before the rule runs; `since` is the look-back.
    """

    predicate: Predicate
    fields: tuple[str, ...]
    window: int
    since: int


@dataclass(frozen=True, slots=True)
class IndicatorMatch(Node):
    """An event that shares values with an indicator: an OR of ANDs of (field, indicator field)."""

    predicate: Predicate
    indicators: Predicate
    mapping: tuple[tuple[tuple[str, str], ...], ...]


# ES|QL: a pipeline of stages. What is only a filter becomes an EventQuery in lowering.


@dataclass(frozen=True, slots=True)
class Where(Node):
    """Rows for which the three-valued condition is true."""

    condition: Value


@dataclass(frozen=True, slots=True)
class Eval(Node):
    """New or replaced columns, each seeing those before it."""

    assignments: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """One column of `stats`: `function(argument)`, counted only `where` the condition is true.

    `function` is ES|QL's name: count, count_distinct, min, max, sum, avg, values, ...;
    `argument` is None for `count(*)`.
    """

    name: str
    function: str
    argument: Value | None
    where: Value | None = None
    rest: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Stats(Node):
    """`stats aggregates by groups`."""

    aggregates: tuple[Aggregate, ...]
    by: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Columns(Node):
    """`keep`, `drop` (names may have `*`) or `rename` ("old" to "new" pairs)."""

    kind: Literal["keep", "drop", "rename"]
    names: tuple[str, ...]
    renames: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sort(Node):
    """`sort`: (value, ascending, nulls first)."""

    by: tuple[tuple[Value, bool, bool], ...]


@dataclass(frozen=True, slots=True)
class Take(Node):
    """`limit n`."""

    count: int


@dataclass(frozen=True, slots=True)
class Extract(Node):
    """`dissect` or `grok`: `source` is split by `pattern` into new columns.

    `others` are grok's further patterns, tried in order; `separator` is dissect's `append_separator`.
    """

    kind: Literal["dissect", "grok"]
    source: Value
    pattern: str
    columns: tuple[str, ...]
    others: tuple[str, ...] = ()
    separator: str = ""


@dataclass(frozen=True, slots=True)
class MvExpand(Node):
    """`mv_expand column`."""

    column: str


@dataclass(frozen=True, slots=True)
class Untranslatable(Node):
    """A command that is read but has no equivalent (`enrich`, `completion`, `inline stats`, ...).

    `code` is the reason code ("esql-enrich"), `text` the source.
    """

    code: str
    text: str


Stage: TypeAlias = Where | Eval | Stats | Columns | Sort | Take | Extract | MvExpand | Untranslatable


@dataclass(frozen=True, slots=True)
class Pipeline(Node):
    """An ES|QL query: `from sources [metadata ...]`, then stages in order."""

    sources: tuple[str, ...]
    metadata: tuple[str, ...]
    stages: tuple[Stage, ...]


Detection: TypeAlias = (
    EventQuery | Sequence | Sample | Limited | Threshold | NewTerms | IndicatorMatch | Pipeline
)
