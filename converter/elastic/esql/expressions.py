"""Expressions of ES|QL: parse tree to values."""

from __future__ import annotations

from typing import Any, Literal, cast

from converter.elastic.esql.literals import name, number, string
from converter.elastic.esql.names import ALIASES, ARGUMENTS, CASTS, time_unit
from converter.elastic.regexes import check_regex
from converter.elastic.syntax import check_arguments, token_position
from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, IsNull, Literal_, Logic, Value
from converter.kept.nodes import Meta, Token
from converter.source import NotSupportedError, Position, QuerySyntaxError

MAX_CHAIN = 100
"""More operators in a row are refused: each makes the tree one level deeper."""
_INTERVAL_OF = {"date_trunc": 0, "bucket": 1}
"""Functions of an interval, and which of their arguments it is."""


class ExpressionBuilder:
    """Each method turns one rule of the grammar into a value."""

    def __init__(self, text: str) -> None:
        self.text = text

    def source_text(self, meta: Meta) -> str:
        """What the query says there, which names a column that has no other name."""
        return self.text[meta.start_pos : meta.end_pos]

    def or_(self, meta: Meta, items: list[Any]) -> Value:
        return Logic("or", tuple(items[::2]), pos=place(meta))

    def and_(self, meta: Meta, items: list[Any]) -> Value:
        return Logic("and", tuple(items[::2]), pos=place(meta))

    def not_(self, meta: Meta, items: list[Any]) -> Value:
        *nots, item = items
        _check_chain(nots, meta)
        value: Value = item
        for token in reversed(nots):
            value = Logic("not", (value,), pos=token_position(token))
        return value

    def comparison(self, meta: Meta, items: list[Any]) -> Value:
        left, op, right = items
        return Comparison(cast("Literal['==']", str(op)), left, right, pos=place(meta))

    def like(self, meta: Meta, items: list[Any]) -> Value:
        left, *rest = items
        negated = rest[0].type == "NOT"
        op: Literal["like", "rlike"] = "rlike" if rest[negated].lower() == "rlike" else "like"
        tests: list[Value] = []
        for token in rest[negated + 1 :]:
            at = token_position(token)
            pattern = string(token, at)
            if op == "rlike":
                check_regex(pattern, at)
            tests.append(Comparison(op, left, Literal_(pattern, pos=at), pos=place(meta)))
        return _alternatives(tests, negated, meta)

    def in_(self, meta: Meta, items: list[Any]) -> Value:
        left, *rest = items
        negated = rest[0].type == "NOT" if isinstance(rest[0], Token) else False
        tests: list[Value] = [
            Comparison("==", left, item, pos=place(meta)) for item in rest if not isinstance(item, Token)
        ]
        return _alternatives(tests, negated, meta)

    def is_null(self, meta: Meta, items: list[Any]) -> Value:
        null = IsNull(items[0], pos=place(meta))
        return Logic("not", (null,), pos=place(meta)) if len(items) == 4 else null

    def match(self, meta: Meta, items: list[Value]) -> Value:
        return _call("match", items, meta)

    def sum_(self, meta: Meta, items: list[Any]) -> Value:
        _check_chain(items[1::2], meta)
        value: Value = items[0]
        for op, right in zip(items[1::2], items[2::2], strict=True):
            value = Arithmetic(cast("Literal['+']", str(op)), value, right, pos=place(meta))
        return value

    product_ = sum_

    def negative(self, meta: Meta, items: list[Any]) -> Value:
        sign, value = items
        if sign == "+":
            return cast("Value", value)
        if isinstance(value, Literal_) and isinstance(value.value, int | float):
            return Literal_(-value.value, pos=place(meta))
        return Arithmetic("-", Literal_(0, pos=place(meta)), value, pos=place(meta))

    def cast_(self, meta: Meta, items: list[Any]) -> Value:
        value, *types = items
        _check_chain(types, meta)
        for token in types:
            function = CASTS.get(token.lower())
            if function is None:
                raise QuerySyntaxError(f"unknown type {token}", token_position(token))
            value = _call(function, [value], meta)
        return cast("Value", value)

    def parenthesised(self, meta: Meta, items: list[Value]) -> Value:
        return items[0]

    def call(self, meta: Meta, items: list[Any]) -> Value:
        function = name(items[0]).lower()
        return _call(ALIASES.get(function, function), items[1:], meta)

    def star(self, meta: Meta, items: list[Token]) -> Value:
        if items[0] != "*":
            raise QuerySyntaxError(f"unexpected {str(items[0])!r}", token_position(items[0]))
        return FieldValue("*", pos=place(meta))

    def column(self, meta: Meta, items: list[Token]) -> Value:
        return FieldValue(name(items[0]), pos=place(meta))

    def parameter(self, meta: Meta, items: list[Token]) -> Value:
        raise NotSupportedError(f"parameter {items[0]}", place(meta), code="esql-parameter")

    def literal(self, meta: Meta, items: list[Any]) -> Value:
        token, at = items[0], place(meta)
        if not isinstance(token, Token):
            return cast("Value", token)
        if token.type == "STRING":
            return Literal_(string(token, at), pos=at)
        if token.type == "NUMBER":
            return Literal_(number(token, at), pos=at)
        return Literal_({"TRUE": True, "FALSE": False, "NULL": None}[token.type], pos=at)

    def timespan(self, meta: Meta, items: list[Token]) -> Value:
        unit = time_unit(items[1])
        if unit is None:
            raise QuerySyntaxError(f"unexpected {str(items[1])!r} after a number", token_position(items[1]))
        if not items[0].isdigit():
            raise QuerySyntaxError("a time span needs a whole number", token_position(items[0]))
        amount = Literal_(number(items[0], place(meta)), pos=place(meta))
        return _call("timespan", [amount, Literal_(unit, pos=token_position(items[1]))], meta)

    def list_(self, meta: Meta, items: list[Value]) -> Value:
        return _call("list", items, meta)

    def map_(self, meta: Meta, items: list[Any]) -> Value:
        return _call("map", [value for entry in items for value in entry], meta)

    def entry(self, meta: Meta, items: list[Any]) -> tuple[Value, Value]:
        at = token_position(items[0])
        return Literal_(string(items[0], at), pos=at), items[1]


