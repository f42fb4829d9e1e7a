"""Texts of a field that make what a script computes of it as the script asks.

Each function is undone from the outside in: of `to_lower(url_decode(f)) like "*a*"` the text is "a"; of what
a pattern captures, a text in which the pattern captures it, in the place of what it captures in the field's
own value, if it does; of a share of a text's length, the pattern's own texts many times. These are
candidates: they are tried with the original's own evaluator.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, Literal, TypeAlias

from converter.ir.value import Arithmetic, Call, Comparison, FieldValue, IsNull, Literal_, Logic, Value
from converter.regex import RegexNotSupported, examples, parse_regex

Dialect: TypeAlias = Literal["lucene", "pcre", "re2"]
_SAME = ("to_lower", "to_upper", "trim", "ltrim", "rtrim", "url_decode", "to_string", "mv_first", "mv_last")
_MOST = 6
_LENGTHS = (1200, 5000)
_EXAMPLE = ("x7", "y8")


def field_texts(value: Value, event: Mapping[str, Any], wanted: bool = True) -> Iterator[tuple[str, str]]:
    """Fields and texts with which the condition may be as wanted, from what the event has now."""
    match value:
        case Logic(op="not", items=(item,)):
            yield from field_texts(item, event, not wanted)
        case Logic(items=items):
            for item in items:
                yield from field_texts(item, event, wanted)
        case IsNull(item=item) if not wanted:
            for number in range(len(_EXAMPLE)):
                yield from texts(item, _EXAMPLE[number], event)
        case Comparison(op="==", left=left, right=Literal_(value=str(text))) if wanted:
            yield from texts(left, text, event)
        case Comparison(op="like" | "rlike" as op, left=left, right=Literal_(value=str(pattern))) if wanted:
            for text in _matching(op, pattern):
                yield from texts(left, text, event)
        case Comparison(op="!=", left=left, right=right) if wanted:
            yield from texts(left, _EXAMPLE[0], event)
            yield from texts(right, _EXAMPLE[1], event)
        case Comparison(left=left, right=right):
            yield from (*_proportions(left), *_proportions(right))
        case Call(function="ends_with" | "starts_with", arguments=(inner, Literal_(value=str(text)))):
            for whole in (text, f"x7{text}" if value.function == "ends_with" else f"{text}x7"):
                yield from texts(inner, whole, event)
        case Call(function="startsWith" | "endsWith", arguments=(inner, other)) if wanted:
            yield from _as_the_other(other, inner, event)
            yield from _as_the_other(inner, other, event)
        case Call(arguments=(inner, *_)):
            yield from field_texts(inner, event, wanted)


def _as_the_other(value: Value, other: Value, event: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Fields and texts of which the expression is the other one's text: a field's own, or a literal."""
    text = event.get(other.name) if isinstance(other, FieldValue) else getattr(other, "value", None)
    if isinstance(text, str):
        yield from texts(value, text, event)


def _matching(op: str, pattern: str) -> Iterator[str]:
    if op == "like":
        yield re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)\*", "", pattern).replace("?", "x"))
        return
    yield from _examples(pattern, "lucene")


@lru_cache(maxsize=1024)
def _examples(pattern: str, dialect: Dialect) -> tuple[str, ...]:
    try:
        return tuple(examples(parse_regex(pattern, dialect), _MOST))
    except RegexNotSupported:
        return ()


def texts(value: Value, text: str, event: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Fields and texts of which the expression is the text."""
    match value:
        case FieldValue(name=name):
            yield name, text
        case Call(function="from_base64", arguments=(inner,)):
            yield from texts(inner, base64.b64encode(text.encode()).decode(), event)
        case Call(function="$capture", arguments=(inner, Literal_(value=str(pattern)))):
            own = event.get(inner.name) if isinstance(inner, FieldValue) else None
            for found in _capturing(pattern, text, own if isinstance(own, str) else ""):
                yield from texts(inner, found, event)
        case Call(function="substring", arguments=(inner, Literal_(value=0), Literal_(value=int(end)))) if (
            end < 0
        ):
            own = event.get(inner.name) if isinstance(inner, FieldValue) else None
            rest = own[end:] if isinstance(own, str) else ""
            yield from texts(inner, f"{text}{rest or 'x' * -end}", event)
        case Call(function="json_extract", arguments=(FieldValue("_source"), Literal_(value=str(path)))):
            yield path, text
        case Call(function="coalesce", arguments=items):
            for item in items:
                yield from texts(item, text, event)
        case Call(function="replace", arguments=(inner, *_)):
            yield from texts(inner, text, event)
        case Call(function=function, arguments=(inner, *_)) if function in _SAME:
            yield from texts(inner, text, event)


def _capturing(pattern: str, text: str, own: str) -> Iterator[str]:
    """Texts in which the pattern captures the text: first the own one with it in the captured place."""
    try:
        found = re.search(pattern, own) if own else None
    except re.error:
        found = None
    if found is not None and found.lastindex == 1:
        yield own[: found.start(1)] + text + own[found.end(1) :]
    group = _group(pattern)
    if group is None:
        return
    start, end = group
    inside = pattern[start + 1 : end - 1]
    for part in (text, *_examples(inside, "pcre")):
        if _is_match(inside, part):
            whole = f"{pattern[:start]}(?:{re.escape(part)}){pattern[end:]}"
            yield from islice(_examples(whole, "pcre"), 2)


def _is_match(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return True


def _group(pattern: str) -> tuple[int, int] | None:
    """Where the pattern's one capture starts and ends."""
    place, start = 0, None
    levels: list[bool] = []
    while place < len(pattern):
        character = pattern[place]
        if character == "\\":
            place += 2
            continue
        if character == "[":
            place = pattern.index("]", place + 2)
        elif character == "(":
            captures = pattern[place + 1 : place + 2] != "?"
            levels.append(captures)
            start = place if captures else start
        elif character == ")" and levels and levels.pop() and start is not None:
            return start, place + 1
        place += 1
    return None


def _proportions(value: Value) -> Iterator[tuple[str, str]]:
    """Long texts of what the patterns of `replace` match, alone and between other letters."""
    for name, pattern in dict.fromkeys(_replaced(value)):
        for sample in islice(_examples(pattern, "pcre"), 2):
            if not sample:
                continue
            for length in _LENGTHS:
                yield name, (sample * length)[:length]
                yield name, (f"{sample * 3}ab " * length)[:length]


def _replaced(value: Value) -> Iterator[tuple[str, str]]:
    match value:
        case Call(function="replace", arguments=(inner, Literal_(value=str(pattern)), *_)):
            yield from ((name, pattern) for name in _fields(inner))
            yield from _replaced(inner)
        case Call(arguments=items) | Logic(items=items):
            for item in items:
                yield from _replaced(item)
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            yield from (*_replaced(left), *_replaced(right))


def _fields(value: Value) -> Iterator[str]:
    match value:
        case FieldValue(name=name):
            yield name
        case Call(arguments=items):
            for item in items:
                yield from _fields(item)
