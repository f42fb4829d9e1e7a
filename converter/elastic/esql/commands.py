"""Commands of ES|QL: parse tree to the stages of a pipeline."""

from __future__ import annotations

from typing import Any

from converter.elastic.esql.expressions import ExpressionBuilder, place
from converter.elastic.esql.literals import dissect_columns, grok_columns, name, string
from converter.elastic.esql.names import AGGREGATES, COMMANDS
from converter.elastic.syntax import token_position
from converter.frozen import dataclass
from converter.ir import Pipeline
from converter.ir.detection import (
    Aggregate,
    Columns,
    Eval,
    Extract,
    MvExpand,
    Sort,
    Stage,
    Stats,
    Take,
    Untranslatable,
    Where,
)
from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, IsNull, Literal_, Logic, Value
from converter.kept.nodes import Meta, Token
from converter.source import NotSupportedError, Position, QuerySyntaxError


@dataclass(frozen=True, slots=True)
class _Assignment:
    """`name = value`, or a value that is named by its text; `condition` is an aggregate's `where`."""

    name: str
    value: Value
    pos: Position
    condition: Value | None = None


class PipelineBuilder(ExpressionBuilder):
    """Each method turns one command into its stages."""

    def start(self, meta: Meta, items: list[Any]) -> Pipeline:
        source, *rest = items
        sources, metadata, stages = source
        for item in rest:
            if isinstance(item, list):
                stages += item
            elif not isinstance(item, Token):
                stages.append(item)
        return Pipeline(sources, metadata, tuple(stages), pos=place(meta))

    def from_(self, meta: Meta, items: list[Any]) -> Any:
        sources: list[str] = []
        metadata: tuple[str, ...] = ()
        for item in items[1:]:
            if isinstance(item, tuple):
                metadata = item
            elif isinstance(item, Token) and item.type == "SOURCE":
                sources.append(string(item, token_position(item)) if item.startswith('"') else str(item))
        return tuple(sources), metadata, []

    def subquery(self, meta: Meta, items: list[Any]) -> Any:
        raise NotSupportedError("a subquery in from", place(meta), code="esql-subquery")

    def metadata(self, meta: Meta, items: list[Token]) -> tuple[str, ...]:
        return tuple(name(token) for token in items if token.type == "NAME")

    def row(self, meta: Meta, items: list[Any]) -> Any:
        return (), (), [self.eval(meta, items)]

    def other_source(self, meta: Meta, items: list[Any]) -> Any:
        return (), (), [self.other(meta, items)]

    def where(self, meta: Meta, items: list[Any]) -> Stage:
        _refuse_aggregates(items[1])
        return Where(items[1], pos=place(meta))

    def eval(self, meta: Meta, items: list[Any]) -> Stage:
        assignments: list[_Assignment] = items[1]
        for assignment in assignments:
            _refuse_aggregates(assignment.value)
        return Eval(tuple((item.name, item.value) for item in assignments), pos=place(meta))

    def assignments(self, meta: Meta, items: list[Any]) -> list[_Assignment]:
        return [item for item in items if isinstance(item, _Assignment)]

    aggregates = assignments

    def assignment(self, meta: Meta, items: list[Any]) -> _Assignment:
        condition = None
        if isinstance(items[-1], _Condition):
            condition = items.pop().value
        value = items[-1]
        if isinstance(items[0], Token):
            return _Assignment(name(items[0]), value, place(meta), condition)
        is_column = isinstance(value, FieldValue) and condition is None
        return _Assignment(value.name if is_column else self.source_text(meta), value, place(meta), condition)

    aggregate = assignment

    def condition(self, meta: Meta, items: list[Any]) -> _Condition:
        return _Condition(items[1])

    def by(self, meta: Meta, items: list[Any]) -> _By:
        return _By(items[1])

    def stats(self, meta: Meta, items: list[Any]) -> list[Stage]:
        aggregates: list[_Assignment] = []
        groups: list[_Assignment] = []
        for item in items[1:]:
            if isinstance(item, _By):
                groups = item.groups
            else:
                aggregates = item
        return _stats(aggregates, groups, place(meta))

    def keep(self, meta: Meta, items: list[Token]) -> Stage:
        return Columns("keep", _patterns(items), pos=place(meta))

    def drop(self, meta: Meta, items: list[Token]) -> Stage:
        return Columns("drop", _patterns(items), pos=place(meta))

    def rename(self, meta: Meta, items: list[Any]) -> Stage:
        renames = tuple(item for item in items if isinstance(item, tuple))
        return Columns("rename", (), renames, pos=place(meta))

    def renamed(self, meta: Meta, items: list[Token]) -> tuple[str, str]:
        return name(items[0]), name(items[2])

    def renamed_to(self, meta: Meta, items: list[Token]) -> tuple[str, str]:
        return name(items[1]), name(items[0])

    def sort(self, meta: Meta, items: list[Any]) -> Stage:
        return Sort(tuple(item for item in items if isinstance(item, tuple)), pos=place(meta))

    def order(self, meta: Meta, items: list[Any]) -> tuple[Value, bool, bool]:
        value, *words = items
        _refuse_aggregates(value)
        ascending, nulls_first = True, None
        for token in words:
            if token.type == "DIRECTION":
                ascending = token.lower() == "asc"
            elif token.type == "WHICH":
                nulls_first = token.lower() == "first"
        return value, ascending, not ascending if nulls_first is None else nulls_first

    def limit(self, meta: Meta, items: list[Any]) -> Stage:
        value = items[1]
        if not isinstance(value, Literal_) or type(value.value) is not int or value.value < 0:
            raise QuerySyntaxError("limit needs a whole number", value.pos or place(meta))
        if isinstance(items[-1], _By):
            return Untranslatable("esql-limit-by", self.source_text(meta), pos=place(meta))
        return Take(value.value, pos=place(meta))

    def dissect(self, meta: Meta, items: list[Any]) -> Stage:
        source, pattern, *option = items[1:]
        separator = ""
        if option:
            if option[0].lower() != "append_separator":
                raise QuerySyntaxError(f"unknown option {option[0]} of dissect", token_position(option[0]))
            separator = string(option[1], token_position(option[1]))
        text = string(pattern, token_position(pattern))
        columns = dissect_columns(text)
        return Extract("dissect", source, text, columns, separator=separator, pos=place(meta))

    def grok(self, meta: Meta, items: list[Any]) -> Stage:
        source, *tokens = items[1:]
        texts = tuple(string(token, token_position(token)) for token in tokens)
        columns = dict.fromkeys(column for text in texts for column in grok_columns(text))
        return Extract("grok", source, texts[0], tuple(columns), texts[1:], pos=place(meta))

    def mv_expand(self, meta: Meta, items: list[Token]) -> Stage:
        return MvExpand(name(items[1]), pos=place(meta))

    def other(self, meta: Meta, items: list[Any]) -> Stage:
        command = items[0].lower()
        words = [command]
        if len(items) > 1 and isinstance(items[1], Token) and command in ("inline", "lookup"):
            words.append(items[1].lower())
        if items[0].type == "OTHER" and command not in COMMANDS:
            raise QuerySyntaxError(f"unknown command {items[0]}", token_position(items[0]))
        code = "esql-" + "-".join(words).replace("_", "-")
        return Untranslatable(code, self.source_text(meta), pos=place(meta))

    def group(self, meta: Meta, items: list[Any]) -> None:
        """Bracketed tokens of a command that is not translated; its text is taken as a whole."""


