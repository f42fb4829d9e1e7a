"""Statements, functions, and the sources of rows."""

from __future__ import annotations

from typing import Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.reading.children import place_of, present, settings_of
from converter.evaluate.kusto.reading.texts import type_of
from converter.evaluate.kusto.types import Type
from converter.kept.nodes import Meta, Token
from converter.source import NotSupportedError, Position, QuerySyntaxError


class Statements:
    """A method a grammar rule; each returns a node of the syntax tree, or what one is made of."""

    def start(self, meta: Meta, children: list[Any]) -> ast.Query:
        flat = [item for child in children for item in (child if isinstance(child, list) else [child])]
        lets = tuple(child for child in flat if isinstance(child, ast.Let))
        bodies = [child for child in flat if child is not None and not isinstance(child, ast.Let)]
        if not bodies:
            raise QuerySyntaxError("no query", Position(1, 1))
        if len(bodies) > 1:
            raise NotSupportedError("more than one query in a text", bodies[1].position, code="kql-batch")
        return ast.Query(lets, bodies[0], position=bodies[0].position)

    def let_statement(self, meta: Meta, children: list[Any]) -> ast.Let:
        return ast.Let(children[0], children[1], position=place_of(meta))

    def set_statement(self, meta: Meta, children: list[Any]) -> ast.Let:
        return ast.Let(ast.option(str(children[1])), children[2], position=place_of(meta))

    def query_parameters(self, meta: Meta, children: list[Any]) -> list[ast.Let]:
        """Parameters with the values that they have when none is given."""
        lets = []
        for parameter in children[1:]:
            if parameter.type is None or parameter.default is None:
                raise NotSupportedError(
                    f"query parameter {parameter.name} without a value", parameter.position
                )
            conversion = f"to{parameter.type.value}"
            value = ast.Call(conversion, (parameter.default,), position=parameter.position)
            lets.append(ast.Let(parameter.name, value, position=parameter.position))
        return lets

    def function(self, meta: Meta, children: list[Any]) -> ast.Lambda:
        view = any(isinstance(child, Token) and child.type == "VIEW" for child in children)
        parameters = tuple(child for child in children if isinstance(child, ast.Parameter))
        lets, body = children[-1]
        return ast.Lambda(parameters, lets, body, view, position=place_of(meta))

    def parameter(self, meta: Meta, children: list[Any]) -> ast.Parameter:
        name, kind, default = children
        return ast.Parameter(name, type_of(kind), default, position=place_of(meta))

    def tabular_parameter(self, meta: Meta, children: list[Any]) -> ast.Parameter:
        return ast.Parameter(children[0], None, position=place_of(meta))

    def body(self, meta: Meta, children: list[Any]) -> tuple[tuple[ast.Let, ...], ast.Node]:
        return tuple(children[:-1]), children[-1]

    def column_declaration(self, meta: Meta, children: list[Any]) -> tuple[str, Type]:
        return children[0], type_of(children[1])


class Sources:
    """A method a grammar rule; each returns a node of the syntax tree."""

    def pipeline(self, meta: Meta, children: list[Any]) -> ast.Node:
        source, operators = children[0], tuple(present(children[1:]))
        if not operators:
            return source  # type: ignore[no-any-return]
        return ast.Pipeline(source, operators, position=place_of(meta))

    def datatable(self, meta: Meta, children: list[Any]) -> ast.Datatable:
        columns = tuple(child for child in children if isinstance(child, tuple))
        cells = tuple(child for child in children if isinstance(child, ast.Node))
        return ast.Datatable(columns, cells, position=place_of(meta))

    def print(self, meta: Meta, children: list[Any]) -> ast.Print:
        return ast.Print(tuple(children[1:]), position=place_of(meta))

    def range(self, meta: Meta, children: list[Any]) -> ast.Range:
        _, name, start, stop, step = children
        return ast.Range(name, start, stop, step, position=place_of(meta))

    def union(self, meta: Meta, children: list[Any]) -> ast.Union:
        settings, legs = settings_of(children[1:])
        return ast.Union(settings, tuple(legs), position=place_of(meta))

    def union_leg(self, meta: Meta, children: list[Any]) -> ast.Node:
        return children[0]  # type: ignore[no-any-return]

    def wildcard(self, meta: Meta, children: list[Any]) -> ast.Wildcard:
        return ast.Wildcard(str(children[0]), position=place_of(meta))

    def search(self, meta: Meta, children: list[Any]) -> ast.Search:
        settings, rest = settings_of(children[1:])
        rest = present(rest)
        return ast.Search(settings, tuple(rest[:-1]), rest[-1], position=place_of(meta))
