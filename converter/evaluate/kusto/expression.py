"""Bound scalar expressions: a type, a closure over a row, and what is known before any row is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from decimal import Decimal
from operator import itemgetter
from typing import Any

from converter.evaluate.kusto import values
from converter.evaluate.kusto.types import INTEGERS, NUMBERS, Type
from converter.frozen import dataclass
from converter.source import NotSupportedError, Position, QuerySyntaxError

Row = tuple[Any, ...]
Evaluate = Callable[[Row], Any]


@dataclass(frozen=True, slots=True)
class Expression:
    """A scalar expression ready to run.

    `constant` holds for what is the same in every run (its value is `evaluate(())`); `row_free` for what is
    the same for every row of one run. `name` is the column name that the reference derives from it; `parts`
    are the columns of a function that has several results.
    """

    type: Type
    evaluate: Evaluate
    constant: bool = False
    row_free: bool = False
    name: str | None = None
    parts: tuple[Expression, ...] = ()

    def named(self, name: str | None) -> Expression:
        return replace(self, name=name)

    @property
    def value(self) -> Any:
        """The value of a constant."""
        return self.evaluate(())


def constant(value: Any, kind: Type) -> Expression:
    return Expression(kind, lambda row: value, constant=True, row_free=True)


def null(kind: Type) -> Expression:
    """The null of a type; a string's is the empty string."""
    return constant("" if kind is Type.STRING else None, kind)


def folded(expression: Expression) -> Expression:
    """A constant expression computed once."""
    return replace(constant(expression.value, expression.type), name=expression.name)


# ---- columns


@dataclass(frozen=True, slots=True)
class Column:
    """Where a column's value stands in a row: a slot, or the property `key` of the event in that slot.

    `optional`: the slot is None in the rows of an outer join, or of a scan step, that have no such record.
    `source` reads the value from the slot's content where that is a row of some other table.
    """

    name: str
    type: Type
    slot: int
    key: str | None = None
    optional: bool = False
    source: Callable[[Any], Any] | None = None

    def moved(self, offset: int) -> Column:
        return replace(self, slot=self.slot + offset)

    def reader(self) -> Evaluate:
        if self.key is not None:
            return _event_reader(self.slot, self.key, self.type, self.optional)
        if self.source is not None:
            return _content_reader(self.slot, self.source, "" if self.type is Type.STRING else None)
        if self.optional and self.type is Type.STRING:
            slot = self.slot
            return lambda row: "" if row[slot] is None else row[slot]
        return itemgetter(self.slot)

    def expression(self) -> Expression:
        return Expression(self.type, self.reader(), name=self.name)


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that an expression can use: columns, and the records `$left`, `$right` or of scan steps.

    In an `open` scope, a table without a schema, an unknown name is a column that no event has.
    """

    columns: tuple[Column, ...] = ()
    width: int = 0
    open: bool = False
    records: Mapping[str, Scope] = field(default_factory=dict)

    def find(self, name: str) -> Column | None:
        for column in self.columns:
            if column.name == name:
                return column
        return None


EMPTY_SCOPE = Scope()


def _event_reader(slot: int, key: str, kind: Type, optional: bool) -> Evaluate:
    """Reads a property of an event as a value of the column's type."""
    if kind is Type.STRING:
        text = _event_text

        def read_text(row: Row) -> str:
            value = row[slot].get(key)
            return value if value.__class__ is str else text(value)

        if not optional:
            return read_text
        return lambda row: "" if row[slot] is None else read_text(row)
    convert = FROM_EVENT[kind]

    def read(row: Row) -> Any:
        event = row[slot]
        if event is None:
            return None
        value = event.get(key)
        return None if value is None else convert(value)

    return read


def _content_reader(slot: int, source: Callable[[Any], Any], empty: Any) -> Evaluate:
    return lambda row: empty if (content := row[slot]) is None else source(content)


def _event_text(value: Any) -> str:
    return values.to_text(value)


