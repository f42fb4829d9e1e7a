"""Binding of scalar expressions: names to columns and values, calls to functions, nodes to closures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import field, replace
from typing import Any

from converter.evaluate.kusto import operators
from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.alternatives import alternatives
from converter.evaluate.kusto.environment import Environment, Function, Scalar
from converter.evaluate.kusto.expression import (
    EMPTY_SCOPE,
    Column,
    Expression,
    Row,
    Scope,
    coerce,
    constant,
    convert,
    folded,
    null,
)
from converter.evaluate.kusto.reads import Reads, reads, remembered
from converter.evaluate.kusto.relation import Relation, Rows
from converter.evaluate.kusto.types import TYPE_NAMES, Type
from converter.frozen import dataclass
from converter.source import NotSupportedError, Position, QuerySyntaxError

WindowValues = Callable[[Rows], list[Any]]
"""The values of a window function for all rows of a serialized table."""


@dataclass(slots=True)
class Windows:
    """Window functions of an operator's expressions; each adds a slot that later ones can read."""

    width: int
    serialized: bool
    functions: list[WindowValues] = field(default_factory=list)

    def add(self, function: WindowValues) -> int:
        """Register a function; the slot that its value will have."""
        self.functions.append(function)
        return self.width + len(self.functions) - 1

    def widen(self, rows: Rows) -> Rows:
        for function in self.functions:
            rows = [(*row, value) for row, value in zip(rows, function(rows), strict=True)]
        return rows


class Aggregates:
    """Aggregations found in the expressions of `summarize`; each gets a slot of the result row."""

    def __init__(self, source: Scope, width: int, keys: frozenset[str] = frozenset()) -> None:
        self.source = source
        self.width = width
        self.keys = keys
        self.found: list[Any] = []

    def add(self, aggregation: Any) -> int:
        self.found.append(aggregation)
        return self.width + len(self.found) - 1


