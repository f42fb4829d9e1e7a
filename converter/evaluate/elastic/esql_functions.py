"""ES|QL's scalar functions. Source: the ES|QL reference, "Functions and operators".

Most are null where an argument is null or has several values (`SCALAR`); conversions take each element
by itself (`EACH`); a few take arguments as they are (`RAW`). A function that is in none of the tables is
refused by name.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_network
from typing import Any
from urllib.parse import quote, unquote_plus

import regex

from converter.evaluate.elastic import esql_dates
from converter.evaluate.elastic.esql_multivalue import MULTIVALUE
from converter.evaluate.elastic.esql_types import (
    Address,
    Instant,
    One,
    Span,
    V,
    address,
    collected,
    to_instant,
    to_text,
)
from converter.regex import RegexTimeout
from converter.source import NotSupportedError

MAX_TEXT = 1_000_000
LONG_MIN, LONG_MAX = -(2**63), 2**63 - 1
_TIMEOUT = 1.0


@lru_cache(maxsize=1024)
def java_regex(pattern: str) -> regex.Pattern[str]:
    """A pattern of Java's dialect, which classes such as `\\d` take for ASCII."""
    try:
        return regex.compile(pattern, regex.ASCII | regex.VERSION0)
    except regex.error as error:
        raise NotSupportedError(f"regular expression {pattern!r}: {error}", code="esql-regex") from None


def _replace(text: str, pattern: str, replacement: str) -> str:
    compiled = java_regex(pattern)

    def expand(match: regex.Match[str]) -> str:
        return _REFERENCE.sub(lambda found: _referred(match, found.group()), replacement)

    try:
        return compiled.sub(expand, text, timeout=_TIMEOUT)
    except TimeoutError:
        raise RegexTimeout(f"regular expression took over {_TIMEOUT:g} s: {pattern[:80]}") from None


_REFERENCE = regex.compile(r"\\.|\$\d|\$\{\w+\}", regex.DOTALL)


def _referred(match: regex.Match[str], reference: str) -> str:
    if reference.startswith("\\"):
        return reference[1]
    name = reference.strip("${}")
    try:
        return match.group(int(name) if name.isdigit() else name) or ""
    except IndexError:
        raise NotSupportedError(f"group {reference} of a replacement", code="esql-regex") from None


def _substring(text: str, start: int, length: int | None = None) -> str | None:
    """Counts from 1; a negative start counts from the end."""
    if length is not None and length < 0:
        return None
    begin = start - 1 if start > 0 else max(len(text) + start, 0) if start < 0 else 0
    return text[begin:] if length is None else text[begin : begin + length]


def _locate(text: str, part: str, start: int = 1) -> int:
    return text.find(part, max(start, 1) - 1) + 1


def _split(text: str, delimiter: str) -> V:
    """Java's way for one character: all parts, also empty ones; an empty delimiter gives each character."""
    if not delimiter:
        return collected(list(text)) if text else text
    return collected(text.split(delimiter))


def _repeat(text: str, count: int) -> str | None:
    return text * count if 0 <= count * len(text) <= MAX_TEXT and count >= 0 else None


def _round(value: int | float, digits: int = 0) -> int | float:
    """Half away from zero; a whole number stays one."""
    if isinstance(value, int) and digits >= 0:
        return value
    scale = 10.0**digits
    rounded = math.floor(abs(value) * scale + 0.5) / scale
    signed = -rounded if value < 0 else rounded
    return int(signed) if isinstance(value, int) else signed


def _power(base: float, exponent: float) -> float | None:
    try:
        found = float(base) ** float(exponent)
    except (OverflowError, ZeroDivisionError):
        return None
    return found if isinstance(found, float) and math.isfinite(found) else None


def _logarithm(first: float, second: float | None = None) -> float | None:
    """`log(value)` or `log(base, value)`."""
    value, base = (first, math.e) if second is None else (second, first)
    if value <= 0 or base <= 0 or base == 1:
        return None
    return math.log(value) if second is None else math.log(value) / math.log(base)


def _cidr_match(ip: One, *networks: One) -> bool | None:
    if not isinstance(ip, Address):
        return None
    return any(low <= ip <= high for low, high in map(_block, map(str, networks)))