@dataclass(frozen=True, slots=True)
class _Condition:
    value: Value


@dataclass(frozen=True, slots=True)
class _By:
    groups: list[_Assignment]


def _patterns(items: list[Token]) -> tuple[str, ...]:
    return tuple(name(token) for token in items if token.type == "PATTERN")


def _stats(aggregates: list[_Assignment], groups: list[_Assignment], pos: Position) -> list[Stage]:
    """One stage where each column is one aggregate; else hidden columns, what is made of them, and a keep."""
    for group in groups:
        _refuse_aggregates(group.value)
    plain: list[Aggregate] = []
    computed: list[tuple[str, Value]] = []
    for item in aggregates:
        if isinstance(item.value, Call) and item.value.function in AGGREGATES:
            plain.append(_aggregate(item.name, item.value, item.condition))
            continue
        splitter = _Splitter(item.condition, len(plain))
        computed.append((item.name, splitter.split(item.value)))
        plain += splitter.found
        if not splitter.found:
            raise QuerySyntaxError("a column of stats without an aggregate function", item.pos)
    by = tuple({group.name: group.value for group in groups}.items())
    stages: list[Stage] = [Stats(tuple(plain), by, pos=pos)]
    if computed:
        names = dict.fromkeys([*(item.name for item in aggregates), *(group.name for group in groups)])
        stages += [Eval(tuple(computed), pos=pos), Columns("keep", tuple(names), pos=pos)]
    return stages


def _aggregate(column: str, call: Call, condition: Value | None) -> Aggregate:
    first = call.arguments[0] if call.arguments else None
    is_star = isinstance(first, FieldValue) and first.name == "*"
    for argument in call.arguments[is_star:]:
        _refuse_aggregates(argument)
    if call.function != "count" and (first is None or is_star):
        raise QuerySyntaxError(f"{call.function} needs an argument", call.pos)
    rest = call.arguments[1:]
    return Aggregate(column, call.function, None if is_star else first, condition, rest, pos=call.pos)


class _Splitter:
    """Takes the aggregates out of an expression; each leaves a hidden column in its place."""

    def __init__(self, condition: Value | None, count: int) -> None:
        self.condition = condition
        self.count = count
        self.found: list[Aggregate] = []

    def split(self, value: Value) -> Value:
        match value:
            case Call(function) if function in AGGREGATES:
                column = f"${self.count + len(self.found) + 1}"
                self.found.append(_aggregate(column, value, self.condition))
                return FieldValue(column, pos=value.pos)
            case Call(function, arguments):
                items = tuple(self.split(argument) for argument in arguments)
                return Call(function, items, language="esql", pos=value.pos)
            case Arithmetic(op, left, right):
                return Arithmetic(op, self.split(left), self.split(right), pos=value.pos)
            case Comparison(comparison, left, right):
                return Comparison(comparison, self.split(left), self.split(right), pos=value.pos)
            case Logic(logic, parts):
                return Logic(logic, tuple(self.split(part) for part in parts), pos=value.pos)
            case IsNull(item):
                return IsNull(self.split(item), pos=value.pos)
            case _:
                return value


def _refuse_aggregates(value: Value) -> None:
    """An aggregate outside of stats, or inside another one, is an error of the query."""
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, Call):
            if node.function in AGGREGATES:
                raise QuerySyntaxError(f"the aggregate {node.function} cannot stand here", node.pos)
            stack += node.arguments
        elif isinstance(node, Arithmetic | Comparison):
            stack += (node.left, node.right)
        elif isinstance(node, Logic):
            stack += node.items
        elif isinstance(node, IsNull):
            stack.append(node.item)
        elif isinstance(node, FieldValue) and node.name == "*":
            raise QuerySyntaxError("unexpected '*'", node.pos)