def _event_integer(value: Any) -> int | None:
    if isinstance(value, str):
        return values.parse_integer(value)
    if isinstance(value, float):
        return to_long(value) if value.is_integer() else None
    return to_long(value) if isinstance(value, int) else None


def _event_real(value: Any) -> float | None:
    if isinstance(value, str):
        return values.parse_real(value)
    return values.real(value) if isinstance(value, int | float) else None


def _event_bool(value: Any) -> bool | None:
    if isinstance(value, str):
        return values.parse_bool(value)
    return bool(value) if isinstance(value, int | float) else None


def _event_dynamic(value: Any) -> Any:
    return value


FROM_EVENT: dict[Type, Callable[[Any], Any]] = {
    Type.BOOL: _event_bool,
    Type.INT: _event_integer,
    Type.LONG: _event_integer,
    Type.REAL: _event_real,
    Type.DECIMAL: lambda value: values.parse_decimal(str(value)),
    Type.STRING: _event_text,
    Type.DATETIME: lambda value: values.parse_datetime(value) if isinstance(value, str) else None,
    Type.TIMESPAN: lambda value: values.parse_timespan(value) if isinstance(value, str) else None,
    Type.GUID: lambda value: values.parse_guid(value) if isinstance(value, str) else None,
    Type.DYNAMIC: _event_dynamic,
    Type.UNKNOWN: _event_dynamic,
}
"""A JSON value of an event as a value of a column's type; what does not fit is null."""


# ---- conversions


