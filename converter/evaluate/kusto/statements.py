"""Binding of statements: `let`, calls of the query's functions, pipelines; the table of operators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.bind import Binder
from converter.evaluate.kusto.environment import Environment, Function, Named, Scalar
from converter.evaluate.kusto.expression import EMPTY_SCOPE, Expression, Scope, convert
from converter.evaluate.kusto.relation import Relation
from converter.evaluate.kusto.tabular import (
    columns,
    join,
    nested,
    order,
    parsing,
    plugins,
    scan,
    sources,
    summarize,
)
from converter.evaluate.kusto.types import Type
from converter.evaluate.result import all_of
from converter.source import NotSupportedError, QuerySyntaxError

MAX_CALLS = 50


def bind_query(environment: Environment, query: ast.Query) -> Relation:
    """The query as a table. Raises QuerySyntaxError and NotSupportedError with places."""
    _define(environment, query.lets)
    return bind_table(query.body, environment)


def _define(environment: Environment, lets: Sequence[ast.Let]) -> None:
    for let in lets:
        if let.name in environment.names:
            raise QuerySyntaxError(f"{let.name} is defined twice", let.position)
        environment.names[let.name] = _value(environment, let)


def _value(environment: Environment, let: ast.Let) -> Named:
    if isinstance(let.value, ast.Lambda):
        return Function(let.value, environment)
    bound = bind_any(let.value, environment, EMPTY_SCOPE)
    if isinstance(bound, Relation):
        return columns.memoised(environment, bound).named(let.name)
    return Scalar(_computed_once(environment, bound))


def _computed_once(environment: Environment, expression: Expression) -> Expression:
    """A scalar `let` has one value in a run."""
    if expression.constant or expression.parts:
        return expression
    runtime, inner = environment.runtime, expression.evaluate
    return Expression(expression.type, lambda row: runtime.once(inner, lambda: inner(())), row_free=True)


# ---- what a node is: a scalar or a table


def bind_any(node: ast.Node, environment: Environment, scope: Scope) -> Expression | Relation:
    """A node where both a scalar and a table can stand."""
    while isinstance(node, ast.Parenthesis):
        node = node.inner
    if isinstance(node, ast.Pipeline | ast.Datatable | ast.Print | ast.Range | ast.Union | ast.Search):
        return bind_table(node, environment)
    if isinstance(node, ast.Name):
        return _named(node, environment, scope)
    if isinstance(node, ast.Call):
        return _called(node, environment, scope)
    return Binder(environment, scope).bind(node)


def _named(node: ast.Name, environment: Environment, scope: Scope) -> Expression | Relation:
    if scope.find(node.name) is not None:
        return Binder(environment, scope).bind(node)
    found = environment.find(node.name)
    if isinstance(found, Relation):
        return found
    if isinstance(found, Function):
        return _call_function(ast.Call(node.name, (), position=node.position), found, environment, scope)
    if found is not None or (scope.open and scope.width):
        return Binder(environment, scope).bind(node)
    return sources.table(environment, node.name)


def _called(node: ast.Call, environment: Environment, scope: Scope) -> Expression | Relation:
    found = environment.find(node.function)
    if isinstance(found, Function):
        return _call_function(node, found, environment, scope)
    if node.function == "materialize" and len(node.arguments) == 1:
        return columns.memoised(environment, bind_table(node.arguments[0], environment))
    if node.function == "table" and len(node.arguments) == 1:
        name = Binder(environment).constant(node.arguments[0], Type.STRING, "table()")
        return bind_table(ast.Name(name, position=node.position), environment)
    if node.function == "view":
        raise NotSupportedError("view() in this place", node.position)
    return Binder(environment, scope).bind(node)


def bind_table(node: ast.Node, environment: Environment) -> Relation:
    """A node where only a table can stand."""
    while isinstance(node, ast.Parenthesis):
        node = node.inner
    if isinstance(node, ast.Pipeline):
        assert node.source is not None
        return _pipeline(environment, node.source, node.operators)
    source = _SOURCES.get(type(node))
    if source is not None:
        return source(environment, node)
    found = bind_any(node, environment, EMPTY_SCOPE)
    if not isinstance(found, Relation):
        raise QuerySyntaxError("a scalar stands where a table is expected", node.position)
    return found


def _pipeline(environment: Environment, source: ast.Node, nodes: Sequence[ast.Node]) -> Relation:
    """A table after the operators. Where it stands here alone, what they choose first is looked at of it."""
    relation, choices = bind_table(source, environment), environment.runtime.choices
    if not isinstance(source, ast.Name) or environment.find(source.name) is not None:
        return run_operators(environment, relation, nodes)
    place = len(choices) - 1
    for node in nodes:
        relation = run_operators(environment, relation, [node])
        if relation.chosen is not None:
            choices[place] = all_of(relation.chosen)
    return relation


def run_operators(environment: Environment, relation: Relation, nodes: Sequence[ast.Node]) -> Relation:
    """The table after the operators; it has a name only if the last one is `as`."""
    for node in nodes:
        relation = _OPERATORS[type(node)](environment, relation, node)
        if not isinstance(node, ast.As):
            relation = relation.named("")
    return relation


# ---- functions of the query


def _call_function(
    node: ast.Call, function: Function, environment: Environment, scope: Scope
) -> Expression | Relation:
    """The body of the function, bound with its parameters in place."""
    _check_depth(node, environment)
    inner = function.environment.child()
    inner.depth = environment.depth + 1
    for parameter, argument in _arguments(node, function.definition.parameters):
        inner.names[parameter.name] = _parameter(parameter, argument, environment, scope)
    _define(inner, function.definition.lets)
    body = function.definition.body
    body_scope = Scope(width=scope.width)
    for name, value in list(inner.names.items()):
        if isinstance(value, Scalar) and value.scope is scope and not value.expression.row_free:
            inner.names[name] = Scalar(value.expression, body_scope)
    result = bind_any(body, inner, body_scope)
    return result.named(node.function) if isinstance(result, Relation) else result


def invoke(environment: Environment, relation: Relation, node: ast.Invoke) -> Relation:
    """A function of the query applied to the table, which is its first argument."""
    function = environment.find(node.call.function)
    if not isinstance(function, Function):
        raise NotSupportedError(f"invoke {node.call.function}()", node.position, code="kql-invoke")
    inner = environment.child()
    inner.names["$invoked"] = relation
    table = ast.Name("$invoked", position=node.position)
    call = ast.Call(node.call.function, (table, *node.call.arguments), position=node.position)
    result = _call_function(call, function, inner, EMPTY_SCOPE)
    if not isinstance(result, Relation):
        raise QuerySyntaxError(f"{node.call.function}() is a scalar, not a table", node.position)
    return result


def _check_depth(node: ast.Call, environment: Environment) -> None:
    if environment.depth > MAX_CALLS:
        raise NotSupportedError(f"functions nested deeper than {MAX_CALLS}", node.position, code="kql-depth")


def _arguments(node: ast.Call, parameters: Sequence[ast.Parameter]) -> list[tuple[ast.Parameter, ast.Node]]:
    """Each parameter with its argument, by place or by name, or its default."""
    given: dict[str, ast.Node] = {}
    for place, argument in enumerate(node.arguments):
        if isinstance(argument, ast.Named):
            given[argument.names[0]] = argument.value
        elif place < len(parameters):
            given[parameters[place].name] = argument
        else:
            raise QuerySyntaxError(f"{node.function}() takes {len(parameters)} arguments", node.position)
    unknown = set(given) - {parameter.name for parameter in parameters}
    if unknown:
        raise QuerySyntaxError(f"{node.function}() has no parameter {sorted(unknown)[0]}", node.position)
    pairs = []
    for parameter in parameters:
        value = given.get(parameter.name, parameter.default)
        if value is None:
            raise QuerySyntaxError(f"{node.function}() needs {parameter.name}", node.position)
        pairs.append((parameter, value))
    return pairs


def _parameter(parameter: ast.Parameter, argument: ast.Node, environment: Environment, scope: Scope) -> Named:
    if parameter.type is None:
        return bind_table(argument, environment)
    expression = convert(Binder(environment, scope).bind(argument), parameter.type)
    return Scalar(expression, None if expression.row_free else scope)


# ---- operators

Operator = Callable[[Environment, Relation, Any], Relation]


def _union(environment: Environment, relation: Relation, node: ast.Union) -> Relation:
    return sources.union(environment, node, relation)


def _search(environment: Environment, relation: Relation, node: ast.Search) -> Relation:
    return sources.search(environment, node, relation)


def _expand(environment: Environment, relation: Relation, node: ast.Expand) -> Relation:
    if node.body is None:
        return nested.expand(environment, relation, node)
    return nested.apply(environment, relation, node, run_operators)


def _top_hitters(environment: Environment, relation: Relation, node: ast.TopHitters) -> Relation:
    """What its page says that it is equivalent to; exact here."""
    function, operands = ("count", ()) if node.by is None else ("sum", (node.by.value,))
    call = ast.Call(function, operands, position=node.position)
    labelled = node.by or node.value
    label = labelled.names[0] if labelled.names else getattr(labelled.value, "name", "")
    name = f"approximate_{function}_{label}"
    total = ast.Named((name,), call, position=node.position)
    key = ast.Named((), ast.Name(name, position=node.position), position=node.position)
    largest = ast.SortKey(key, descending=True, nulls_first=False, position=node.position)
    steps = [
        ast.Summarize((total,), (node.value,), position=node.position),
        ast.Sort((largest,), node.limit, position=node.position),
    ]
    return run_operators(environment, relation, steps)


def _partition(environment: Environment, relation: Relation, node: ast.Partition) -> Relation:
    return nested.partition(environment, relation, node, run_operators)


_SOURCES: dict[type[ast.Node], Callable[[Environment, Any], Relation]] = {
    ast.Datatable: sources.datatable,
    ast.Print: sources.print_row,
    ast.Range: sources.number_range,
    ast.Union: sources.union,
    ast.Search: sources.search,
}
_OPERATORS: dict[type[ast.Node], Operator] = {
    ast.Where: columns.where,
    ast.Extend: columns.extend,
    ast.Project: columns.project,
    ast.ProjectSome: columns.project_some,
    ast.ProjectRename: columns.project_rename,
    ast.ProjectReorder: columns.project_reorder,
    ast.ProjectByNames: columns.project_by_names,
    ast.Take: columns.take,
    ast.As: columns.as_name,
    ast.Invoke: invoke,
    ast.GetSchema: columns.get_schema,
    ast.Summarize: summarize.summarize,
    ast.Distinct: summarize.distinct,
    ast.Count: summarize.count,
    ast.Sort: order.sort,
    ast.TopNested: order.top_nested,
    ast.TopHitters: _top_hitters,
    ast.Evaluate: plugins.evaluate,
    ast.Join: join.join,
    ast.Union: _union,
    ast.Search: _search,
    ast.Expand: _expand,
    ast.Partition: _partition,
    ast.Scan: scan.scan,
    ast.Parse: parsing.parse,
    ast.ParsePairs: parsing.parse_pairs,
}
