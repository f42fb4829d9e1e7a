"""Scalar expressions."""

from __future__ import annotations

from typing import Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.reading.children import place_of
from converter.evaluate.kusto.reading.texts import unquote
from converter.kept.nodes import Meta
from converter.source import NotSupportedError, QuerySyntaxError


def assigned(target: ast.Node) -> tuple[str, ...]:
    """The names left of `=`: one name, or several in parentheses."""
    if isinstance(target, ast.Parenthesis):
        target = ast.Tuple((target.inner,), position=target.position)
    parts = target.items if isinstance(target, ast.Tuple) else (target,)
    names = tuple(part.name for part in parts if isinstance(part, ast.Name))
    if len(names) != len(parts):
        raise QuerySyntaxError("only a column name can stand left of =", target.position)
    return names


class Expressions:
    """A method a grammar rule; each returns a node of the syntax tree."""

    def binary(self, meta: Meta, children: list[Any]) -> ast.Binary:
        left, operator, right = children
        name = " ".join(str(operator).split())
        if name.endswith("like"):
            raise NotSupportedError(f"operator {name}", place_of(operator), code="kql-like")
        return ast.Binary({"<>": "!="}.get(name, name), left, right, position=place_of(operator))

    def any_of(self, meta: Meta, children: list[Any]) -> ast.Logical:
        return ast.Logical("or", tuple(children), position=place_of(meta))

    def all_of(self, meta: Meta, children: list[Any]) -> ast.Logical:
        return ast.Logical("and", tuple(children), position=place_of(meta))

    def membership(self, meta: Meta, children: list[Any]) -> ast.Membership:
        operand, operator, *candidates = children
        nodes = tuple(
            ast.Name(item, position=place_of(operator)) if isinstance(item, str) else item
            for item in candidates
        )
        return ast.Membership(str(operator), operand, nodes, position=place_of(operator))

    def between(self, meta: Meta, children: list[Any]) -> ast.Between:
        operand, operator, low, high = children
        return ast.Between(operator.startswith("!"), operand, low, high, position=place_of(operator))

    def unary(self, meta: Meta, children: list[Any]) -> ast.Unary:
        return ast.Unary(str(children[0]), children[1], position=place_of(meta))

    def member(self, meta: Meta, children: list[Any]) -> ast.Member:
        return ast.Member(children[0], children[1], position=place_of(meta))

    def index(self, meta: Meta, children: list[Any]) -> ast.Index:
        return ast.Index(children[0], children[1], position=place_of(meta))

    def call(self, meta: Meta, children: list[Any]) -> ast.Call:
        return ast.Call(str(children[0]), tuple(children[1:]), position=place_of(meta))

    def argument(self, meta: Meta, children: list[Any]) -> ast.Node:
        first, value = children
        if value is None:
            return first  # type: ignore[no-any-return]
        return ast.Named(assigned(first), value, position=place_of(meta))

    def parenthesis(self, meta: Meta, children: list[Any]) -> ast.Node:
        if len(children) > 1:
            return ast.Tuple(tuple(children), position=place_of(meta))
        return ast.Parenthesis(children[0], position=place_of(meta))

    def name_expression(self, meta: Meta, children: list[Any]) -> ast.Name:
        return ast.Name(children[0], position=place_of(meta))

    def star(self, meta: Meta, children: list[Any]) -> ast.Star:
        return ast.Star(position=place_of(meta))

    def name(self, meta: Meta, children: list[Any]) -> str:
        token = children[0]
        return unquote(token) if token.type == "STRING" else str(token)

    def named(self, meta: Meta, children: list[Any]) -> ast.Named:
        first, value = children
        if value is None:
            return ast.Named((), first, position=place_of(meta))
        return ast.Named(assigned(first), value, position=place_of(meta))