class Binder:
    """Binds the expressions of one operator over the columns in `scope`."""

    def __init__(
        self,
        environment: Environment,
        scope: Scope = EMPTY_SCOPE,
        windows: Windows | None = None,
        aggregates: Aggregates | None = None,
    ) -> None:
        self.environment = environment
        self.scope = scope
        self.windows = windows
        self.aggregates = aggregates
        self._reads: dict[ast.Node, Reads | None] = {}

    def bind(self, node: ast.Node) -> Expression:
        """The node as an expression.

        Raises QuerySyntaxError for unknown names and wrong types, NotSupportedError for what is not done.
        """
        method = _METHODS.get(type(node))
        if method is None:
            return self._table_as_scalar(node)
        return method(self, node)

    def typed(self, node: ast.Node, kind: Type, what: str) -> Expression:
        """The node as an expression of a type, implicitly converted."""
        return coerce(self.bind(node), kind, node.position, what)

    def reads(self, node: ast.Node) -> Reads | None:
        """What the node reads of a row, if nothing else."""
        if node not in self._reads:
            self._reads[node] = reads(self, node)
        return self._reads[node]

    def constant(self, node: ast.Node, kind: Type, what: str) -> Any:
        """The value of a node that must be a constant."""
        expression = self.typed(node, kind, what)
        if not expression.constant:
            raise QuerySyntaxError(f"{what} must be a constant", node.position)
        return expression.value

    # ---- names

    def name(self, node: ast.Name) -> Expression:
        column = self.scope.find(node.name)
        if column is not None:
            return column.expression()
        found = self.environment.find(node.name)
        if isinstance(found, Scalar):
            if found.scope is not None and found.scope is not self.scope:
                raise NotSupportedError(
                    f"argument {node.name} that depends on a row, in a table's expression", node.position
                )
            return found.expression.named(node.name)
        if isinstance(found, Function):
            return self.call(ast.Call(node.name, (), position=node.position))
        if found is not None or node.name in self.scope.records:
            raise QuerySyntaxError(f"{node.name} is not a scalar", node.position)
        if self.scope.open:
            return self._missing_column(node.name)
        raise QuerySyntaxError(f"unknown column {node.name}", node.position)

    def _missing_column(self, name: str) -> Expression:
        """A column of a table without a schema that no event has."""
        return null(Type.UNKNOWN).named(name)

    def member(self, node: ast.Member) -> Expression:
        base = node.base
        if isinstance(base, ast.Name) and base.name in self.scope.records:
            return self._record_member(self.scope.records[base.name], node)
        dotted = self.dotted_column(node)
        if dotted is not None:
            return dotted.expression().named(dotted.name.replace(".", "_"))
        return self._property(self.bind(base), constant(node.key, Type.STRING), node.position)

    def _record_member(self, record: Scope, node: ast.Member) -> Expression:
        column = record.find(node.key)
        if column is not None:
            return column.expression()
        if record.open:
            return self._missing_column(node.key)
        raise QuerySyntaxError(f"unknown column {node.key}", node.position)

    def dotted_column(self, node: ast.Member) -> Column | None:
        """`a.b.c` where an event, in a table without a schema, has the property `a.b.c` and no `a`."""
        keys = []
        base: ast.Node = node
        while isinstance(base, ast.Member):
            keys.append(base.key)
            base = base.base
        if not self.scope.open or not isinstance(base, ast.Name) or self.scope.find(base.name):
            return None
        return self.scope.find(".".join([base.name, *reversed(keys)]))

    def index(self, node: ast.Index) -> Expression:
        base, key = self.bind(node.base), self.bind(node.index)
        if base.parts and key.constant and isinstance(key.value, int):
            return base.parts[key.value]
        return self._property(base, key, node.position)

    def _property(self, base: Expression, key: Expression, position: Position) -> Expression:
        """`base.key`, `base[key]`: null where there is no such property or element."""
        if base.type not in (Type.DYNAMIC, Type.UNKNOWN):
            raise QuerySyntaxError(f"a {base.type.value} has no properties", position)
        inner, wanted = base.evaluate, key.evaluate
        name = None
        if base.name is not None and key.constant:
            name = f"{base.name}_{key.value}"

        def evaluate(row: Row) -> Any:
            return _element(inner(row), wanted(row))

        expression = Expression(
            Type.DYNAMIC, evaluate, base.constant and key.constant, base.row_free and key.row_free, name
        )
        return folded(expression) if expression.constant else expression

    # ---- literals and operators

    def literal(self, node: ast.Literal) -> Expression:
        return constant(node.value, node.type)

    def parenthesis(self, node: ast.Parenthesis) -> Expression:
        return self.bind(node.inner)

    def unary(self, node: ast.Unary) -> Expression:
        return operators.sign(node.operator, self.bind(node.operand), node.position)

    def binary(self, node: ast.Binary) -> Expression:
        if isinstance(node.left, ast.Star) and node.operator not in _OF_ONE_VALUE:
            return self._any_column(node)
        if node.operator == ":":
            raise QuerySyntaxError("unexpected ':'", node.position)
        left, right = self.bind(node.left), self.bind(node.right)
        if node.operator in "+-*/%":
            return operators.arithmetic(node.operator, left, right, node.position)
        if node.operator in ("<", "<=", ">", ">="):
            return operators.order(node.operator, left, right, node.position)
        return _compared(node.operator, left, right, node.position)

    def logical(self, node: ast.Logical) -> Expression:
        parts: Iterable[tuple[Expression, Reads | None]] = [
            (self.typed(operand, Type.BOOL, node.operator), self.reads(operand)) for operand in node.operands
        ]
        if node.operator == "or":
            parts = alternatives(node.operands, [*parts], self.bind)
        beside = self.reads(node)
        return operators.logical(node.operator, [remembered(part, own, beside) for part, own in parts])

    def _any_column(self, node: ast.Binary) -> Expression:
        """`* has "x"`: true where any column that the operator takes satisfies it."""
        right = self.bind(node.right)
        tests: list[Expression] = []
        for column in self.scope.columns:
            if column.type not in (Type.STRING, Type.DYNAMIC):
                continue
            tests.append(_compared(node.operator, column.expression(), right, node.position))
        return operators.logical("or", [constant(False, Type.BOOL), *tests])

    def between(self, node: ast.Between) -> Expression:
        operand, low, high = self.bind(node.operand), self.bind(node.low), self.bind(node.high)
        return operators.between(node.negated, operand, low, high, node.position)

    def membership(self, node: ast.Membership) -> Expression:
        operand = self.bind(node.operand)
        candidates, fixed = self._candidates(node, operand)
        if node.operator in ("has_any", "has_all"):
            return operators.has_some(node.operator, operand, candidates, node.position)
        return operators.is_in(node.operator, operand, candidates, fixed)

    def _candidates(self, node: ast.Membership, operand: Expression) -> tuple[operators.Candidates, bool]:
        """The values that an `in` compares with, and whether they are the same in every run."""
        if len(node.candidates) == 1:
            single = self.environment.bind_any(node.candidates[0], self.environment, self.scope)
            if isinstance(single, Relation):
                return self._table_values(single, operand), False
        bound = [self.bind(candidate) for candidate in node.candidates]
        if node.operator.startswith("has"):
            functions = [item.evaluate for item in bound]
        else:
            functions = [
                operators.candidate_value(operand, item, node.operator, node.position) for item in bound
            ]
        spread = operators.spread

        def candidates(row: Row) -> list[Any]:
            return spread([function(row) for function in functions])

        if all(item.constant for item in bound):
            known = candidates(())
            return (lambda row: known), True
        return candidates, False

    def _table_values(self, table: Relation, operand: Expression) -> operators.Candidates:
        """The first column of a table, computed once in a run."""
        if not table.columns:
            return lambda row: []
        first = table.columns[0]
        kind = operand.type if operand.type is not Type.UNKNOWN else first.type
        read = convert(first.expression(), kind).evaluate
        runtime, rows = self.environment.runtime, table.rows

        def compute() -> list[Any]:
            return operators.spread([read(row) for row in rows()])

        return lambda row: runtime.once(compute, compute)

    def _table_as_scalar(self, node: ast.Node) -> Expression:
        raise QuerySyntaxError("a table stands where a scalar is expected", node.position)

    def star(self, node: ast.Star) -> Expression:
        raise QuerySyntaxError("* stands where a scalar is expected", node.position)

    def named(self, node: ast.Named) -> Expression:
        raise QuerySyntaxError("a named argument stands where none is expected", node.position)

    # ---- calls

    def call(self, node: ast.Call) -> Expression:
        user = self.environment.find(node.function)
        if isinstance(user, Function):
            result = self.environment.bind_any(node, self.environment, self.scope)
            if isinstance(result, Relation):
                raise QuerySyntaxError(f"{node.function}() is a table, not a scalar", node.position)
            return result
        if self.aggregates is not None:
            from converter.evaluate.kusto.aggregates import bind_aggregate, is_aggregate

            if is_aggregate(node.function):
                return bind_aggregate(self, node)
        from converter.evaluate.kusto.functions.calls import bind_call  # with all functions

        return bind_call(self, node)

    def arguments(self, nodes: Sequence[ast.Node]) -> list[Expression]:
        return [self.bind(node) for node in nodes]


