"""Functions that look at tables and columns: `toscalar`, `column_ifexists`, `pack_all`, ..."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto import values
from converter.evaluate.kusto.expression import Expression, Row, constant
from converter.evaluate.kusto.functions.registry import special
from converter.evaluate.kusto.relation import Relation
from converter.evaluate.kusto.types import Type
from converter.source import NotSupportedError, QuerySyntaxError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder


@special("toscalar", beyond=True)
def to_scalar(binder: Binder, node: ast.Call) -> Expression:
    """The first value of a table, computed once in a run; null where there is none."""
    if len(node.arguments) != 1:
        raise QuerySyntaxError("toscalar() takes one argument", node.position)
    environment = binder.environment
    found = environment.bind_any(node.arguments[0], environment, binder.scope)
    if not isinstance(found, Relation):
        return found
    if not found.columns:
        raise QuerySyntaxError("toscalar() of a table without columns", node.position)
    first = found.columns[0]
    read, rows, runtime = first.reader(), found.rows, environment.runtime
    empty = "" if first.type is Type.STRING else None

    def compute() -> Any:
        table = rows()
        return read(table[0]) if table else empty

    return Expression(first.type, lambda row: runtime.once(compute, compute), row_free=True)


@special("column_ifexists columnifexists", beyond=True)
def column_if_exists(binder: Binder, node: ast.Call) -> Expression:
    """The column of that name, or the default."""
    if len(node.arguments) != 2:
        raise QuerySyntaxError(f"{node.function}() takes two arguments", node.position)
    name = binder.constant(node.arguments[0], Type.STRING, f"{node.function}()")
    column = binder.scope.find(name)
    return column.expression() if column else binder.bind(node.arguments[1]).named(name)


@special("column_names_of", beyond=True)
def column_names(binder: Binder, node: ast.Call) -> Expression:
    if len(node.arguments) != 1:
        raise QuerySyntaxError("column_names_of() takes one table", node.position)
    table = binder.environment.bind_table(node.arguments[0], binder.environment)
    if table.open:
        raise NotSupportedError("column_names_of() a table without a schema", node.position, code="kql-open")
    return constant([column.name for column in table.columns], Type.DYNAMIC)


def _bag(binder: Binder, columns: list[tuple[str, Expression]], skip_empty: bool) -> Expression:
    readers = [(name, expression.evaluate) for name, expression in columns]

    def evaluate(row: Row) -> dict[str, Any]:
        bag = {name: read(row) for name, read in readers}
        return {k: v for k, v in bag.items() if v is not None and v != ""} if skip_empty else bag

    return Expression(Type.DYNAMIC, evaluate)


@special("pack_all", beyond=True)
def pack_all(binder: Binder, node: ast.Call) -> Expression:
    """All columns as a bag; with `true`, without those that are null or empty."""
    skip = bool(node.arguments) and binder.constant(node.arguments[0], Type.BOOL, "pack_all()")
    return _bag(binder, [(column.name, column.expression()) for column in binder.scope.columns], bool(skip))


@special("bag_pack_columns pack_columns", beyond=True)
def pack_columns(binder: Binder, node: ast.Call) -> Expression:
    bound = binder.arguments(node.arguments)
    if any(item.name is None for item in bound):
        raise QuerySyntaxError(f"{node.function}() takes columns", node.position)
    return _bag(binder, [(item.name or "", item) for item in bound], skip_empty=False)


_FIXED_SIZES = {Type.BOOL: 1, Type.INT: 4, Type.GUID: 16, Type.DECIMAL: 16}


@special("estimate_data_size", beyond=True)
def data_size(binder: Binder, node: ast.Call) -> Expression:
    """Bytes of the columns: 8 for a long, real or time, the length of a string."""
    if any(isinstance(item, ast.Star) for item in node.arguments):
        bound = [column.expression() for column in binder.scope.columns]
    else:
        bound = binder.arguments(node.arguments)
    fixed = sum(_FIXED_SIZES.get(item.type, 8) for item in bound if item.type not in _MEASURED)
    measured = [item.evaluate for item in bound if item.type in _MEASURED]

    def evaluate(row: Row) -> int:
        texts = (values.to_text(read(row)) for read in measured)
        return fixed + sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)

    return Expression(Type.LONG, evaluate)


_MEASURED = frozenset({Type.STRING, Type.DYNAMIC, Type.UNKNOWN})
