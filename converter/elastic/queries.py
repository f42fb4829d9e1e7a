"""Elasticsearch's leaf queries (match, term, range, wildcard, ...) as predicates, by the field's type.

Kuery, Lucene's query strings and Kibana's filters all end in these. Each takes the field, its type (as
:func:`converter.elastic.types.field_type` names it), what the query asks, and its place; each raises
:class:`NotSupportedError` where Elasticsearch itself would answer with an error, or where the type is one
whose comparison the project does not know.
Source: Elasticsearch reference, "Query DSL" and "Field data types".
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import Literal, NoReturn

from converter.elastic.analysis import standard_tokens
from converter.elastic.dates import date_bound, date_span
from converter.elastic.networks import without_host
from converter.elastic.types import CASELESS, NUMBER_TYPES, TEXT_TYPES
from converter.ir import (
    FALSE,
    And,
    Between,
    Cidr,
    Compare,
    Equals,
    Exists,
    Like,
    Or,
    Phrase,
    Predicate,
    Scalar,
    Wild,
)
from converter.source import NotSupportedError, Position

FieldType = Callable[[str], str]
Pattern = tuple[str | Wild, ...]
Operator = Literal["<", "<=", ">", ">="]

DATES = frozenset({"date", "date_nanos"})
_REFUSED = frozenset({"geo_point", "geo_shape", "shape", "point", "histogram", "binary", "dense_vector"})
_OBJECTS = frozenset({"object", "nested"})


def any_of(items: Iterable[Predicate], pos: Position | None = None) -> Predicate:
    """The OR of the items; one item is itself, none is false."""
    found = tuple(items)
    return found[0] if len(found) == 1 else Or(found, pos=pos) if found else FALSE


def all_of(items: Iterable[Predicate], pos: Position | None = None) -> Predicate:
    """The AND of the items; one item is itself."""
    found = tuple(items)
    return found[0] if len(found) == 1 else And(found, pos=pos)


def match(field: str, kind: str, text: str, pos: Position | None, *, phrase: bool = False) -> Predicate:
    """`match` or `match_phrase`: the tokens of a text field (any, or all in order), else the exact value."""
    if kind not in TEXT_TYPES:
        return term(field, kind, text, pos)
    tokens = standard_tokens(text)
    if phrase and tokens:
        return Phrase(field, tokens, pos=pos)
    return any_of((Phrase(field, (token,), pos=pos) for token in tokens), pos)


def term(
    field: str, kind: str, value: Scalar, pos: Position | None, *, ignore_case: bool = False
) -> Predicate:
    """`term`: the exact value; a network on an `ip` field, all of what a date names on a `date` field."""
    _refuse(field, kind, pos)
    text = _as_text(value)
    if kind in TEXT_TYPES:
        return _text_term(field, text, pos, ignore_case)
    if kind == "ip":
        return _address(field, text, pos)
    if kind in NUMBER_TYPES:
        return Equals(field, number(field, kind, text, pos), pos=pos)
    if kind in DATES:
        return _date(field, text, pos)
    if kind == "boolean":
        return Equals(field, _boolean(field, text, pos), pos=pos)
    return Equals(field, text, ignore_case or kind == CASELESS, pos=pos)


def range_(field: str, kind: str, op: Operator, value: Scalar, pos: Position | None) -> Compare:
    """`range`: one end of it."""
    _refuse(field, kind, pos)
    text = _as_text(value)
    if kind in NUMBER_TYPES:
        return Compare(field, op, number(field, kind, text, pos), pos=pos)
    if kind in DATES:
        bound = date_bound(text, op)
        return Compare(field, op, bound, pos=pos) if bound is not None else _bad(field, kind, text, pos)
    if kind == "ip":
        if not _is_address(text):
            _bad(field, kind, text, pos)
        return Compare(field, op, text, pos=pos)
    if kind in TEXT_TYPES or kind == "boolean":
        raise NotSupportedError(f"range on the {kind} field {field}", pos, code="range-on-type")
    if (plain := _plain_number(text)) is not None:
        # The type list has no keywords: a field that is not in it and compared with a number is one.
        return Compare(field, op, plain, pos=pos)
    return Compare(field, op, text, pos=pos)


def between(field: str, low: Compare, high: Compare, pos: Position | None) -> Predicate:
    """`range` with both ends, of two comparisons that :func:`range_` made: one value must satisfy both."""
    low_op: Literal[">", ">="] = ">" if low.op == ">" else ">="
    high_op: Literal["<", "<="] = "<" if high.op == "<" else "<="
    return Between(field, low.value, high.value, low_op, high_op, pos=pos)


def wildcard(
    field: str,
    kind: str,
    pattern: Pattern,
    pos: Position | None,
    *,
    ignore_case: bool = False,
    analysed: bool = True,
) -> Predicate:
    """`wildcard`: the whole value matches the pattern; of a text field, one of its tokens.

    A query string lower-cases the pattern for a text field (`analysed`), the wildcard query does not.
    """
    if all(part is Wild.ANY for part in pattern):
        return Exists(field, pos=pos)
    _refuse(field, kind, pos)
    if not any(isinstance(part, Wild) for part in pattern):
        return term(field, kind, "".join(map(str, pattern)), pos, ignore_case=ignore_case)
    if kind in TEXT_TYPES:
        pieces = tuple(part.lower() if isinstance(part, str) else part for part in pattern)
        if pieces != pattern and not analysed and not ignore_case:
            return FALSE  # tokens are lower case, so a capital letter equals none of them
        return Phrase(field, (pieces,), pos=pos)
    if kind in NUMBER_TYPES or kind in DATES or kind in ("ip", "boolean"):
        raise NotSupportedError(f"wildcard on the {kind} field {field}", pos, code="wildcard-on-type")
    return Like(field, pattern, ignore_case or kind == CASELESS, pos=pos)


def number(field: str, kind: str, text: str, pos: Position | None) -> int | float:
    """The number that a numeric field is compared with."""
    value = _plain_number(text)
    return value if value is not None else _bad(field, kind, text, pos)


def pattern_of(text: str) -> Pattern:
    """A wildcard query's value: `*`, `?`, and a backslash that makes the next character itself."""
    parts: list[str | Wild] = []
    literal: list[str] = []
    characters = iter(text)
    for character in characters:
        if character in "*?":
            if literal:
                parts.append("".join(literal))
                literal = []
            parts.append(Wild(character))
        else:
            literal.append(next(characters, "\\") if character == "\\" else character)
    if literal:
        parts.append("".join(literal))
    return merge_stars(parts)


