"""The tabular operators, which stand behind `|`.

Those with a language of their own (`mv-apply`, `scan`, `parse`) are in `nested`.
"""

from __future__ import annotations

from typing import Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.reading.children import place_of, present, settings_of
from converter.evaluate.kusto.reading.texts import unquote
from converter.kept.nodes import Meta, Token
from converter.source import QuerySyntaxError


class Operators:
    """A method a grammar rule; each returns a node of the syntax tree, or what one is made of."""

    def where(self, meta: Meta, children: list[Any]) -> ast.Where:
        return ast.Where(children[0], position=place_of(meta))

    def extend(self, meta: Meta, children: list[Any]) -> ast.Extend:
        return ast.Extend(tuple(children), position=place_of(meta))

    def serialize(self, meta: Meta, children: list[Any]) -> ast.Extend:
        return ast.Extend(tuple(present(children)), serialize=True, position=place_of(meta))

    def project(self, meta: Meta, children: list[Any]) -> ast.Project:
        return ast.Project(tuple(present(children)), position=place_of(meta))

    def project_away(self, meta: Meta, children: list[Any]) -> ast.ProjectSome:
        return ast.ProjectSome(tuple(children), keep=False, position=place_of(meta))

    def project_keep(self, meta: Meta, children: list[Any]) -> ast.ProjectSome:
        return ast.ProjectSome(tuple(children), keep=True, position=place_of(meta))

    def pattern(self, meta: Meta, children: list[Any]) -> str:
        return str(children[0])

    def project_rename(self, meta: Meta, children: list[Any]) -> ast.ProjectRename:
        return ast.ProjectRename(tuple(children), position=place_of(meta))

    def project_reorder(self, meta: Meta, children: list[Any]) -> ast.ProjectReorder:
        return ast.ProjectReorder(tuple(children), position=place_of(meta))

    def reorder_item(self, meta: Meta, children: list[Any]) -> tuple[str, str | None]:
        pattern, order = children
        return str(pattern), None if order is None else str(order)

    def project_by_names(self, meta: Meta, children: list[Any]) -> ast.ProjectByNames:
        return ast.ProjectByNames(tuple(children), position=place_of(meta))

    def summarize(self, meta: Meta, children: list[Any]) -> ast.Summarize:
        _, (aggregations, groups) = settings_of(children)
        return ast.Summarize(aggregations or (), groups or (), position=place_of(meta))

    def aggregations(self, meta: Meta, children: list[Any]) -> tuple[ast.Named, ...]:
        return tuple(children)

    def groups(self, meta: Meta, children: list[Any]) -> tuple[ast.Named, ...]:
        return tuple(children)

    def distinct(self, meta: Meta, children: list[Any]) -> ast.Distinct:
        return ast.Distinct(tuple(settings_of(children)[1]), position=place_of(meta))

    def count(self, meta: Meta, children: list[Any]) -> ast.Count:
        return ast.Count(position=place_of(meta))

    def top(self, meta: Meta, children: list[Any]) -> ast.Sort:
        return ast.Sort(tuple(children[1:]), children[0], position=place_of(meta))

    def take(self, meta: Meta, children: list[Any]) -> ast.Take:
        return ast.Take(children[0], position=place_of(meta))

    def sort(self, meta: Meta, children: list[Any]) -> ast.Sort:
        return ast.Sort(tuple(settings_of(children)[1]), position=place_of(meta))

    def sort_item(self, meta: Meta, children: list[Any]) -> ast.SortKey:
        value, order, nulls = children
        descending = order != "asc"
        nulls_first = nulls == "first" if nulls is not None else not descending
        return ast.SortKey(value, descending, nulls_first, position=place_of(meta))

    def join(self, meta: Meta, children: list[Any]) -> ast.Join:
        settings, rest = settings_of(children)
        right, *conditions = present(rest)
        if not conditions:
            raise QuerySyntaxError("join without on", place_of(meta))
        return ast.Join(settings, right, tuple(conditions), lookup=False, position=place_of(meta))

    def lookup(self, meta: Meta, children: list[Any]) -> ast.Join:
        settings, (right, *conditions) = settings_of(children)
        return ast.Join(settings, right, tuple(conditions), lookup=True, position=place_of(meta))

    def as_name(self, meta: Meta, children: list[Any]) -> ast.As:
        return ast.As(settings_of(children)[1][0], position=place_of(meta))

    def invoke(self, meta: Meta, children: list[Any]) -> ast.Invoke:
        return ast.Invoke(children[0], position=place_of(meta))

    def top_hitters(self, meta: Meta, children: list[Any]) -> ast.TopHitters:
        return ast.TopHitters(*children, position=place_of(meta))

    def evaluate(self, meta: Meta, children: list[Any]) -> ast.Evaluate:
        _, (call, schema) = settings_of(children)
        if schema is None:
            return ast.Evaluate(call, position=place_of(meta))
        columns = tuple(item for item in schema if not isinstance(item, Token))
        return ast.Evaluate(call, columns, len(columns) < len(schema), position=place_of(meta))

    def output_schema(self, meta: Meta, children: list[Any]) -> list[Any]:
        return children

    def render(self, meta: Meta, children: list[Any]) -> None:
        """A picture changes no row."""

    def getschema(self, meta: Meta, children: list[Any]) -> ast.GetSchema:
        return ast.GetSchema(position=place_of(meta))

    def top_nested(self, meta: Meta, children: list[Any]) -> ast.TopNested:
        return ast.TopNested(tuple(children), position=place_of(meta))

    def nest(self, meta: Meta, children: list[Any]) -> ast.Nest:
        limit, value, others, by, order = children
        return ast.Nest(limit, value, others, by, order != "asc", position=place_of(meta))

    def setting(self, meta: Meta, children: list[Any]) -> ast.Settings:
        name, value = children
        return {str(name): unquote(value) if value.type == "STRING" else str(value)}
