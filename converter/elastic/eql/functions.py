"""EQL's functions: their names, their arity and what they compute.

Sources: Elasticsearch's "EQL function reference" (its examples are the tests) and, where that is silent, the
function processors of Elasticsearch's EQL plugin. Text is measured in UTF-16 units, as Java's is. A
value that makes Elasticsearch fail the whole search (a division by zero, `number("x")`) gives null here.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal, TypeAlias

from converter.frozen import dataclass
from converter.late import late

Scalar: TypeAlias = str | int | float | bool
Result: TypeAlias = Scalar | None
Evaluate: TypeAlias = Callable[[Sequence[Result], bool], Result]

_ASTRAL = late("[\U00010000-\U0010ffff]")
_SURROGATES = late("[\ud800-\udfff]")


def utf16(text: str) -> str:
    """The text with each character outside the BMP as its two surrogates, so that positions are Java's."""
    if text.isascii() or not _ASTRAL.search(text):
        return text
    return _ASTRAL.sub(_surrogates, text)


def _surrogates(match: re.Match[str]) -> str:
    offset = ord(match.group()) - 0x10000
    return chr(0xD800 + (offset >> 10)) + chr(0xDC00 + (offset & 0x3FF))


def from_utf16(text: str) -> str:
    """The inverse of :func:`utf16`; a lone surrogate stays."""
    if text.isascii() or not _SURROGATES.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def is_number(value: Result) -> bool:
    """Whether it is a number; a boolean is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def to_text(value: Scalar) -> str:
    """The value as Java's `toString` writes it: `true`, `42`, `42.5`, `1.0`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _java_double(value)
    return str(value)


def _java_double(value: float) -> str:
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if math.isnan(value) or value == 0 or 1e-3 <= abs(value) < 1e7:
        return "NaN" if math.isnan(value) else repr(value)
    mantissa, _, exponent = f"{value:.17e}".partition("e")
    digits = repr(value).split("e")[0].replace(".", "").replace("-", "").strip("0") or "0"
    sign = "-" if mantissa.startswith("-") else ""
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{int(exponent)}"


def calculate(op: str, left: Result, right: Result) -> int | float | None:
    """`left op right` as Java computes it: whole numbers stay whole and are cut off towards zero.

    None where one is no number, or no number can hold the result.
    """
    if not (isinstance(left, int | float) and is_number(left)):
        return None
    if not (isinstance(right, int | float) and is_number(right)):
        return None
    try:
        found = _calculated(op, left, right)
    except (OverflowError, ValueError):
        return None
    return None if isinstance(found, float) and not math.isfinite(found) else found


def _calculated(op: str, left: int | float, right: int | float) -> int | float | None:
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    if op == "*":
        return left * right
    if right == 0:
        return None
    whole = isinstance(left, int) and isinstance(right, int)
    if op == "/":
        if not whole:
            return left / right
        quotient = abs(int(left)) // abs(int(right))
        return quotient if (left < 0) == (right < 0) else -quotient
    if whole:
        rest = abs(int(left)) % abs(int(right))
        return -rest if left < 0 else rest
    return math.fmod(left, right)


def _arithmetic(op: str) -> Evaluate:
    def evaluate(arguments: Sequence[Result], ignore_case: bool) -> Result:
        return calculate(op, arguments[0], arguments[1])

    return evaluate


def _texts(arguments: Sequence[Result], ignore_case: bool) -> list[str] | None:
    """The arguments as texts, lower-cased to ignore case; None if one is null or no text."""
    texts = []
    for argument in arguments:
        if not isinstance(argument, str):
            return None
        texts.append(argument.lower() if ignore_case else argument)
    return texts


def _starts_with(arguments: Sequence[Result], ignore_case: bool) -> Result:
    texts = _texts(arguments, ignore_case)
    return None if texts is None else texts[0].startswith(texts[1])


def _ends_with(arguments: Sequence[Result], ignore_case: bool) -> Result:
    texts = _texts(arguments, ignore_case)
    return None if texts is None else texts[0].endswith(texts[1])


def _contains(arguments: Sequence[Result], ignore_case: bool) -> Result:
    texts = _texts(arguments, ignore_case)
    # "empty strings ... returns false", even in an empty source
    return None if texts is None else bool(texts[1]) and texts[1] in texts[0]


def _index_of(arguments: Sequence[Result], ignore_case: bool) -> Result:
    texts = _texts(arguments[:2], ignore_case)
    start = arguments[2] if len(arguments) > 2 else 0
    if texts is None or not isinstance(start, int | float):
        return None
    source, part = utf16(texts[0]), utf16(texts[1])
    found = source.find(part, max(int(start), 0))
    return found if found >= 0 else None


def _length(arguments: Sequence[Result], ignore_case: bool) -> Result:
    value = arguments[0]
    return len(utf16(value)) if isinstance(value, str) else None


