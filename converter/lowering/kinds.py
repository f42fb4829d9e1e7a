"""Kinds of values in expressions, as far as writers must know them to choose an operator.

A field is text unless a caller says otherwise: what a target holds is text, and a conversion says what to
read it as.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from converter.ir.value import Arithmetic, Call, FieldValue, Literal_, Value

Kind: TypeAlias = Literal["text", "integer", "double", "boolean", "date", "timespan", "list", "null"]
Kinds: TypeAlias = Mapping[str, Kind]

NUMBERS = frozenset({"integer", "double"})

_OF_ES_TYPE: Mapping[str, Kind] = {
    **dict.fromkeys(("byte", "short", "integer", "long", "unsigned_long"), "integer"),
    **dict.fromkeys(("half_float", "float", "double", "scaled_float"), "double"),
    "date": "date",
    "date_nanos": "date",
    "boolean": "boolean",
}
_RESULTS: Mapping[str, Kind] = {
    **dict.fromkeys(("length", "locate", "to_long", "to_integer", "date_diff", "mv_count"), "integer"),
    **dict.fromkeys(("count", "count_distinct", "date_extract", "byte_length"), "integer"),
    **dict.fromkeys(("to_double", "avg", "sqrt", "pow"), "double"),
    **dict.fromkeys(("to_datetime", "date_trunc", "bucket", "now"), "date"),
    **dict.fromkeys(("timespan",), "timespan"),
    **dict.fromkeys(("split", "values", "top", "mv_dedupe", "mv_sort", "mv_append", "mv_slice"), "list"),
    **dict.fromkeys(("starts_with", "ends_with", "contains", "cidr_match", "to_boolean"), "boolean"),
}
_OF_FIRST = frozenset(
    ("coalesce", "min", "max", "greatest", "least", "abs", "round", "ceil", "floor", "sum", "first", "last")
)
"""Functions whose result is of the kind of their (first) argument."""


def kind_of_type(name: str) -> Kind:
    """The kind that values of an Elasticsearch type are."""
    return _OF_ES_TYPE.get(name, "text")


def kind_of(value: Value, kinds: Kinds) -> Kind:
    """The kind of an expression; `kinds` are those of computed columns."""
    if isinstance(value, FieldValue):
        return kinds.get(value.name, "text")
    if isinstance(value, Literal_):
        return _kind_of_constant(value.value)
    if isinstance(value, Arithmetic):
        return _kind_of_arithmetic(value, kinds)
    if not isinstance(value, Call):
        return "boolean"
    if value.function == "case":
        return _first(_branches(value), kinds)
    if value.function in _OF_FIRST:
        return _first(value.arguments, kinds)
    return _RESULTS.get(value.function, "text")


def _branches(case: Call) -> tuple[Value, ...]:
    """The values that a `case` can give."""
    last = case.arguments[-1:] if len(case.arguments) % 2 else ()
    return (*case.arguments[1::2], *last)


def _first(values: tuple[Value, ...], kinds: Kinds) -> Kind:
    """The kind of the first value that is not null; whole numbers beside others are others."""
    found = [kind for value in values if (kind := kind_of(value, kinds)) != "null"]
    if not found:
        return "null"
    return "double" if found[0] == "integer" and "double" in found else found[0]


def _kind_of_constant(constant: str | int | float | bool | None) -> Kind:
    if constant is None:
        return "null"
    if isinstance(constant, bool):
        return "boolean"
    return "integer" if isinstance(constant, int) else "double" if isinstance(constant, float) else "text"


def _kind_of_arithmetic(value: Arithmetic, kinds: Kinds) -> Kind:
    sides = {kind_of(value.left, kinds), kind_of(value.right, kinds)}
    if "date" in sides:
        return "date"
    if sides == {"timespan"}:
        return "timespan"
    return "double" if "double" in sides else "integer"
