"""The syntax tree of a Kusto query: what the text says, before any name is looked up.

Scalar expressions and pipelines share one kind of node, since `(T | count)` and `(a + b)` stand in the
same places. Every node carries the place where it begins.
"""

from __future__ import annotations

from typing import Any

from converter.evaluate.kusto.plain import Plain
from converter.evaluate.kusto.types import Type
from converter.source import Position


class Node(Plain, kw_only=True):
    """Anything in a query; `position` is where it begins."""

    position: Position


# ---- scalar expressions


class Literal(Node):
    value: Any
    type: Type


class Name(Node):
    name: str


class Member(Node):
    """`base.key`: a property, or a column of a scan step or join side."""

    base: Node
    key: str


class Index(Node):
    """`base[index]`."""

    base: Node
    index: Node


class Call(Node):
    function: str
    arguments: tuple[Node, ...]


class Named(Node):
    """`name = value`, or `(a, b) = value`; no names where none was written."""

    names: tuple[str, ...]
    value: Node


class Star(Node):
    """`*`: every column."""


class Unary(Node):
    operator: str
    operand: Node


class Logical(Node):
    """A run of `and`, or of `or`."""

    operator: str
    operands: tuple[Node, ...]


class Binary(Node):
    """Arithmetic, comparison, string operator: `operator` as the reference spells it."""

    operator: str
    left: Node
    right: Node


class Membership(Node):
    """`in`, `!in`, `in~`, `!in~`, `has_any`, `has_all`."""

    operator: str
    operand: Node
    candidates: tuple[Node, ...]


class Between(Node):
    negated: bool
    operand: Node
    low: Node
    high: Node


class Tuple(Node):
    """`(a, b)`: only as a list of names to assign to."""

    items: tuple[Node, ...]


class Parenthesis(Node):
    """`(x)` with one item, kept so that output names follow what was written."""

    inner: Node


# ---- statements


class Parameter(Node):
    """A parameter of a function: scalar with its `type`, or tabular (`type` is None)."""

    name: str
    type: Type | None
    default: Node | None = None


class Lambda(Node):
    parameters: tuple[Parameter, ...]
    lets: tuple[Let, ...]
    body: Node
    view: bool


class Let(Node):
    name: str
    value: Node


def option(name: str) -> str:
    """The name under which the value of a `set` statement is kept: no query can write it."""
    return f"set {name}"


class Query(Node):
    lets: tuple[Let, ...]
    body: Node


# ---- sources of rows


class Pipeline(Node):
    """A source and the operators behind `|`; `source` is None where the operators apply to a given table."""

    source: Node | None
    operators: tuple[Node, ...]


class Datatable(Node):
    columns: tuple[tuple[str, Type], ...]
    values: tuple[Node, ...]


class Print(Node):
    items: tuple[Named, ...]


class Range(Node):
    name: str
    start: Node
    stop: Node
    step: Node


class Wildcard(Node):
    """`Name*` in a list of tables or columns."""

    pattern: str


Settings = dict[str, str]


class Union(Node):
    """`union a, b`, as a source or after a table."""

    settings: Settings
    legs: tuple[Node, ...]


class Search(Node):
    settings: Settings
    tables: tuple[Node, ...]
    predicate: Node


# ---- operators


class Where(Node):
    predicate: Node


class Extend(Node):
    """`extend`, and `serialize` with columns."""

    items: tuple[Named, ...]
    serialize: bool = False


class Project(Node):
    items: tuple[Named, ...]


class ProjectSome(Node):
    """`project-away` (keep is False) and `project-keep`."""

    patterns: tuple[str, ...]
    keep: bool


class ProjectRename(Node):
    items: tuple[Named, ...]


class ProjectReorder(Node):
    items: tuple[tuple[str, str | None], ...]


class ProjectByNames(Node):
    names: tuple[Node, ...]


class Summarize(Node):
    aggregations: tuple[Named, ...]
    groups: tuple[Named, ...]


class Distinct(Node):
    items: tuple[Node, ...]


class Count(Node):
    pass


class SortKey(Node):
    value: Named
    descending: bool
    nulls_first: bool


class Sort(Node):
    """`sort by`, and `top n by` where `limit` is given."""

    keys: tuple[SortKey, ...]
    limit: Node | None = None


class Take(Node):
    limit: Node


class Join(Node):
    """`join` and `lookup`."""

    settings: Settings
    right: Node
    conditions: tuple[Node, ...]
    lookup: bool


class ExpandItem(Node):
    value: Named
    type: Type | None


class Expand(Node):
    """`mv-expand`, and `mv-apply` where `body` is given."""

    settings: Settings
    items: tuple[ExpandItem, ...]
    limit: Node | None
    body: Pipeline | None = None


class Partition(Node):
    """`body` is a pipeline without a source, or (between braces) a table of its own."""

    column: str
    body: Node


class Step(Node):
    name: str
    output: str
    condition: Node
    assignments: tuple[Named, ...]


class Declaration(Node):
    name: str
    type: Type
    default: Node | None


class Scan(Node):
    match_id: str | None
    declarations: tuple[Declaration, ...]
    steps: tuple[Step, ...]


class ParseItem(Node):
    """One element of a parse pattern: junk (`*`), a delimiter, or a column with its type."""

    junk: bool = False
    delimiter: str | None = None
    column: str | None = None
    type: Type = Type.STRING


class Parse(Node):
    """`parse`, and `parse-where` where `only_matches`."""

    settings: Settings
    value: Node
    items: tuple[ParseItem, ...]
    only_matches: bool


class ParsePairs(Node):
    """`parse-kv`."""

    value: Node
    columns: tuple[tuple[str, Type], ...]
    settings: tuple[tuple[str, Node], ...]


class As(Node):
    name: str


class Invoke(Node):
    call: Call


class TopHitters(Node):
    """The most frequent values, or those with the largest sum of `by`."""

    limit: Node
    value: Named
    by: Named | None


class Evaluate(Node):
    """A plugin. `columns` are those that it is told to give, behind all of the table's where `and_all`."""

    call: Call
    columns: tuple[tuple[str, Type], ...] | None = None
    and_all: bool = False


class GetSchema(Node):
    pass


class Nest(Node):
    limit: Node | None
    value: Named
    others: Node | None
    by: Named
    descending: bool


class TopNested(Node):
    levels: tuple[Nest, ...] = ()