def _substring(arguments: Sequence[Result], ignore_case: bool) -> Result:
    source, start = arguments[0], arguments[1]
    end = arguments[2] if len(arguments) > 2 else None
    if not isinstance(source, str) or not isinstance(start, int | float):
        return None
    units = utf16(source)
    first = max(int(start) + len(units), 0) if start < 0 else int(start)
    last = len(units)
    if isinstance(end, int | float):
        last = max(int(end) + len(units), 0) if end < 0 else min(int(end), len(units))
    return from_utf16(units[first:last]) if first < last else ""


def _between(arguments: Sequence[Result], ignore_case: bool) -> Result:
    texts = _texts(arguments[:3], ignore_case)
    source = arguments[0]
    greedy = arguments[3] if len(arguments) > 3 else False
    if texts is None or not isinstance(source, str):
        return None
    where, left, right = texts
    if not (where and left and right):
        return source
    # lower-casing may change a text's length ("İ"); then positions in the two do not correspond
    kept = source if len(where) == len(source) else where
    start = where.find(left)
    if start < 0:
        return ""
    start += len(left)
    end = where.rfind(right) if greedy is True else where.find(right, start)
    return kept[start:end] if end >= start else ""


def _concat(arguments: Sequence[Result], ignore_case: bool) -> Result:
    parts = [to_text(argument) for argument in arguments if argument is not None]
    return "".join(parts) if len(parts) == len(arguments) else None


def _string(arguments: Sequence[Result], ignore_case: bool) -> Result:
    value = arguments[0]
    return None if value is None else to_text(value)


_INTEGER = late(r"[+-]?[0-9]+")
_FLOAT = late(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def _number(arguments: Sequence[Result], ignore_case: bool) -> Result:
    value = arguments[0]
    base = arguments[1] if len(arguments) > 1 else None
    if not isinstance(value, str):
        return value if is_number(value) else None
    text = value.strip()
    hexadecimal = text.startswith("0x")
    radix = base if isinstance(base, int) else 16 if hexadecimal else 10
    if hexadecimal and radix == 16:
        text = text[2:]
    if radix == 10:
        if _INTEGER.fullmatch(text):
            return int(text)
        return float(text) if _FLOAT.fullmatch(text) else None
    if not 2 <= radix <= 36 or not re.fullmatch(r"[+-]?[0-9A-Za-z]+", text):
        return None
    try:
        return int(text, radix)
    except ValueError:
        return None


@lru_cache(maxsize=65536)
def address(text: str) -> int | None:
    """An address as a number of 128 bits, as Lucene holds it (IPv4 is mapped); None if it is none."""
    try:
        parsed = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return int(parsed) if parsed.version == 6 else 0xFFFF00000000 | int(parsed)


@lru_cache(maxsize=4096)
def network(text: str) -> tuple[int, int] | None:
    """The first and the last address of a CIDR block, as :func:`address` gives them; None if it is none."""
    try:
        parsed = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    first, last = address(str(parsed.network_address)), address(str(parsed.broadcast_address))
    return (first, last) if first is not None and last is not None else None


def _cidr_match(arguments: Sequence[Result], ignore_case: bool) -> Result:
    texts = _texts(arguments, False)
    if texts is None:
        return None
    found = address(texts[0])
    blocks = [network(block) for block in texts[1:]]
    return found is not None and any(block is not None and block[0] <= found <= block[1] for block in blocks)


@dataclass(frozen=True, slots=True)
class Function:
    """One function. `cased`: there is a form `name~` that ignores case. `most` is None where it is open.

    `evaluate` takes the values of the arguments and whether to ignore case; null is None.
    """

    name: str
    least: int
    most: int | None
    returns: Literal["boolean", "text", "number"]
    cased: bool
    evaluate: Evaluate


FUNCTIONS: dict[str, Function] = {
    function.name.lower(): function
    for function in (
        Function("add", 2, 2, "number", False, _arithmetic("+")),
        Function("between", 3, 4, "text", True, _between),
        Function("cidrMatch", 2, None, "boolean", False, _cidr_match),
        Function("concat", 1, None, "text", False, _concat),
        Function("divide", 2, 2, "number", False, _arithmetic("/")),
        Function("endsWith", 2, 2, "boolean", True, _ends_with),
        Function("indexOf", 2, 3, "number", True, _index_of),
        Function("length", 1, 1, "number", False, _length),
        Function("modulo", 2, 2, "number", False, _arithmetic("%")),
        Function("multiply", 2, 2, "number", False, _arithmetic("*")),
        Function("number", 1, 2, "number", False, _number),
        Function("startsWith", 2, 2, "boolean", True, _starts_with),
        Function("string", 1, 1, "text", False, _string),
        Function("stringContains", 2, 2, "boolean", True, _contains),
        Function("substring", 2, 3, "text", False, _substring),
        Function("subtract", 2, 2, "number", False, _arithmetic("-")),
    )
}
"""Functions by their names in lower case: Elasticsearch finds them without regard to case."""

PATTERN_FUNCTIONS = {"match": "rlike", "wildcard": "like"}
"""Functions of Elasticsearch 7 that are an operator now: `match(f, "a", "b")` is `f regex ("a", "b")`."""