def merge_stars(parts: Iterable[str | Wild]) -> Pattern:
    """The pattern with `**` as `*`, neighbouring literals as one, and no empty ones."""
    merged: list[str | Wild] = []
    for part in parts:
        last = merged[-1] if merged else None
        if part == "" or (part is Wild.ANY and last is Wild.ANY):
            continue
        if isinstance(part, str) and isinstance(last, str):
            merged[-1] = last + part
        else:
            merged.append(part)
    return tuple(merged)


def _text_term(field: str, text: str, pos: Position | None, ignore_case: bool) -> Predicate:
    """A term query does not analyse: the value must be one of the field's tokens as it stands."""
    wanted = text.lower() if ignore_case else text
    if standard_tokens(wanted) != (wanted,):
        return FALSE
    return Phrase(field, (wanted,), pos=pos)


def _address(field: str, text: str, pos: Position | None) -> Predicate:
    if "/" in text:
        if (network := without_host(text)) is not None:
            return Cidr(field, network, pos=pos)
        _bad(field, "ip", text, pos)
    if not _is_address(text):
        _bad(field, "ip", text, pos)
    return Equals(field, text, pos=pos)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _date(field: str, text: str, pos: Position | None) -> Predicate:
    span = date_span(text)
    if span is None:
        if (now := date_bound(text, ">=")) is not None:
            raise NotSupportedError(f"equality of {field} with date math {now}", pos, code="date-math")
        _bad(field, "date", text, pos)
    if span[0] == span[1]:
        return Equals(field, span[0], pos=pos)
    return Between(field, span[0], span[1], pos=pos)


def _boolean(field: str, text: str, pos: Position | None) -> bool:
    if text not in ("true", "false", ""):
        _bad(field, "boolean", text, pos)
    return text == "true"


def _plain_number(text: str) -> int | float | None:
    try:
        value = float(text) if len(text) < 400 else None
    except ValueError:
        return None
    if value is None or value != value or value in (float("inf"), float("-inf")) or "_" in text:
        return None
    return int(text) if text.strip().lstrip("+-").isdigit() else int(value) if value.is_integer() else value


def _as_text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _refuse(field: str, kind: str, pos: Position | None) -> None:
    if kind in _REFUSED:
        raise NotSupportedError(f"a query on the {kind} field {field}", pos, code="field-type")
    if kind in _OBJECTS:
        raise NotSupportedError(f"a value for {field}, which is an object", pos, code="query-on-object")


def _bad(field: str, kind: str, text: str, pos: Position | None) -> NoReturn:
    shown = text if len(text) <= 60 else text[:57] + "..."
    raise NotSupportedError(f"value {shown!r} for the {kind} field {field}", pos, code="value-not-of-type")