def place(meta: Meta) -> Position:
    """Where a rule's text begins."""
    return Position(meta.line, meta.column)


def _call(function: str, arguments: list[Value], meta: Meta) -> Call:
    """Raises QuerySyntaxError for more or fewer arguments than the function takes."""
    if function in ARGUMENTS:
        check_arguments(function, len(arguments), *ARGUMENTS[function], place(meta))
    if function == "case":
        _check_case(arguments)
    if function in _INTERVAL_OF:
        _check_interval(arguments[_INTERVAL_OF[function]])
    return Call(function, tuple(arguments), language="esql", pos=place(meta))


def _check_case(arguments: list[Value]) -> None:
    """Raises QuerySyntaxError where a condition is a text or a number, or the values are of several types:
    Elasticsearch verifies both (ES|QL reference: CASE). Of a field the type is not known here."""
    *pairs, last = arguments if len(arguments) % 2 else [*arguments, Literal_(None)]
    for condition in pairs[::2]:
        if _type(condition) not in (None, "boolean"):
            raise QuerySyntaxError(f"a condition of case is a {_type(condition)}", condition.pos)
    known = [(kind, value) for value in (*pairs[1::2], last) if (kind := _type(value)) is not None]
    for kind, value in known:
        if kind != known[0][0]:
            raise QuerySyntaxError(f"case gives a {known[0][0]} and a {kind}", value.pos)


def _check_interval(interval: Value) -> None:
    """Raises QuerySyntaxError for one of no length, which Elasticsearch refuses (`DateTrunc`)."""
    match interval:
        case Call(function="timespan", arguments=(Literal_(value=0), *_)):
            raise QuerySyntaxError("an interval of no length", interval.pos)


def _type(value: Value) -> str | None:
    """What a literal or a condition is; None for all else, and for null."""
    match value:
        case Logic() | Comparison() | IsNull() | Literal_(value=bool()):
            return "boolean"
        case Literal_(value=str()):
            return "text"
        case Literal_(value=int() | float()):
            return "number"
    return None


def _alternatives(tests: list[Value], negated: bool, meta: Meta) -> Value:
    value = tests[0] if len(tests) == 1 else Logic("or", tuple(tests), pos=place(meta))
    return Logic("not", (value,), pos=place(meta)) if negated else value


def _check_chain(items: list[Any], meta: Meta) -> None:
    if len(items) > MAX_CHAIN:
        raise QuerySyntaxError(f"more than {MAX_CHAIN} operators in a row", place(meta))
