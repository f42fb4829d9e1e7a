"""Values of ES|QL: null, text, numbers, booleans, instants, addresses, time spans, and several at once.

None is null. A list is a value of two elements or more; one element is that element, none is null.
Source: the ES|QL reference, "Multivalued fields" and "Type conversion".
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeAlias

from converter.elastic.types import CASELESS, NUMBER_TYPES, TEXT_TYPES
from converter.evaluate.elastic.fields import field_getter, flat
from converter.evaluate.elastic.typed import boolean_of, instant, number_of, text_of
from converter.frozen import dataclass

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATES = frozenset({"date", "date_nanos"})


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """A date: milliseconds since 1970, UTC."""

    millis: int

    @property
    def moment(self) -> datetime:
        """The same as a datetime."""
        return EPOCH + timedelta(milliseconds=self.millis)

    def __str__(self) -> str:
        moment = self.moment
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """An IP address: a v4 address is ordered as the v6 address that it maps to."""

    number: int
    text: str = field(compare=False)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Span:
    """A time span: months for months, quarters and years, milliseconds for all else."""

    months: int = 0
    millis: int = 0
    days: int = 0


One: TypeAlias = str | int | float | bool | Instant | Address | Span
V: TypeAlias = Any
"""None, a single value (:data:`One`), or a list of single values."""


def collected(items: Iterable[V]) -> V:
    """The items as one value: null of none, the item of one, else a list; nulls are left out."""
    found: list[Any] = []
    for item in items:
        if item.__class__ is list:
            found += item
        elif item is not None:
            found.append(item)
    return found if len(found) > 1 else found[0] if found else None


def each(value: V) -> list[Any]:
    """All elements of a value."""
    if value is None:
        return []
    return value if value.__class__ is list else [value]


@lru_cache(maxsize=65536)
def address(text: str) -> Address | None:
    """An address by its text, or None."""
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv4Address):
        return Address(0xFFFF_0000_0000 + int(parsed), str(parsed))
    if parsed.scope_id:
        return None
    mapped = parsed.ipv4_mapped
    return Address(int(parsed), str(mapped or parsed))


def to_instant(text: str) -> Instant | None:
    """A date by its text; a missing part is its first."""
    millis = instant(text) if not text.lstrip("-").isdigit() or len(text) == 4 else None
    return None if millis is None else Instant(millis)


def field_reader(name: str, kind: str) -> Callable[[Mapping[str, Any]], V]:
    """Reads a field of an event as ES|QL loads it.

    Elements come from doc values, so they are sorted, and each comes once if it is no number, boolean or
    date; those of text come as they are written.
    """
    get = field_getter(name)
    convert = _converter(kind)

    def read(event: Mapping[str, Any]) -> V:
        raw = get(event)
        if raw is None:
            return None
        if raw.__class__ is not list:
            return convert(raw) if raw.__class__ is str or not isinstance(raw, Mapping) else None
        found = [item for value in flat(raw) if (item := convert(value)) is not None]
        if len(found) < 2:
            return found[0] if found else None
        return _stored(found, kind)

    return read


def _stored(found: list[Any], kind: str) -> V:
    if kind in TEXT_TYPES:
        return found
    classes = {item.__class__ for item in found}
    if len(classes) > 1 and not classes <= {int, float}:
        found = [to_text(item) for item in found]
    if isinstance(found[0], str | Address):
        found = list(dict.fromkeys(found))
    return collected(sorted(found))


def _converter(kind: str) -> Callable[[Any], One | None]:
    if kind in NUMBER_TYPES:
        return number_of
    if kind == "boolean":
        return boolean_of
    if kind == "ip":
        return lambda value: address(value) if isinstance(value, str) else None
    if kind in _DATES:
        return _date
    if kind in TEXT_TYPES or kind in ("wildcard", "constant_keyword"):
        return text_of
    if kind == CASELESS:
        return lambda value: text_of(value).lower()
    # A field that is not listed is mapped by its values: numbers and booleans stay what they are.
    return lambda value: value if isinstance(value, str | int | float) else None


def _date(value: Any) -> Instant | None:
    millis = instant(value)
    return None if millis is None else Instant(millis)


def to_text(value: One) -> str:
    """A value as `to_string` writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(value)
    return str(value)


def _float_text(value: float) -> str:
    """A double as Java writes it: a digit after the point, an exponent from 10^7 and below 10^-3."""
    if value != value or value in (float("inf"), float("-inf")):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    size = abs(value)
    if value == 0 or 1e-3 <= size < 1e7:
        text = repr(value)
        if "e" in text:
            text = f"{value:.20f}".rstrip("0")
        return text if not text.endswith(".") else text + "0"
    mantissa, _, exponent = f"{value!r}".partition("e")
    if not exponent:
        digits = f"{value:e}"
        exponent = digits.partition("e")[2]
        shifted = repr(value)
        plain = shifted.lstrip("-").replace(".", "").strip("0") or "0"
        mantissa = ("-" if value < 0 else "") + plain[0] + "." + (plain[1:] or "0")
    if "." not in mantissa:
        mantissa += ".0"
    return f"{mantissa}E{int(exponent)}"


_PLAIN = frozenset({type(None), bool, int, float, str})
"""Classes of values that are cells as they are."""


def to_json(value: V) -> Any:
    """A value as a result's cell."""
    if value.__class__ in _PLAIN:
        return value
    if value.__class__ is list:
        return [to_json(item) for item in value]
    if isinstance(value, Span):
        return str(value)
    return str(value) if isinstance(value, Instant | Address) else value
