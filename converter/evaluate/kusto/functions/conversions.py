"""Conversions between types, and numbers and sizes as text."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.expression import Expression, coerce, convert
from converter.evaluate.kusto.functions.registry import FUNCTIONS, Builder, applied, function, special
from converter.evaluate.kusto.types import Type
from converter.source import QuerySyntaxError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder

_CONVERSIONS: dict[str, Type] = {
    "tostring": Type.STRING,
    "tolong": Type.LONG,
    "toint": Type.INT,
    "toreal": Type.REAL,
    "todouble": Type.REAL,
    "todecimal": Type.DECIMAL,
    "tobool": Type.BOOL,
    "toboolean": Type.BOOL,
    "todatetime": Type.DATETIME,
    "totimespan": Type.TIMESPAN,
    "totime": Type.TIMESPAN,
    "toguid": Type.GUID,
}


def _conversion(kind: Type) -> Builder:
    def build(binder: Binder, node: ast.Call) -> Expression:
        if len(node.arguments) != 1:
            raise QuerySyntaxError(f"{node.function}() takes one argument", node.position)
        operand = binder.bind(node.arguments[0])
        return convert(operand, kind).named(operand.name)

    return build


for _name, _kind in _CONVERSIONS.items():
    FUNCTIONS[_name] = _conversion(_kind)


@special("tohex")
def to_hex(binder: Binder, node: ast.Call) -> Expression:
    """Hexadecimal, at least so many digits; a negative number as two's complement of its type's width."""
    if len(node.arguments) not in (1, 2):
        raise QuerySyntaxError("tohex() takes one or two arguments", node.position)
    number = binder.bind(node.arguments[0])
    mask = 0xFFFFFFFF if number.type is Type.INT else 0xFFFFFFFFFFFFFFFF
    arguments = [coerce(number, Type.LONG, node.position, "tohex()")]
    if len(node.arguments) == 2:
        arguments.append(binder.typed(node.arguments[1], Type.LONG, "tohex()"))

    def digits(value: int, length: int = 0) -> str:
        return f"{value & mask:x}".rjust(min(length, 16), "0")

    return applied(digits, arguments, Type.STRING).named(number.name)


_MOST_DECIMALS = 8
_EXACT = Context(prec=400, rounding=ROUND_HALF_EVEN)
_SIZES = ("Bytes", "KB", "MB", "GB", "TB", "PB", "EB")


@function("format_bytes", "number, [long], [string] -> string", naming="first")
def format_bytes(size: float, precision: int = 0, unit: str = "") -> str | None:
    """A size with its unit, the given one or the largest that leaves at least 1."""
    if not math.isfinite(size):
        return None
    amount = Decimal(str(size))
    power = _SIZES.index(unit) if unit in _SIZES else 0
    if not unit:
        while abs(amount) >= 1024 ** (power + 1) and power < len(_SIZES) - 1:
            power += 1
    return f"{trimmed(amount / 1024**power, precision)} {_SIZES[power]}"


def trimmed(amount: Decimal, precision: int) -> str:
    """A number rounded to some decimals, without trailing zeros."""
    places = min(max(precision, 0), _MOST_DECIMALS)
    text = format(_EXACT.quantize(amount, Decimal(1).scaleb(-places)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
