"""Numbers: rounding, powers, logarithms, trigonometry, bits, bins."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING, Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto import values
from converter.evaluate.kusto.expression import Expression, convert
from converter.evaluate.kusto.functions.registry import (
    FUNCTIONS,
    Builder,
    applied,
    argument,
    function,
    special,
)
from converter.evaluate.kusto.types import INTEGERS, NUMBERS, Type, widest
from converter.evaluate.kusto.values import DateTime, TimeSpan
from converter.source import QuerySyntaxError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder


def _real(name: str, calculate: Callable[..., float], naming: str = "first", count: int = 1) -> None:
    """Register a function on reals; outside its domain the result is NaN."""

    def guarded(*numbers: float) -> float:
        try:
            return calculate(*numbers)
        except (ValueError, ZeroDivisionError):
            return math.nan
        except OverflowError:
            return math.inf

    function(name, f"{', '.join(['real'] * count)} -> real", naming=naming)(guarded)


def _logarithm(base: Callable[[float], float]) -> Callable[[float], float]:
    return lambda number: -math.inf if number == 0 else base(number)


_real("sqrt", math.sqrt)
_real("exp", math.exp)
_real("exp2", lambda number: 2.0**number)
_real("exp10", lambda number: 10.0**number)
_real("log", _logarithm(math.log))
_real("log2", _logarithm(math.log2))
_real("log10", _logarithm(math.log10))
_real("pow", lambda base, exponent: float(base**exponent), count=2)
_real("sin", math.sin)
_real("cos", math.cos)
_real("tan", math.tan)
_real("asin", math.asin)
_real("acos", math.acos)
_real("atan", math.atan)
_real("atan2", math.atan2, count=2)
_real("cot", lambda number: 1 / math.tan(number), naming="")
_real("degrees", math.degrees, naming="")
_real("radians", math.radians, naming="")
_real("gamma", math.gamma)
_real("loggamma", math.lgamma)
_real("erf", math.erf)
_real("erfc", math.erfc)


@function("pi", "-> real")
def pi() -> float:
    return math.pi


@function("sign", "number -> real")
def sign(number: Any) -> float:
    return float((number > 0) - (number < 0))


@special("abs")
def absolute(binder: Binder, node: ast.Call) -> Expression:
    if len(node.arguments) != 1:
        raise QuerySyntaxError("abs() takes one argument", node.position)
    operand = binder.bind(node.arguments[0])
    if operand.type is Type.TIMESPAN:
        return applied(lambda span: TimeSpan(abs(span)), [operand], Type.TIMESPAN).named(operand.name)
    operand = argument(operand, "number", node.position, "abs()")
    kind = Type.LONG if operand.type in INTEGERS else operand.type
    return applied(abs, [operand], kind).named(operand.name)


@function("round", "number, [long] -> first", naming="first")
def round_(number: Any, precision: int = 0) -> Any:
    """To some decimals, exact halves to the even neighbour."""
    if isinstance(number, float) and not math.isfinite(number):
        return number
    rounded = _quantized(Decimal(str(number)), precision)
    return rounded if isinstance(number, Decimal) else type(number)(rounded)


_MOST_DIGITS = 400
_EXACT = Context(prec=2 * _MOST_DIGITS, rounding=ROUND_HALF_EVEN)


def _quantized(number: Decimal, precision: int) -> Decimal:
    precision = min(max(precision, -_MOST_DIGITS), _MOST_DIGITS)
    if precision >= 0:
        return _EXACT.quantize(number, Decimal(1).scaleb(-precision))
    unit = Decimal(1).scaleb(-precision)
    return _EXACT.multiply(_EXACT.quantize(_EXACT.divide(number, unit), Decimal(1)), unit)


@function("ceiling", "number -> first", naming="first")
def ceiling(number: Any) -> Any:
    if isinstance(number, float) and not math.isfinite(number):
        return number
    return type(number)(math.ceil(number))


_BITS: dict[str, Callable[[int, int], int | None]] = {
    "binary_and": lambda a, b: a & b,
    "binary_or": lambda a, b: a | b,
    "binary_xor": lambda a, b: a ^ b,
    "binary_shift_left": lambda a, b: values.wrap_long(a << (b % 64)) if b >= 0 else None,
    "binary_shift_right": lambda a, b: a >> (b % 64) if b >= 0 else None,
}
for _name, _operation in _BITS.items():
    function(_name, "long, long -> long", naming="first")(_operation)


@function("binary_not", "long -> long", naming="first")
def binary_not(number: int) -> int:
    return ~number


@function("bitset_count_ones", "long -> long", naming="first")
def count_ones(number: int) -> int:
    return (number & 0xFFFFFFFFFFFFFFFF).bit_count()


# ---- bins


def bin_down(value: Any, size: Any, origin: Any = 0) -> Any:
    """The largest value at or below `value` that is whole bins away from `origin`; null for a size of 0."""
    if size <= 0:
        return None
    if isinstance(value, float) or isinstance(size, float):
        bins = (value - origin) / size
        bins = math.floor(bins) if math.isfinite(bins) else math.nan
        return float(origin + bins * size)
    try:
        ticks = (value - origin) // size * size + origin
    except ArithmeticError:
        return None
    if isinstance(value, DateTime):
        return DateTime(ticks) if 0 <= ticks <= values.MAX_TICKS else None
    return type(value)(ticks) if isinstance(value, TimeSpan) else ticks


def _bin(required: int) -> Builder:
    def build(binder: Binder, node: ast.Call) -> Expression:
        if len(node.arguments) != required:
            raise QuerySyntaxError(f"{node.function}() takes {required} arguments", node.position)
        bound = binder.arguments(node.arguments)
        subject = bound[0]
        kinds = [item.type for item in bound]
        if set(kinds) <= NUMBERS:
            kind = widest(kinds)
            bound = [convert(item, kind) for item in bound]
        elif subject.type in (Type.DATETIME, Type.TIMESPAN) and kinds[1] is Type.TIMESPAN:
            kind = subject.type
        elif subject.type is Type.UNKNOWN:
            kind = Type.DATETIME if kinds[1] is Type.TIMESPAN else kinds[1]
            bound[0] = convert(subject, kind)
        elif subject.type is Type.DYNAMIC and kinds[1] in NUMBERS:
            kind = Type.REAL
            bound[0] = convert(subject, kind)
        else:
            shown = " and ".join(kind.value for kind in kinds)
            raise QuerySyntaxError(f"{node.function}() does not take {shown}", node.position)
        return applied(bin_down, bound, kind).named(subject.name)

    return build


@special("bin_auto")
def bin_auto(binder: Binder, node: ast.Call) -> Expression:
    """`bin_at` with the size and the fixed point that `set` statements give."""
    if len(node.arguments) != 1:
        raise QuerySyntaxError("bin_auto() takes one argument", node.position)
    size, fixed = (ast.option(f"query_bin_auto_{name}") for name in ("size", "at"))
    if binder.environment.find(size) is None:
        raise QuerySyntaxError("bin_auto() needs set query_bin_auto_size", node.position)
    found = [name for name in (size, fixed) if binder.environment.find(name) is not None]
    arguments = (node.arguments[0], *(ast.Name(name, position=node.position) for name in found))
    name = "bin" if len(found) == 1 else "bin_at"
    return FUNCTIONS[name](binder, ast.Call(name, arguments, position=node.position))


FUNCTIONS["bin"] = FUNCTIONS["floor"] = _bin(2)
FUNCTIONS["bin_at"] = _bin(3)