def _compared(operator: str, left: Expression, right: Expression, position: Position) -> Expression:
    """A comparison that `*` can stand before: of equality, with a pattern, or of texts."""
    if operator in ("==", "!="):
        return operators.equality(operator, left, right, position)
    if operator == "matches regex":
        return operators.matches_regex(left, right, position)
    return operators.string_operator(operator, left, right, position)


def _element(value: Any, key: Any) -> Any:
    """A property of a bag or an element of an array, negative indexes from the end; else null."""
    if isinstance(value, dict):
        return value.get(key) if isinstance(key, str) else None
    if isinstance(value, list) and isinstance(key, int):
        return value[key] if -len(value) <= key < len(value) else None
    return None


def type_argument(node: ast.Node) -> Type:
    """The type in a `typeof(...)` argument."""
    if isinstance(node, ast.Call) and node.function == "typeof" and len(node.arguments) == 1:
        inner = node.arguments[0]
        if isinstance(inner, ast.Name) and inner.name.lower() in TYPE_NAMES:
            return TYPE_NAMES[inner.name.lower()]
    raise QuerySyntaxError("typeof(...) with the name of a type is expected", node.position)


def output_parts(item: ast.Named, expression: Expression) -> list[tuple[str | None, Expression]]:
    """The columns that one item of a list gives: its names, or those derived from the expression."""
    parts = list(expression.parts) or [expression]
    names: list[str | None] = [part.name for part in parts]
    if len(item.names) > len(parts):
        raise QuerySyntaxError("more names than values", item.position)
    for number, name in enumerate(item.names):
        names[number] = name
    return list(zip(names, parts, strict=True))


def renamed(column: Column, name: str) -> Column:
    return replace(column, name=name)


_OF_ONE_VALUE = frozenset({*"+-*/%", "<", "<=", ">", ">="})
"""Operators that `*` cannot stand before."""

_METHODS: dict[type[ast.Node], Callable[[Binder, Any], Expression]] = {
    ast.Name: Binder.name,
    ast.Member: Binder.member,
    ast.Index: Binder.index,
    ast.Literal: Binder.literal,
    ast.Parenthesis: Binder.parenthesis,
    ast.Unary: Binder.unary,
    ast.Binary: Binder.binary,
    ast.Logical: Binder.logical,
    ast.Between: Binder.between,
    ast.Membership: Binder.membership,
    ast.Star: Binder.star,
    ast.Named: Binder.named,
    ast.Call: Binder.call,
}
