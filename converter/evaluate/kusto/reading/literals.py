"""Literals, and what stands inside `dynamic(...)`."""

from __future__ import annotations

from typing import Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto import values
from converter.evaluate.kusto.reading.children import place_of
from converter.evaluate.kusto.reading.texts import typed_literal, unquote
from converter.evaluate.kusto.types import Type
from converter.kept.nodes import Meta
from converter.source import QuerySyntaxError


class Literals:
    """A method a grammar rule; those that begin with `json_` return what a dynamic holds."""

    def string(self, meta: Meta, children: list[Any]) -> ast.Literal:
        text = "".join(unquote(token) for token in children)
        return ast.Literal(text, Type.STRING, position=place_of(meta))

    def integer(self, meta: Meta, children: list[Any]) -> ast.Literal:
        value = values.parse_integer(children[0])
        if value is None:
            raise QuerySyntaxError(f"{children[0]} does not fit a long", place_of(meta))
        return ast.Literal(value, Type.LONG, position=place_of(meta))

    def real(self, meta: Meta, children: list[Any]) -> ast.Literal:
        return ast.Literal(float(children[0]), Type.REAL, position=place_of(meta))

    def timespan(self, meta: Meta, children: list[Any]) -> ast.Literal:
        return ast.Literal(values.parse_timespan(children[0]), Type.TIMESPAN, position=place_of(meta))

    def true(self, meta: Meta, children: list[Any]) -> ast.Literal:
        return ast.Literal(True, Type.BOOL, position=place_of(meta))

    def false(self, meta: Meta, children: list[Any]) -> ast.Literal:
        return ast.Literal(False, Type.BOOL, position=place_of(meta))

    def typed(self, meta: Meta, children: list[Any]) -> ast.Literal:
        value, kind = typed_literal(children[0])
        return ast.Literal(value, kind, position=place_of(meta))

    def dynamic(self, meta: Meta, children: list[Any]) -> ast.Literal:
        return ast.Literal(children[1], Type.DYNAMIC, position=place_of(meta))

    def json_string(self, meta: Meta, children: list[Any]) -> str:
        return "".join(unquote(token) for token in children)

    def json_integer(self, meta: Meta, children: list[Any]) -> int:
        sign, digits = children
        number = values.parse_integer(f"{sign or ''}{digits}")
        if number is None:
            raise QuerySyntaxError(f"{digits} does not fit a long", place_of(meta))
        return number

    def json_real(self, meta: Meta, children: list[Any]) -> float:
        sign, digits = children
        return -float(digits) if sign else float(digits)

    def json_timespan(self, meta: Meta, children: list[Any]) -> values.Value:
        return values.parse_timespan(children[0])

    def json_true(self, meta: Meta, children: list[Any]) -> bool:
        return True

    def json_false(self, meta: Meta, children: list[Any]) -> bool:
        return False

    def json_null(self, meta: Meta, children: list[Any]) -> None:
        return None

    def json_typed(self, meta: Meta, children: list[Any]) -> values.Value:
        return typed_literal(children[0])[0]

    def json_dynamic(self, meta: Meta, children: list[Any]) -> values.Value:
        return children[1]

    def json_array(self, meta: Meta, children: list[Any]) -> list[values.Value]:
        return children

    def json_object(self, meta: Meta, children: list[Any]) -> dict[str, values.Value]:
        return dict(children)

    def json_member(self, meta: Meta, children: list[Any]) -> tuple[str, values.Value]:
        key, value = children
        return unquote(key) if key.type == "STRING" else str(key), value
