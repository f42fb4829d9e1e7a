"""The names that a query's text can use besides columns: `let` values, functions, tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.expression import Expression, Scope
from converter.evaluate.kusto.relation import Relation, Runtime, Schema
from converter.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar `let` or a parameter. One that depends on a row can only be used with that row's `scope`."""

    expression: Expression
    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the query, with the names that its body can see."""

    definition: ast.Lambda
    environment: Environment


Named = Scalar | Relation | Function
BindTable = Callable[[ast.Node, "Environment"], Relation]
BindAny = Callable[[ast.Node, "Environment", Scope], "Expression | Relation"]
TableSchema = Callable[[str], tuple[Schema, bool]]
"""The columns of a table, and whether it may have others (a table without a declared schema)."""


@dataclass(slots=True)
class Environment:
    """A chain of scopes of names, and how to bind what is nested in an expression.

    `depth` counts nested calls of functions; `nested` is true inside `mv-apply` and `partition`, `renewed`
    where what is computed once is computed once for each row or group there.
    """

    runtime: Runtime
    table_schema: TableSchema
    known_tables: Mapping[str, Schema]
    bind_table: BindTable
    bind_any: BindAny
    parent: Environment | None = None
    names: dict[str, Named] = field(default_factory=dict)
    depth: int = 0
    nested: bool = False
    renewed: bool = False

    def find(self, name: str) -> Named | None:
        here: Environment | None = self
        while here is not None:
            if name in here.names:
                return here.names[name]
            here = here.parent
        return None

    def all_names(self) -> dict[str, Named]:
        """Every name that is visible here, in the order of definition."""
        outer = self.parent.all_names() if self.parent else {}
        return {**outer, **self.names}

    def child(self) -> Environment:
        return Environment(
            self.runtime,
            self.table_schema,
            self.known_tables,
            self.bind_table,
            self.bind_any,
            parent=self,
            depth=self.depth,
            nested=self.nested,
            renewed=self.renewed,
        )

    def inside_rows(self, renewed: bool) -> Environment:
        """For operators that run once for each row or group."""
        inner = self.child()
        inner.nested, inner.renewed = True, renewed
        return inner
