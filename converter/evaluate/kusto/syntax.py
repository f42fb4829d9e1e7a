"""The syntax tree of a Kusto query: what the text says, before any name is looked up.

Scalar expressions and pipelines share one kind of node, since `(T | count)` and `(a + b)` stand in the
same places. Every node carries the place where it begins.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from converter.evaluate.kusto.types import Type
from converter.source import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything in a query; `position` is where it begins, `text` its source where the output names it."""

    position: Position


# ---- scalar expressions


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: Any
    type: Type


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Member(Node):
    """`base.key`: a property, or a column of a scan step or join side."""

    base: Node
    key: str


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`base[index]`."""

    base: Node
    index: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Named(Node):
    """`name = value`, or `(a, b) = value`; no names where none was written."""

    names: tuple[str, ...]
    value: Node


@dataclass(frozen=True, slots=True)
class Star(Node):
    """`*`: every column."""


@dataclass(frozen=True, slots=True)
class Unary(Node):
    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Logical(Node):
    """A run of `and`, or of `or`."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Arithmetic, comparison, string operator: `operator` as the reference spells it."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Membership(Node):
    """`in`, `!in`, `in~`, `!in~`, `has_any`, `has_all`."""

    operator: str
    operand: Node
    candidates: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    negated: bool
    operand: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Tuple(Node):
    """`(a, b)`: only as a list of names to assign to."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Parenthesis(Node):
    """`(x)` with one item, kept so that output names follow what was written."""

    inner: Node


# ---- statements


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A parameter of a function: scalar with its `type`, or tabular (`type` is None)."""

    name: str
    type: Type | None
    default: Node | None = None


@dataclass(frozen=True, slots=True)
class Lambda(Node):
    parameters: tuple[Parameter, ...]
    lets: tuple[Let, ...]
    body: Node
    view: bool


@dataclass(frozen=True, slots=True)
class Let(Node):
    name: str
    value: Node


def option(name: str) -> str:
    """The name under which the value of a `set` statement is kept: no query can write it."""
    return f"set {name}"


@dataclass(frozen=True, slots=True)
class Query(Node):
    lets: tuple[Let, ...]
    body: Node


# ---- sources of rows


@dataclass(frozen=True, slots=True)
class Pipeline(Node):
    """A source and the operators behind `|`; `source` is None where the operators apply to a given table."""

    source: Node | None
    operators: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Datatable(Node):
    columns: tuple[tuple[str, Type], ...]
    values: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Print(Node):
    items: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Range(Node):
    name: str
    start: Node
    stop: Node
    step: Node


@dataclass(frozen=True, slots=True)
class Wildcard(Node):
    """`Name*` in a list of tables or columns."""

    pattern: str


Settings = dict[str, str]


@dataclass(frozen=True, slots=True)
class Union(Node):
    """`union a, b`, as a source or after a table."""

    settings: Settings
    legs: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Search(Node):
    settings: Settings
    tables: tuple[Node, ...]
    predicate: Node


# ---- operators


@dataclass(frozen=True, slots=True)
class Where(Node):
    predicate: Node


@dataclass(frozen=True, slots=True)
class Extend(Node):
    """`extend`, and `serialize` with columns."""

    items: tuple[Named, ...]
    serialize: bool = False


@dataclass(frozen=True, slots=True)
class Project(Node):
    items: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class ProjectSome(Node):
    """`project-away` (keep is False) and `project-keep`."""

    patterns: tuple[str, ...]
    keep: bool


@dataclass(frozen=True, slots=True)
class ProjectRename(Node):
    items: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class ProjectReorder(Node):
    items: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class ProjectByNames(Node):
    names: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Summarize(Node):
    aggregations: tuple[Named, ...]
    groups: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Distinct(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Count(Node):
    pass


@dataclass(frozen=True, slots=True)
class SortKey(Node):
    value: Named
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Sort(Node):
    """`sort by`, and `top n by` where `limit` is given."""

    keys: tuple[SortKey, ...]
    limit: Node | None = None


@dataclass(frozen=True, slots=True)
class Take(Node):
    limit: Node


@dataclass(frozen=True, slots=True)
class Join(Node):
    """`join` and `lookup`."""

    settings: Settings
    right: Node
    conditions: tuple[Node, ...]
    lookup: bool


@dataclass(frozen=True, slots=True)
class ExpandItem(Node):
    value: Named
    type: Type | None


@dataclass(frozen=True, slots=True)
class Expand(Node):
    """`mv-expand`, and `mv-apply` where `body` is given."""

    settings: Settings
    items: tuple[ExpandItem, ...]
    limit: Node | None
    body: Pipeline | None = None


@dataclass(frozen=True, slots=True)
class Partition(Node):
    """`body` is a pipeline without a source, or (between braces) a table of its own."""

    column: str
    body: Node


@dataclass(frozen=True, slots=True)
class Step(Node):
    name: str
    output: str
    condition: Node
    assignments: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Declaration(Node):
    name: str
    type: Type
    default: Node | None


@dataclass(frozen=True, slots=True)
class Scan(Node):
    match_id: str | None
    declarations: tuple[Declaration, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ParseItem(Node):
    """One element of a parse pattern: junk (`*`), a delimiter, or a column with its type."""

    junk: bool = False
    delimiter: str | None = None
    column: str | None = None
    type: Type = Type.STRING


@dataclass(frozen=True, slots=True)
class Parse(Node):
    """`parse`, and `parse-where` where `only_matches`."""

    settings: Settings
    value: Node
    items: tuple[ParseItem, ...]
    only_matches: bool


@dataclass(frozen=True, slots=True)
class ParsePairs(Node):
    """`parse-kv`."""

    value: Node
    columns: tuple[tuple[str, Type], ...]
    settings: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class As(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Invoke(Node):
    call: Call


@dataclass(frozen=True, slots=True)
class TopHitters(Node):
    """The most frequent values, or those with the largest sum of `by`."""

    limit: Node
    value: Named
    by: Named | None


@dataclass(frozen=True, slots=True)
class Evaluate(Node):
    """A plugin. `columns` are those that it is told to give, behind all of the table's where `and_all`."""

    call: Call
    columns: tuple[tuple[str, Type], ...] | None = None
    and_all: bool = False


@dataclass(frozen=True, slots=True)
class GetSchema(Node):
    pass


@dataclass(frozen=True, slots=True)
class Nest(Node):
    limit: Node | None
    value: Named
    others: Node | None
    by: Named
    descending: bool


@dataclass(frozen=True, slots=True)
class TopNested(Node):
    levels: tuple[Nest, ...] = field(default=())
