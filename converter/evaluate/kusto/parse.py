"""Kusto text to syntax tree: the lark grammar beside this module, and what its rules build."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, VisitError
from lark.tree import Meta

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto import values
from converter.evaluate.kusto.types import TYPE_NAMES, Type
from converter.kept import parser
from converter.source import NotSupportedError, Position, QuerySyntaxError, SourceError

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "'": "'", "0": "\0", "a": "\a", "b": "\b"}
_ESCAPES |= {"f": "\f", "v": "\v"}


def parse(text: str) -> ast.Query:
    """The tree of a query.

    Raises QuerySyntaxError where the text is not Kusto, NotSupportedError (with the construct's name) for
    statements, sources and operators that are not evaluated.
    """
    try:
        tree = _parser().parse(text)
        query: ast.Query = _Builder().transform(tree)
    except RecursionError:
        raise too_deep() from None
    except UnexpectedInput as error:
        raise _syntax_error(text, error) from None
    except VisitError as error:
        if isinstance(error.orig_exc, SourceError):
            raise error.orig_exc from None
        raise
    return query


def too_deep() -> NotSupportedError:
    """What exhausts the stack when it is read, bound or run."""
    return NotSupportedError("a query nested this deep", Position(1, 1), code="kql-depth")


def _refuse(token: Token) -> Token:
    kind = {"REFUSED_STATEMENT": "statement", "REFUSED_SOURCE": "source"}.get(token.type, "operator")
    raise NotSupportedError(f"{kind} {token}", _place(token), code=f"kql-{str(token).strip()}")


@lru_cache(maxsize=1)
def _parser() -> Lark:
    callbacks = dict.fromkeys(("REFUSED_STATEMENT", "REFUSED_SOURCE", "REFUSED_OPERATOR"), _refuse)
    grammar = Path(__file__).with_name("kusto.lark")
    return parser(grammar, callbacks=callbacks, propagate_positions=True, maybe_placeholders=True)


def _syntax_error(text: str, error: UnexpectedInput) -> SourceError:
    if isinstance(error, UnexpectedEOF) or getattr(getattr(error, "token", None), "type", "") == "$END":
        lines = text.split("\n")
        return QuerySyntaxError("the query ends too early", Position(len(lines), len(lines[-1]) + 1))
    place = Position(max(error.line, 1), max(error.column, 1))
    rest = text[error.pos_in_stream :] if error.pos_in_stream is not None else ""
    before = text[: error.pos_in_stream or 0].rstrip()
    word = re.match(r"[A-Za-z_][A-Za-z0-9_-]*", rest)
    if word and before.endswith("|"):
        return QuerySyntaxError(f"unknown operator {word[0]}", place)
    found = word[0] if word else rest[:1]
    if isinstance(error, UnexpectedCharacters) and found in "\"'":
        return QuerySyntaxError("the string that begins here has no end, or an unexpected place", place)
    return QuerySyntaxError(f"unexpected {found!r}", place)


def _place(at: Meta | Token) -> Position:
    return Position(getattr(at, "line", None) or 1, getattr(at, "column", None) or 1)


def _unquote(token: Token) -> str:
    """The characters that a string literal stands for (verbatim, escaped or multi-line form)."""
    text = str(token)
    if text[0] in "hH":
        text = text[1:]
    if text.startswith(("```", "~~~")):
        return text[3:-3]
    if text[0] == "@":
        quote = text[1]
        return text[2:-1].replace(quote * 2, quote)

    def escape(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] in "uUx" and len(code) > 1 and int(code[1:], 16) <= sys.maxunicode:
            return chr(int(code[1:], 16))
        if code not in _ESCAPES:
            raise QuerySyntaxError(f"unknown escape \\{code} in a string", _place(token))
        return _ESCAPES[code]

    text = re.sub(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|U[0-9a-fA-F]{8}|[\s\S])", escape, text[1:-1])
    return values.well_formed(text)


def _type(token: Token) -> Type:
    named = TYPE_NAMES.get(str(token).lower())
    if named is None:
        raise QuerySyntaxError(f"unknown type {token}", _place(token))
    return named


def _typed_literal(token: Token) -> tuple[values.Value, Type]:
    """The value of `datetime(...)`, `long(...)` and their like."""
    word, _, content = str(token).partition("(")
    kind = TYPE_NAMES[word.strip().lower()]
    content = content[:-1].strip()
    if content[:1] in ("'", '"') and content:
        content = content[1:-1]
    if content.lower() == "null":
        return None, kind
    value = _READERS[kind](content)
    if value is None:
        raise QuerySyntaxError(f"not a {kind.value} literal: {token}", _place(token))
    return value, kind


def _read_datetime(text: str) -> values.DateTime | None:
    parts = re.fullmatch(r"(\d+)\s*,\s*(\d+)\s*,\s*(\d+)", text)
    if parts:
        text = f"{parts[1]}-{parts[2]}-{parts[3]}"
    text = re.sub(r"(?<=\d) +- +(?=\d)", "-", text)
    if text.lower() == "min":
        return values.DateTime(0)
    if text.lower() == "max":
        return values.DateTime(values.MAX_TICKS)
    return values.parse_datetime(text)


def _read_timespan(text: str) -> values.TimeSpan | None:
    if text.lower() in ("min", "max"):
        return values.TimeSpan(-(1 << 63) if text.lower() == "min" else (1 << 63) - 1)
    return values.parse_timespan(text)


_READERS: dict[Type, Any] = {
    Type.BOOL: values.parse_bool,
    Type.INT: values.parse_integer,
    Type.LONG: values.parse_integer,
    Type.REAL: values.parse_real,
    Type.DECIMAL: values.parse_decimal,
    Type.GUID: values.parse_guid,
    Type.DATETIME: _read_datetime,
    Type.TIMESPAN: _read_timespan,
}


def _settings(children: Sequence[Any]) -> tuple[ast.Settings, list[Any]]:
    """Split leading `name=value` settings from the rest; hints do not change results and are dropped."""
    settings: ast.Settings = {}
    rest = list(children)
    while rest and isinstance(rest[0], dict):
        settings.update(rest.pop(0))
    return {name: value for name, value in settings.items() if not name.startswith("hint")}, rest


def _assigned(target: ast.Node) -> tuple[str, ...]:
    """The names left of `=`: one name, or several in parentheses."""
    if isinstance(target, ast.Parenthesis):
        target = ast.Tuple((target.inner,), position=target.position)
    parts = target.items if isinstance(target, ast.Tuple) else (target,)
    names = tuple(part.name for part in parts if isinstance(part, ast.Name))
    if len(names) != len(parts):
        raise QuerySyntaxError("only a column name can stand left of =", target.position)
    return names


def _present(children: Sequence[Any]) -> list[Any]:
    return [child for child in children if child is not None]


@v_args(meta=True)
class _Builder(Transformer[Token, ast.Query]):
    """One method a grammar rule; each returns a node of the syntax tree."""

    # ---- statements

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
        return ast.Let(children[0], children[1], position=_place(meta))

    def set_statement(self, meta: Meta, children: list[Any]) -> ast.Let:
        return ast.Let(ast.option(str(children[1])), children[2], position=_place(meta))

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
        return ast.Lambda(parameters, lets, body, view, position=_place(meta))

    def parameter(self, meta: Meta, children: list[Any]) -> ast.Parameter:
        name, kind, default = children
        return ast.Parameter(name, _type(kind), default, position=_place(meta))

    def tabular_parameter(self, meta: Meta, children: list[Any]) -> ast.Parameter:
        return ast.Parameter(children[0], None, position=_place(meta))

    def body(self, meta: Meta, children: list[Any]) -> tuple[tuple[ast.Let, ...], ast.Node]:
        return tuple(children[:-1]), children[-1]

    def column_declaration(self, meta: Meta, children: list[Any]) -> tuple[str, Type]:
        return children[0], _type(children[1])

    # ---- sources

    def pipeline(self, meta: Meta, children: list[Any]) -> ast.Node:
        source, operators = children[0], tuple(_present(children[1:]))
        if not operators:
            return source  # type: ignore[no-any-return]
        return ast.Pipeline(source, operators, position=_place(meta))

    def datatable(self, meta: Meta, children: list[Any]) -> ast.Datatable:
        columns = tuple(child for child in children if isinstance(child, tuple))
        cells = tuple(child for child in children if isinstance(child, ast.Node))
        return ast.Datatable(columns, cells, position=_place(meta))

    def print(self, meta: Meta, children: list[Any]) -> ast.Print:
        return ast.Print(tuple(children[1:]), position=_place(meta))

    def range(self, meta: Meta, children: list[Any]) -> ast.Range:
        _, name, start, stop, step = children
        return ast.Range(name, start, stop, step, position=_place(meta))

    def union(self, meta: Meta, children: list[Any]) -> ast.Union:
        settings, legs = _settings(children[1:])
        return ast.Union(settings, tuple(legs), position=_place(meta))

    def union_leg(self, meta: Meta, children: list[Any]) -> ast.Node:
        return children[0]  # type: ignore[no-any-return]

    def wildcard(self, meta: Meta, children: list[Any]) -> ast.Wildcard:
        return ast.Wildcard(str(children[0]), position=_place(meta))

    def search(self, meta: Meta, children: list[Any]) -> ast.Search:
        settings, rest = _settings(children[1:])
        rest = _present(rest)
        return ast.Search(settings, tuple(rest[:-1]), rest[-1], position=_place(meta))

    # ---- operators

    def where(self, meta: Meta, children: list[Any]) -> ast.Where:
        return ast.Where(children[0], position=_place(meta))

    def extend(self, meta: Meta, children: list[Any]) -> ast.Extend:
        return ast.Extend(tuple(children), position=_place(meta))

    def serialize(self, meta: Meta, children: list[Any]) -> ast.Extend:
        return ast.Extend(tuple(_present(children)), serialize=True, position=_place(meta))

    def project(self, meta: Meta, children: list[Any]) -> ast.Project:
        return ast.Project(tuple(_present(children)), position=_place(meta))

    def project_away(self, meta: Meta, children: list[Any]) -> ast.ProjectSome:
        return ast.ProjectSome(tuple(children), keep=False, position=_place(meta))

    def project_keep(self, meta: Meta, children: list[Any]) -> ast.ProjectSome:
        return ast.ProjectSome(tuple(children), keep=True, position=_place(meta))

    def pattern(self, meta: Meta, children: list[Any]) -> str:
        return str(children[0])

    def project_rename(self, meta: Meta, children: list[Any]) -> ast.ProjectRename:
        return ast.ProjectRename(tuple(children), position=_place(meta))

    def project_reorder(self, meta: Meta, children: list[Any]) -> ast.ProjectReorder:
        return ast.ProjectReorder(tuple(children), position=_place(meta))

    def reorder_item(self, meta: Meta, children: list[Any]) -> tuple[str, str | None]:
        pattern, order = children
        return str(pattern), None if order is None else str(order)

    def project_by_names(self, meta: Meta, children: list[Any]) -> ast.ProjectByNames:
        return ast.ProjectByNames(tuple(children), position=_place(meta))

    def summarize(self, meta: Meta, children: list[Any]) -> ast.Summarize:
        _, (aggregations, groups) = _settings(children)
        return ast.Summarize(aggregations or (), groups or (), position=_place(meta))

    def aggregations(self, meta: Meta, children: list[Any]) -> tuple[ast.Named, ...]:
        return tuple(children)

    def groups(self, meta: Meta, children: list[Any]) -> tuple[ast.Named, ...]:
        return tuple(children)

    def distinct(self, meta: Meta, children: list[Any]) -> ast.Distinct:
        return ast.Distinct(tuple(_settings(children)[1]), position=_place(meta))

    def count(self, meta: Meta, children: list[Any]) -> ast.Count:
        return ast.Count(position=_place(meta))

    def top(self, meta: Meta, children: list[Any]) -> ast.Sort:
        return ast.Sort(tuple(children[1:]), children[0], position=_place(meta))

    def take(self, meta: Meta, children: list[Any]) -> ast.Take:
        return ast.Take(children[0], position=_place(meta))

    def sort(self, meta: Meta, children: list[Any]) -> ast.Sort:
        return ast.Sort(tuple(_settings(children)[1]), position=_place(meta))

    def sort_item(self, meta: Meta, children: list[Any]) -> ast.SortKey:
        value, order, nulls = children
        descending = order != "asc"
        nulls_first = nulls == "first" if nulls is not None else not descending
        return ast.SortKey(value, descending, nulls_first, position=_place(meta))

    def join(self, meta: Meta, children: list[Any]) -> ast.Join:
        settings, rest = _settings(children)
        right, *conditions = _present(rest)
        if not conditions:
            raise QuerySyntaxError("join without on", _place(meta))
        return ast.Join(settings, right, tuple(conditions), lookup=False, position=_place(meta))

    def lookup(self, meta: Meta, children: list[Any]) -> ast.Join:
        settings, (right, *conditions) = _settings(children)
        return ast.Join(settings, right, tuple(conditions), lookup=True, position=_place(meta))

    def mv_expand(self, meta: Meta, children: list[Any]) -> ast.Expand:
        settings, rest = _settings(children)
        items = tuple(child for child in rest if isinstance(child, ast.ExpandItem))
        return ast.Expand(settings, items, rest[-1], position=_place(meta))

    def mv_apply(self, meta: Meta, children: list[Any]) -> ast.Expand:
        settings, rest = _settings(children)
        items = [child for child in rest if isinstance(child, ast.ExpandItem)]
        limit, *operators = rest[len(items) :]
        body = ast.Pipeline(None, tuple(_present(operators)), position=_place(meta))
        return ast.Expand(settings, tuple(items), limit, body, position=_place(meta))

    def expand_item(self, meta: Meta, children: list[Any]) -> ast.ExpandItem:
        value, kind = children
        return ast.ExpandItem(value, None if kind is None else _type(kind), position=_place(meta))

    def limit(self, meta: Meta, children: list[Any]) -> ast.Node:
        return children[0]  # type: ignore[no-any-return]

    def partition(self, meta: Meta, children: list[Any]) -> ast.Partition:
        _, (column, *operators) = _settings(children)
        body = ast.Pipeline(None, tuple(_present(operators)), position=_place(meta))
        return ast.Partition(column, body, position=_place(meta))

    def partition_braces(self, meta: Meta, children: list[Any]) -> ast.Partition:
        _, (column, body) = _settings(children)
        return ast.Partition(column, body, position=_place(meta))

    def scan(self, meta: Meta, children: list[Any]) -> ast.Scan:
        match_id, declarations, *steps = children
        return ast.Scan(match_id, declarations or (), tuple(steps), position=_place(meta))

    def match_id(self, meta: Meta, children: list[Any]) -> str:
        return str(children[0])

    def declarations(self, meta: Meta, children: list[Any]) -> tuple[ast.Declaration, ...]:
        return tuple(children)

    def declaration(self, meta: Meta, children: list[Any]) -> ast.Declaration:
        name, kind, default = children
        return ast.Declaration(name, _type(kind), default, position=_place(meta))

    def step(self, meta: Meta, children: list[Any]) -> ast.Step:
        name, output, condition, *assignments = children
        output = "all" if output is None else str(output)
        if output not in ("all", "last", "none"):
            raise QuerySyntaxError(f"unknown output={output} of a scan step", _place(meta))
        return ast.Step(name, output, condition, tuple(_present(assignments)), position=_place(meta))

    def parse(self, meta: Meta, children: list[Any]) -> ast.Parse:
        settings, (value, *items) = _settings(children[1:])
        only_matches = str(children[0]) == "parse-where"
        return ast.Parse(settings, value, tuple(items), only_matches, position=_place(meta))

    def parse_item(self, meta: Meta, children: list[Any]) -> ast.ParseItem:
        first = children[0]
        if isinstance(first, Token) and first.type == "STAR":
            return ast.ParseItem(junk=True, position=_place(meta))
        if isinstance(first, Token) and first.type == "STRING":
            return ast.ParseItem(delimiter=_unquote(first), position=_place(meta))
        kind = Type.STRING if children[1] is None else _type(children[1])
        return ast.ParseItem(column=first, type=kind, position=_place(meta))

    def parse_kv(self, meta: Meta, children: list[Any]) -> ast.ParsePairs:
        value, *rest = _present(children)
        columns = tuple(item for item in rest if isinstance(item[1], Type))
        settings = tuple(item for item in rest if not isinstance(item[1], Type))
        return ast.ParsePairs(value, columns, settings, position=_place(meta))

    def kv_setting(self, meta: Meta, children: list[Any]) -> tuple[str, ast.Node]:
        return str(children[0]), children[1]

    def as_name(self, meta: Meta, children: list[Any]) -> ast.As:
        return ast.As(_settings(children)[1][0], position=_place(meta))

    def invoke(self, meta: Meta, children: list[Any]) -> ast.Invoke:
        return ast.Invoke(children[0], position=_place(meta))

    def top_hitters(self, meta: Meta, children: list[Any]) -> ast.TopHitters:
        return ast.TopHitters(*children, position=_place(meta))

    def evaluate(self, meta: Meta, children: list[Any]) -> ast.Evaluate:
        _, (call, schema) = _settings(children)
        if schema is None:
            return ast.Evaluate(call, position=_place(meta))
        columns = tuple(item for item in schema if not isinstance(item, Token))
        return ast.Evaluate(call, columns, len(columns) < len(schema), position=_place(meta))

    def output_schema(self, meta: Meta, children: list[Any]) -> list[Any]:
        return children

    def render(self, meta: Meta, children: list[Any]) -> None:
        """A picture changes no row."""

    def getschema(self, meta: Meta, children: list[Any]) -> ast.GetSchema:
        return ast.GetSchema(position=_place(meta))

    def top_nested(self, meta: Meta, children: list[Any]) -> ast.TopNested:
        return ast.TopNested(tuple(children), position=_place(meta))

    def nest(self, meta: Meta, children: list[Any]) -> ast.Nest:
        limit, value, others, by, order = children
        return ast.Nest(limit, value, others, by, order != "asc", position=_place(meta))

    def setting(self, meta: Meta, children: list[Any]) -> ast.Settings:
        name, value = children
        return {str(name): _unquote(value) if value.type == "STRING" else str(value)}

    def named(self, meta: Meta, children: list[Any]) -> ast.Named:
        first, value = children
        if value is None:
            return ast.Named((), first, position=_place(meta))
        return ast.Named(_assigned(first), value, position=_place(meta))

    # ---- expressions

    def binary(self, meta: Meta, children: list[Any]) -> ast.Binary:
        left, operator, right = children
        name = " ".join(str(operator).split())
        if name.endswith("like"):
            raise NotSupportedError(f"operator {name}", _place(operator), code="kql-like")
        return ast.Binary({"<>": "!="}.get(name, name), left, right, position=_place(operator))

    def any_of(self, meta: Meta, children: list[Any]) -> ast.Logical:
        return ast.Logical("or", tuple(children), position=_place(meta))

    def all_of(self, meta: Meta, children: list[Any]) -> ast.Logical:
        return ast.Logical("and", tuple(children), position=_place(meta))

    def membership(self, meta: Meta, children: list[Any]) -> ast.Membership:
        operand, operator, *candidates = children
        nodes = tuple(
            ast.Name(item, position=_place(operator)) if isinstance(item, str) else item
            for item in candidates
        )
        return ast.Membership(str(operator), operand, nodes, position=_place(operator))

    def between(self, meta: Meta, children: list[Any]) -> ast.Between:
        operand, operator, low, high = children
        return ast.Between(operator.startswith("!"), operand, low, high, position=_place(operator))

    def unary(self, meta: Meta, children: list[Any]) -> ast.Unary:
        return ast.Unary(str(children[0]), children[1], position=_place(meta))

    def member(self, meta: Meta, children: list[Any]) -> ast.Member:
        return ast.Member(children[0], children[1], position=_place(meta))

    def index(self, meta: Meta, children: list[Any]) -> ast.Index:
        return ast.Index(children[0], children[1], position=_place(meta))

    def call(self, meta: Meta, children: list[Any]) -> ast.Call:
        return ast.Call(str(children[0]), tuple(children[1:]), position=_place(meta))

    def argument(self, meta: Meta, children: list[Any]) -> ast.Node:
        first, value = children
        if value is None:
            return first  # type: ignore[no-any-return]
        return ast.Named(_assigned(first), value, position=_place(meta))

    def parenthesis(self, meta: Meta, children: list[Any]) -> ast.Node:
        if len(children) > 1:
            return ast.Tuple(tuple(children), position=_place(meta))
        return ast.Parenthesis(children[0], position=_place(meta))

    def name_expression(self, meta: Meta, children: list[Any]) -> ast.Name:
        return ast.Name(children[0], position=_place(meta))

    def star(self, meta: Meta, children: list[Any]) -> ast.Star:
        return ast.Star(position=_place(meta))

    def name(self, meta: Meta, children: list[Any]) -> str:
        token = children[0]
        return _unquote(token) if token.type == "STRING" else str(token)

    # ---- literals

    def string(self, meta: Meta, children: list[Any]) -> ast.Literal:
        text = "".join(_unquote(token) for token in children)
        return ast.Literal(text, Type.STRING, position=_place(meta))

    def integer(self, meta: Meta, children: list[Any]) -> ast.Literal:
        value = values.parse_integer(children[0])
        if value is None:
            raise QuerySyntaxError(f"{children[0]} does not fit a long", _place(meta))
        return ast.Literal(value, Type.LONG, position=_place(meta))

    def real(self, meta: Meta, children: list[Any]) -> ast.Literal:
        return ast.Literal(float(children[0]), Type.REAL, position=_place(meta))

    def timespan(self, meta: Meta, children: list[Any]) -> ast.Literal:
        return ast.Literal(values.parse_timespan(children[0]), Type.TIMESPAN, position=_place(meta))

    def true(self, meta: Meta, children: list[Any]) -> ast.Literal:
        return ast.Literal(True, Type.BOOL, position=_place(meta))

    def false(self, meta: Meta, children: list[Any]) -> ast.Literal:
        return ast.Literal(False, Type.BOOL, position=_place(meta))

    def typed(self, meta: Meta, children: list[Any]) -> ast.Literal:
        value, kind = _typed_literal(children[0])
        return ast.Literal(value, kind, position=_place(meta))

    def dynamic(self, meta: Meta, children: list[Any]) -> ast.Literal:
        return ast.Literal(children[1], Type.DYNAMIC, position=_place(meta))

    def json_string(self, meta: Meta, children: list[Any]) -> str:
        return "".join(_unquote(token) for token in children)

    def json_integer(self, meta: Meta, children: list[Any]) -> int:
        sign, digits = children
        number = values.parse_integer(f"{sign or ''}{digits}")
        if number is None:
            raise QuerySyntaxError(f"{digits} does not fit a long", _place(meta))
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
        return _typed_literal(children[0])[0]

    def json_dynamic(self, meta: Meta, children: list[Any]) -> values.Value:
        return children[1]

    def json_array(self, meta: Meta, children: list[Any]) -> list[values.Value]:
        return children

    def json_object(self, meta: Meta, children: list[Any]) -> dict[str, values.Value]:
        return dict(children)

    def json_member(self, meta: Meta, children: list[Any]) -> tuple[str, values.Value]:
        key, value = children
        return _unquote(key) if key.type == "STRING" else str(key), value