@lru_cache(maxsize=1024)
def _block(network: str) -> tuple[Address, Address]:
    """The network's first address and its last."""
    try:
        block = ip_network(network, strict=False)
    except ValueError:
        raise NotSupportedError(f"network {network}", code="esql-cidr") from None
    low, high = address(str(block[0])), address(str(block[-1]))
    assert low is not None and high is not None
    return low, high


def _decode_base64(text: str) -> str | None:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None


def _hash(algorithm: str, text: str) -> str:
    try:
        return hashlib.new(algorithm.lower().replace("-", ""), text.encode()).hexdigest()
    except ValueError:
        raise NotSupportedError(f"hash {algorithm}", code="esql-hash") from None


def _json_extract(text: str, path: str) -> str | None:
    """Text as it is, other values as JSON; null for what is not there and for text that is no JSON."""
    keys = path.removeprefix("$")
    steps = _JSON_STEP.findall(keys)
    if "".join(whole for whole, *_ in steps) != keys:
        raise NotSupportedError(f"JSON path {path}", code="esql-json-path")
    try:
        found = json.loads(text, object_pairs_hook=_first_of_pairs)
        for _, name, quoted, index in steps:
            if not isinstance(found, list if index else dict):
                return None
            found = found[int(index) if index else name or quoted]
    except (ValueError, KeyError, IndexError, RecursionError):
        return None
    if found is None or isinstance(found, str):
        return found
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False)


_JSON_STEP = regex.compile(r"""(\.?([^.\[\]'"]+)|\['([^']*)'\]|\[(\d+)\])""")


def _first_of_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a key that is there twice, the first value counts."""
    return dict(reversed(pairs))


def _date_trunc(by: One, date: One) -> V:
    return esql_dates.truncate(by, date) if isinstance(by, Span) and isinstance(date, Instant) else None


def _date_diff(unit: One, start: One, end: One) -> V:
    if isinstance(start, Instant) and isinstance(end, Instant):
        return esql_dates.difference(str(unit), start, end)
    return None


def _date_format(first: One, second: One | None = None) -> V:
    date, pattern = (first, None) if second is None else (second, str(first))
    if not isinstance(date, Instant):
        return None
    return str(date) if pattern is None else esql_dates.formatted(pattern, date)


def _bucket(value: One, width: One) -> V:
    if isinstance(value, Instant):
        return _date_trunc(width, value)
    if isinstance(value, int | float) and isinstance(width, int | float) and width > 0:
        return math.floor(value / width) * float(width)
    return None


def _whole(value: One) -> int | None:
    """A value as a whole number: text is read, a fraction is rounded, a date is its milliseconds."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Instant):
        return value.millis
    if isinstance(value, str):
        number = _double(value)
        if number is None:
            return None
        value = int(value) if value.strip().lstrip("+-").isdigit() else number
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        value = math.floor(value + 0.5)
    return value if isinstance(value, int) and LONG_MIN <= value <= LONG_MAX else None


def _integer(value: One) -> int | None:
    found = _whole(value)
    return found if found is not None and -(2**31) <= found < 2**31 else None


def _double(value: One) -> float | None:
    if isinstance(value, Instant):
        return float(value.millis)
    if isinstance(value, Address | Span):
        return None
    try:
        found = float(value) if "_" not in str(value) else None
    except (ValueError, OverflowError):
        return None
    return found


def _boolean(value: One) -> bool | None:
    if isinstance(value, str):
        return value.lower() == "true"
    return bool(value) if isinstance(value, int | float) else None


def _datetime(value: One) -> Instant | None:
    if isinstance(value, Instant):
        return value
    if isinstance(value, str):
        return to_instant(value)
    return Instant(int(value)) if isinstance(value, int | float) else None


def _ip(value: One) -> Address | None:
    return value if isinstance(value, Address) else address(value) if isinstance(value, str) else None


def _texts(function: Callable[..., V]) -> Callable[..., V]:
    """A function whose first argument must be text; null where it is not."""
    return lambda value, *rest: function(value, *rest) if value.__class__ is str else None


