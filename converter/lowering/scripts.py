"""Expressions over ECS fields -> the same over one profile's fields.

Each field becomes an expression over what the target holds: a name out of a path its last part, a derived
value the `case` that derives it. EQL's functions become ES|QL's of the same meaning, so that writers know
one set.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, Holds, IsNull, Literal_, Logic, Value
from converter.lowering.conversions.base import Lost
from converter.lowering.conversions.pieces import escape
from converter.lowering.conversions.told import condition_of
from converter.lowering.conversions.w3c import FILLER
from converter.lowering.kinds import kind_of_type
from converter.taxonomy.model import Cell, Record

_EQL = {
    "startsWith": "starts_with",
    "endsWith": "ends_with",
    "stringContains": "contains",
    "string": "to_string",
}
_ARITHMETIC = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "modulo": "%"}


def map_fields(value: Value, change: Callable[[FieldValue], Value]) -> Value:
    """The same expression with each field replaced by what `change` makes of it; predicates stay."""
    if isinstance(value, FieldValue):
        return change(value)
    return map_children(value, lambda item: map_fields(item, change))


def map_children(value: Value, change: Callable[[Value], Value]) -> Value:
    """The same expression with each of its operands changed."""
    match value:
        case Call(arguments=items):
            return dataclasses.replace(value, arguments=tuple(map(change, items)))
        case Logic(items=items):
            return dataclasses.replace(value, items=tuple(map(change, items)))
        case Arithmetic() | Comparison():
            return dataclasses.replace(value, left=change(value.left), right=change(value.right))
        case IsNull(item=item):
            return dataclasses.replace(value, item=change(item))
    return value


def common(value: Value) -> Value:
    """EQL's functions as ES|QL's. Raises Lost for one that has no counterpart there."""
    changed = map_children(value, common)
    if isinstance(changed, Call) and changed.language == "eql":
        return _from_eql(changed)
    return _counted(changed) or changed if isinstance(changed, Arithmetic) else changed


def _counted(value: Arithmetic) -> Value | None:
    """`length(a) - length(replace(a, "x", ""))` is how often the letter is there, whatever its length."""
    match value:
        case Arithmetic(
            "-",
            Call("length", (whole,)),
            Call("length", (Call("replace", (text, Literal_(str(letter)), Literal_(""))),)),
        ) if whole == text and len(letter) == 1 and letter not in r"\^$.|?*+()[]{}":
            return Call("$count_of", (whole, Literal_(letter)), pos=value.pos, language="esql")
    return None


def _from_eql(call: Call) -> Value:
    name = _EQL.get(call.function, call.function)
    if name in _ARITHMETIC:
        return Arithmetic(_ARITHMETIC[name], *call.arguments, pos=call.pos)  # type: ignore[arg-type]
    if name == "substring":
        return _substring(call)
    if name not in ("length", "concat", *_EQL.values()):
        raise Lost("script", f"EQL's function {call.function}")
    return dataclasses.replace(call, function=name, language="esql")


def _substring(call: Call) -> Call:
    """`substring(text, start, end)` counts from 0, a negative end from the end of the text."""
    text, start, *rest = call.arguments
    begin = start.value if isinstance(start, Literal_) else None
    if not isinstance(begin, int) or begin < 0:
        raise Lost("script", "a substring from a place that is computed, or counted from the end")
    if not rest:
        return Call("substring", (text, Literal_(begin + 1)), pos=call.pos, language="esql")
    end = rest[0]
    length: Value
    if isinstance(end, Literal_) and isinstance(end.value, int) and end.value >= 0:
        length = Literal_(max(end.value - begin, 0))
    else:
        until = _plus(Call("length", (text,), language="esql"), end) if isinstance(end, Literal_) else end
        length = _plus(until, Literal_(-begin))
        length = Call("greatest", (length, Literal_(0)), language="esql")
    return Call("substring", (text, Literal_(begin + 1), length), pos=call.pos, language="esql")


def _plus(value: Value, constant: Literal_) -> Value:
    assert isinstance(constant.value, int)
    if constant.value == 0:
        return value
    return Arithmetic("+" if constant.value > 0 else "-", value, Literal_(abs(constant.value)))


def in_target(
    field: FieldValue, cell: Cell, record: Record, maps: Mapping[str, Mapping[str, str]], es_type: str
) -> Value:
    """What a field's value is made of in the target. Raises Lost where that can't be said."""
    held = FieldValue(cell.field, pos=field.pos)
    match cell.conversion:
        case "same" | "address":
            return _typed(held, es_type)
        case "filled":
            nothing = Comparison("==", held, Literal_(FILLER))
            return Call("case", (nothing, Literal_(None), _typed(held, es_type)), language="esql")
        case "either":
            return Call("coalesce", (held, FieldValue(cell.argument)), language="esql")
        case "fallback":
            filler, _, other = cell.argument.partition(":")
            unset = Comparison("==", held, Literal_(filler))
            return Call("case", (unset, FieldValue(other), held), language="esql")
        case "file_name":
            parts = Call("split", (held, Literal_(record.separator)), language="esql")
            return Call("mv_last", (parts,), language="esql")
        case "directory":
            return _captured(held, f"^(.*){escape(record.separator)}[^{_class(record)}]*$")
        case "extension":
            return _captured(held, rf"\.([^.{_class(record)}]+)$")
        case "items" if not cell.argument:
            return _captured(held, r'"((?:[^"\\]|\\.)*)"')
        case "told":
            return _told(field, maps[cell.argument])
        case "enum":
            return _listed(field, held, maps[cell.argument])
    raise Lost("derived-field", f"a function of {field.name}, of which the target holds only {cell}")


def _typed(held: FieldValue, es_type: str) -> Value:
    """A number in the log is text until it is read as one."""
    kind = kind_of_type(es_type)
    conversion = {"integer": "to_long", "double": "to_double", "date": "to_datetime"}.get(kind)
    return Call(conversion, (held,), pos=held.pos, language="esql") if conversion else held


def _captured(held: FieldValue, pattern: str) -> Call:
    return Call("$capture", (held, Literal_(pattern)), language="esql")


def _class(record: Record) -> str:
    return record.separator.replace("\\", "\\\\")


def _told(field: FieldValue, table: Mapping[str, str]) -> Call:
    """The value whose conditions hold."""
    if "*" in table or "?" in table.values():
        raise Lost("derived-field", f"the value of {field.name}, which is not known for every event")
    pairs = [item for value, text in table.items() for item in (Holds(condition_of(text)), Literal_(value))]
    return Call("case", tuple(pairs), language="esql")


def _listed(field: FieldValue, held: FieldValue, table: Mapping[str, str]) -> Call:
    """The value that the target writes otherwise, where no two are written alike."""
    if len(set(table.values())) < len(table):
        raise Lost("derived-field", f"the value of {field.name}: the target writes several of them alike")
    pairs = [
        item
        for value, text in table.items()
        for item in (Comparison("==", held, Literal_(text), ignore_case=True), Literal_(value))
    ]
    return Call("case", tuple(pairs), language="esql")
