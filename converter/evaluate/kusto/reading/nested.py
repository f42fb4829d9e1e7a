"""Tabular operators with a language of their own: `mv-expand`, `partition`, `scan`, `parse`."""

from __future__ import annotations

from typing import Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.reading.children import place_of, present, settings_of
from converter.evaluate.kusto.reading.texts import type_of, unquote
from converter.evaluate.kusto.types import Type
from converter.kept.nodes import Meta, Token
from converter.source import QuerySyntaxError


class NestedOperators:
    """A method a grammar rule; each returns a node of the syntax tree, or what one is made of."""

    def mv_expand(self, meta: Meta, children: list[Any]) -> ast.Expand:
        settings, rest = settings_of(children)
        items = tuple(child for child in rest if isinstance(child, ast.ExpandItem))
        return ast.Expand(settings, items, rest[-1], position=place_of(meta))

    def mv_apply(self, meta: Meta, children: list[Any]) -> ast.Expand:
        settings, rest = settings_of(children)
        items = [child for child in rest if isinstance(child, ast.ExpandItem)]
        limit, *operators = rest[len(items) :]
        body = ast.Pipeline(None, tuple(present(operators)), position=place_of(meta))
        return ast.Expand(settings, tuple(items), limit, body, position=place_of(meta))

    def expand_item(self, meta: Meta, children: list[Any]) -> ast.ExpandItem:
        value, kind = children
        return ast.ExpandItem(value, None if kind is None else type_of(kind), position=place_of(meta))

    def limit(self, meta: Meta, children: list[Any]) -> ast.Node:
        return children[0]  # type: ignore[no-any-return]

    def partition(self, meta: Meta, children: list[Any]) -> ast.Partition:
        _, (column, *operators) = settings_of(children)
        body = ast.Pipeline(None, tuple(present(operators)), position=place_of(meta))
        return ast.Partition(column, body, position=place_of(meta))

    def partition_braces(self, meta: Meta, children: list[Any]) -> ast.Partition:
        _, (column, body) = settings_of(children)
        return ast.Partition(column, body, position=place_of(meta))

    def scan(self, meta: Meta, children: list[Any]) -> ast.Scan:
        match_id, declarations, *steps = children
        return ast.Scan(match_id, declarations or (), tuple(steps), position=place_of(meta))

    def match_id(self, meta: Meta, children: list[Any]) -> str:
        return str(children[0])

    def declarations(self, meta: Meta, children: list[Any]) -> tuple[ast.Declaration, ...]:
        return tuple(children)

    def declaration(self, meta: Meta, children: list[Any]) -> ast.Declaration:
        name, kind, default = children
        return ast.Declaration(name, type_of(kind), default, position=place_of(meta))

    def step(self, meta: Meta, children: list[Any]) -> ast.Step:
        name, output, condition, *assignments = children
        output = "all" if output is None else str(output)
        if output not in ("all", "last", "none"):
            raise QuerySyntaxError(f"unknown output={output} of a scan step", place_of(meta))
        return ast.Step(name, output, condition, tuple(present(assignments)), position=place_of(meta))

    def parse(self, meta: Meta, children: list[Any]) -> ast.Parse:
        settings, (value, *items) = settings_of(children[1:])
        only_matches = str(children[0]) == "parse-where"
        return ast.Parse(settings, value, tuple(items), only_matches, position=place_of(meta))

    def parse_item(self, meta: Meta, children: list[Any]) -> ast.ParseItem:
        first = children[0]
        if isinstance(first, Token) and first.type == "STAR":
            return ast.ParseItem(junk=True, position=place_of(meta))
        if isinstance(first, Token) and first.type == "STRING":
            return ast.ParseItem(delimiter=unquote(first), position=place_of(meta))
        kind = Type.STRING if children[1] is None else type_of(children[1])
        return ast.ParseItem(column=first, type=kind, position=place_of(meta))

    def parse_kv(self, meta: Meta, children: list[Any]) -> ast.ParsePairs:
        value, *rest = present(children)
        columns = tuple(item for item in rest if isinstance(item[1], Type))
        settings = tuple(item for item in rest if not isinstance(item[1], Type))
        return ast.ParsePairs(value, columns, settings, position=place_of(meta))

    def kv_setting(self, meta: Meta, children: list[Any]) -> tuple[str, ast.Node]:
        return str(children[0]), children[1]