def same_value(left: Any, right: Any) -> bool:
    """Equality of two non-null dynamic values: numbers by value, everything else within its own kind."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, values.Guid) or isinstance(right, values.Guid):
        return str(left).lower() == str(right).lower()
    number = (int, float, Decimal)
    if isinstance(left, number) and isinstance(right, number):
        times = (values.DateTime, values.TimeSpan)
        if isinstance(left, times) or isinstance(right, times):
            return type(left) is type(right) and int(left) == int(right)
        if {type(left), type(right)} == {float, Decimal}:
            return float(left) == float(right)
    return bool(left == right)


def identity(value: Any) -> Any:
    """A hashable key that is equal for values that Kusto holds equal when it groups."""
    if isinstance(value, list | dict):
        return ("json", values.to_json(value))
    if value is None or value.__class__ is str:
        return value
    if isinstance(value, bool | values.DateTime | values.TimeSpan):
        return (value.__class__, int(value))
    if isinstance(value, float) and value != value:
        return ("nan",)
    return value


def to_long(value: Any) -> int | None:
    if isinstance(value, str):
        number = values.parse_integer(value)
        if number is None:
            real = values.parse_real(value)
            return None if real is None else to_long(real)
        return number
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        return int(value) if abs(value) < 2.0**63 else None
    if isinstance(value, int | Decimal):
        return int(value) if int(value) in values.LONG_RANGE else None
    return None


def to_int(value: Any) -> int | None:
    number = to_long(value)
    # `None in range(...)` would walk the whole range
    return number if number is not None and number in values.INT_RANGE else None


def to_real(value: Any) -> float | None:
    if isinstance(value, str):
        return values.parse_real(value)
    if isinstance(value, int | float | Decimal):
        return values.real(value)
    return None


def to_decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    return values.parse_decimal(str(value))


def to_bool(value: Any) -> bool | None:
    if isinstance(value, str):
        return values.parse_bool(value)
    return bool(value) if isinstance(value, int | float) else None


def to_datetime(value: Any) -> values.DateTime | None:
    if isinstance(value, values.DateTime):
        return value
    return values.parse_datetime(value) if isinstance(value, str) else None


def to_timespan(value: Any) -> values.TimeSpan | None:
    if isinstance(value, values.TimeSpan):
        return value
    if isinstance(value, str):
        return values.parse_timespan(value)
    if isinstance(value, int | float) and not isinstance(value, bool | values.DateTime):
        ticks = value * values.TICKS_PER_DAY
        return values.TimeSpan(int(ticks)) if abs(ticks) < 2.0**63 else None
    return None


def to_guid(value: Any) -> values.Guid | None:
    return values.parse_guid(str(value)) if isinstance(value, str) else None


CONVERT: dict[Type, Callable[[Any], Any]] = {
    Type.BOOL: to_bool,
    Type.INT: to_int,
    Type.LONG: to_long,
    Type.REAL: to_real,
    Type.DECIMAL: to_decimal,
    Type.STRING: values.to_text,
    Type.DATETIME: to_datetime,
    Type.TIMESPAN: to_timespan,
    Type.GUID: to_guid,
    Type.DYNAMIC: lambda value: value,
    Type.UNKNOWN: lambda value: value,
}
"""`tobool`, `toint` and their like: a value of any type to the given type, null where that cannot be."""


def convert(expression: Expression, kind: Type) -> Expression:
    """The explicit conversion of an expression to a type (`tolong(x)`, `to typeof(long)`)."""
    if expression.type is kind:
        return expression
    if expression.type is Type.UNKNOWN:
        return replace(null(kind), name=expression.name)
    change, inner = CONVERT[kind], expression.evaluate
    if kind is Type.STRING:
        evaluate: Evaluate = lambda row: change(inner(row))  # noqa: E731
    else:

        def evaluate(row: Row) -> Any:
            value = inner(row)
            return None if value is None else change(value)

    converted = replace(expression, type=kind, evaluate=evaluate)
    return folded(converted) if expression.constant else converted


_IMPLICIT: dict[Type, frozenset[Type]] = {
    Type.LONG: INTEGERS | {Type.DYNAMIC, Type.BOOL},
    Type.INT: INTEGERS | {Type.DYNAMIC, Type.BOOL},
    Type.REAL: NUMBERS | {Type.DYNAMIC},
    Type.DECIMAL: NUMBERS | {Type.DYNAMIC},
    Type.BOOL: frozenset(),
    Type.DATETIME: frozenset({Type.DYNAMIC}),
    Type.TIMESPAN: frozenset({Type.DYNAMIC}),
    Type.GUID: frozenset({Type.DYNAMIC, Type.STRING}),
    Type.STRING: frozenset(Type),
    Type.DYNAMIC: frozenset(Type),
    Type.UNKNOWN: frozenset(Type),
}


def coerce(expression: Expression, kind: Type, position: Position, what: str) -> Expression:
    """The implicit conversion of an argument to the type that `what` takes, or a QuerySyntaxError."""
    if expression.type is kind or kind is Type.UNKNOWN:
        return expression
    if expression.type is Type.UNKNOWN or expression.type in _IMPLICIT[kind]:
        return convert(expression, kind)
    raise QuerySyntaxError(f"{what} takes {kind.value}, not {expression.type.value}", position)


def common_type(expressions: list[Expression], position: Position, what: str) -> Type:
    """The one type of several alternatives (`iff`, `case`, `coalesce`, `union` of values)."""
    found = {expression.type for expression in expressions} - {Type.UNKNOWN}
    if not found:
        return Type.UNKNOWN
    if len(found) == 1:
        return found.pop()
    solid = found - {Type.DYNAMIC}
    if len(solid) == 1:
        return solid.pop()
    if solid <= NUMBERS:
        for kind in (Type.DECIMAL, Type.REAL, Type.LONG):
            if kind in solid:
                return kind
    kinds = " and ".join(sorted(kind.value for kind in solid))
    raise QuerySyntaxError(f"{what} mixes {kinds}", position)


def refuse_unknown(what: str, position: Position) -> Evaluate:
    """Evaluates to a refusal: the answer depends on the type of a column that has none."""

    def evaluate(row: Row) -> Any:
        raise NotSupportedError(
            f"{what} of a column that no event has and no schema declares",
            position,
            code="kql-untyped-column",
        )

    return evaluate


def converter_to(kind: Type) -> Callable[[Any], Any]:
    """The conversion of a value to a type, null kept (the empty string for strings)."""
    change = CONVERT[kind]
    if kind is Type.STRING:
        return change
    return lambda value: None if value is None else change(value)