SCALAR: dict[str, Callable[..., V]] = {
    "abs": abs,
    "bit_length": _texts(lambda text: 8 * len(text.encode())),
    "bucket": _bucket,
    "byte_length": _texts(lambda text: len(text.encode())),
    "ceil": lambda value: value if isinstance(value, int) else float(math.ceil(value)),
    "cidr_match": _cidr_match,
    "concat": lambda *texts: "".join(map(str, texts)),
    "contains": _texts(lambda text, part: part in text),
    "date_diff": _date_diff,
    "date_extract": lambda part, date: esql_dates.extract(part, date) if isinstance(date, Instant) else None,
    "date_format": _date_format,
    "date_trunc": _date_trunc,
    "ends_with": _texts(lambda text, suffix: text.endswith(suffix)),
    "exp": lambda value: _power(math.e, value),
    "floor": lambda value: value if isinstance(value, int) else float(math.floor(value)),
    "from_base64": _texts(_decode_base64),
    "hash": _hash,
    "json_extract": _texts(_json_extract),
    "left": _texts(lambda text, count: text[: max(count, 0)]),
    "length": _texts(len),
    "locate": _texts(_locate),
    "log": _logarithm,
    "log10": lambda value: math.log10(value) if value > 0 else None,
    "ltrim": _texts(str.lstrip),
    "md5": lambda text: _hash("md5", text),
    "pow": _power,
    "repeat": _texts(_repeat),
    "replace": _texts(_replace),
    "reverse": _texts(lambda text: text[::-1]),
    "right": _texts(lambda text, count: text[-count:] if count > 0 else ""),
    "round": _round,
    "rtrim": _texts(str.rstrip),
    "sha1": lambda text: _hash("sha1", text),
    "sha256": lambda text: _hash("sha256", text),
    "signum": lambda value: float((value > 0) - (value < 0)),
    "space": lambda count: _repeat(" ", count),
    "split": _texts(_split),
    "sqrt": lambda value: math.sqrt(value) if value >= 0 else None,
    "starts_with": _texts(lambda text, prefix: text.startswith(prefix)),
    "substring": _texts(_substring),
    "timespan": lambda amount, unit: esql_dates.span(amount, unit),
    "to_base64": _texts(lambda text: base64.b64encode(text.encode()).decode()),
    "trim": _texts(str.strip),
    "url_decode": _texts(unquote_plus),
    "url_encode": _texts(lambda text: quote(text, safe="-_.~*").replace("%20", "+")),
}
"""Null where an argument is null or has several values."""

EACH: dict[str, Callable[[One], V]] = {
    "to_boolean": _boolean,
    "to_datetime": _datetime,
    "to_double": _double,
    "to_integer": _integer,
    "to_ip": _ip,
    "to_long": _whole,
    "to_lower": lambda value: value.lower() if isinstance(value, str) else None,
    "to_string": to_text,
    "to_upper": lambda value: value.upper() if isinstance(value, str) else None,
}
"""Applied to each element of the only argument."""

RAW: dict[str, Callable[..., V]] = {**MULTIVALUE, "list": lambda *items: collected(items)}
"""Takes arguments as they are."""


def call_function(name: str, arguments: int) -> Callable[..., V] | None:
    """The function with its way of taking nulls and several values; None if there is none of the name."""
    if name in RAW:
        return RAW[name]
    if name in EACH and arguments == 1:
        return _elementwise(EACH[name])
    return _scalar(SCALAR[name]) if name in SCALAR else None


def _elementwise(function: Callable[[One], V]) -> Callable[[V], V]:
    def call(value: V) -> V:
        if value is None:
            return None
        if value.__class__ is list:
            return collected(function(item) for item in value)
        return function(value)

    return call


def _scalar(function: Callable[..., V]) -> Callable[..., V]:
    def call(*arguments: Any) -> V:
        for argument in arguments:
            if argument is None or argument.__class__ is list:
                return None
        try:
            return function(*arguments)
        except (TypeError, OverflowError, AttributeError):
            # An argument of a type that the function does not take: Elasticsearch rejects such a query.
            return None

    return call
