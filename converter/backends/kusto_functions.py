"""ES|QL's functions that Kusto has in another form, a writer each.

    coalesce(a, b)              ->   coalesce(a, b)
    date_trunc(5 minutes, t)    ->   bin(t, 5m)
    mv_count(list)              ->   array_length(list)

Source: Kusto documentation, "Scalar functions".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from converter.backends.expressions import bin_seconds, diff_seconds, seconds
from converter.backends.kusto_literals import NULLS, interval, quote
from converter.backends.patterns import replacement, to_re2
from converter.ir.value import Call, FieldValue, Literal_, Value

if TYPE_CHECKING:
    from converter.backends.kusto_script import KustoScript


def _case(writer: KustoScript, value: Call) -> str:
    pairs, last = writer.branches(value)
    null = NULLS[writer.kind(value)]

    def item(one: Value) -> str:
        return null if isinstance(one, Literal_) and one.value is None else writer.value(one)

    texts = [f"{writer.condition(condition)}, {item(one)}" for condition, one in pairs]
    return f"{'iff' if len(texts) == 1 else 'case'}({', '.join([*texts, item(last)])})"


def _coalesce(writer: KustoScript, value: Call) -> str:
    return f"coalesce({', '.join(map(writer.value, value.arguments))})"


def _replace(writer: KustoScript, value: Call) -> str:
    text, pattern, instead = value.arguments
    if not isinstance(pattern, Literal_) or not isinstance(instead, Literal_):
        raise writer.refused(value, "a pattern or replacement that is computed")
    regex = to_re2(str(pattern.value), "java", value)
    return f"replace_regex({writer.raw(text)}, {quote(regex)}, {quote(replacement(instead, value))})"


def _captured(writer: KustoScript, value: Call) -> str:
    """`$capture(text, pattern)`: what the pattern's only group takes, empty without a match."""
    text, pattern = value.arguments
    assert isinstance(pattern, Literal_)
    return f"extract({quote(to_re2('(?s)' + str(pattern.value), 'java', value))}, 1, {writer.raw(text)})"


def _substring(writer: KustoScript, value: Call) -> str:
    text, start, *length = value.arguments
    if not isinstance(start, Literal_) or not isinstance(start.value, int):
        raise writer.refused(value, "a substring from a computed place")
    begin = start.value - 1 if start.value > 0 else start.value
    return f"substring({', '.join([writer.raw(text), str(begin), *map(writer.raw, length)])})"


def _part(place: int) -> Callable[[KustoScript, Call], str]:
    def write(writer: KustoScript, value: Call) -> str:
        [item] = value.arguments
        if isinstance(item, FieldValue) and writer.type_of(item) == "dynamic":
            return f"tostring({item.name}[{place}])"
        return f"tostring({writer.raw(item)}[{place}])" if writer.kind(item) == "list" else writer.raw(item)

    return write


def _date_trunc(writer: KustoScript, value: Call) -> str:
    return f"bin({writer.raw(value.arguments[1])}, {interval(bin_seconds(writer, value))})"


def _date_diff(writer: KustoScript, value: Call) -> str:
    width = diff_seconds(writer, value)
    _, start, end = value.arguments
    return f"tolong(({writer.operand(end)} - {writer.operand(start)}) / {interval(width)})"


def _of_list(function: str, alone: str | None) -> Callable[[KustoScript, Call], str]:
    """A function of a list; of a text, which is one value, `alone` or the text itself."""

    def write(writer: KustoScript, value: Call) -> str:
        item = value.arguments[0]
        if writer.kind(item) == "list":
            return f"{function}({', '.join(map(writer.raw, value.arguments))})"
        if isinstance(item, FieldValue) and writer.type_of(item) == "dynamic":
            return f"{function}({', '.join([item.name, *map(writer.raw, value.arguments[1:])])})"
        return alone or writer.raw(item)

    return write


FUNCTIONS: dict[str, Callable[[KustoScript, Call], str]] = {
    "mv_count": _of_list("array_length", "1"),
    "mv_concat": _of_list("strcat_array", None),
    "case": _case,
    "coalesce": _coalesce,
    "replace": _replace,
    "$capture": _captured,
    "substring": _substring,
    "mv_first": _part(0),
    "mv_last": _part(-1),
    "floor": lambda writer, value: f"bin({writer.raw(value.arguments[0])}, 1)",
    "date_trunc": _date_trunc,
    "bucket": lambda writer, value: _date_trunc(writer, Call("date_trunc", value.arguments[::-1])),
    "date_diff": _date_diff,
    "timespan": lambda writer, value: interval(seconds(value)),
}
"""By the name of the function; the writer raises Refused for arguments that Kusto does not take."""
