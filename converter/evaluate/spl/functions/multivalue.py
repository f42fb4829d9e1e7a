"""Fields with several values. Source: Splunk Search Reference, "Multivalue eval functions"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from converter.evaluate.spl.expression import BEYOND, Call, Evaluate, Function, all_values, scalar
from converter.evaluate.spl.patterns import tester
from converter.evaluate.spl.rows import Run
from converter.evaluate.spl.times import seconds
from converter.evaluate.spl.values import Value, collapsed, number, several, text
from converter.source import NotSupportedError, QuerySyntaxError, SourceError

_MOST = 100_000
"""Values that `mvrange` may give: more are a slip, and take all memory."""

_REMEMBERED = 128
"""Texts of which an expression's answer is remembered: the events of a log have few that differ."""


def _listed(function: Callable[..., Value]) -> Function:
    """A function of all values of one field; null where it has none."""

    def build(call: Call) -> tuple[Evaluate, bool]:
        item = call.value(0)

        def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
            values = several(item(fields, run))
            return function(values) if values else None

        return evaluate, False

    return Function(1, 1, build)


def _index(call: Call) -> tuple[Evaluate, bool]:
    """`mvindex(field, first, last)`: counted from 0, from the end where negative; both are in it."""
    item, first, *rest = all_values(call)

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        values = several(item(fields, run))
        start = number(first(fields, run))
        end = number(rest[0](fields, run)) if rest else start
        if not values or start is None or end is None:
            return None
        start, end = (int(place) + (len(values) if place < 0 else 0) for place in (start, end))
        if start < 0 or start >= len(values) or end < start or (rest and end < 0):
            return None
        return collapsed(values[start : end + 1])

    return evaluate, False


def _find(call: Call) -> tuple[Evaluate, bool]:
    """The place of the first value that the regular expression matches."""
    item, regex = all_values(call)
    pattern = call.constant_text(1)
    if pattern is None:

        def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
            wanted = regex(fields, run)
            return None if wanted is None else _first(several(item(fields, run)), tester(text(wanted)))

        return evaluate, False
    try:
        matches = lru_cache(maxsize=_REMEMBERED)(tester(pattern))
    except SourceError as error:
        error.position = call.arguments[1].position
        raise
    return lambda fields, run: _first(several(item(fields, run)), matches), False


def _first(values: Iterable[Any], matches: Callable[[str], bool]) -> int | None:
    """The place of the first value that matches."""
    for place, value in enumerate(values):
        if matches(text(value)):
            return place
    return None


def _one_field(call: Call, number: int) -> str:
    names = call.arguments[number].fields - {BEYOND}
    if len(names) != 1:
        raise QuerySyntaxError(f"{call.name}() needs an expression over one field", call.position)
    return next(iter(names))


def _filter(call: Call) -> tuple[Evaluate, bool]:
    """The values for which the condition over this one field is true."""
    condition = call.boolean(0)
    name = _one_field(call, 0)

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        values = several(fields.get(name))
        kept = [value for value in values if condition({**fields, name: value}, run) is True]
        return collapsed(kept)

    return evaluate, False


def _map(call: Call) -> tuple[Evaluate, bool]:
    """The expression's value for each value of the field."""
    name = _one_field(call, 0)
    item, expression = all_values(call)

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        results = [
            result
            for value in several(item(fields, run))
            for result in several(expression({**fields, name: value}, run))
        ]
        return collapsed(results)

    return evaluate, False


def _append(call: Call) -> tuple[Evaluate, bool]:
    items = all_values(call)
    return lambda fields, run: collapsed([one for item in items for one in several(item(fields, run))]), False


def _join(call: Call) -> tuple[Evaluate, bool]:
    item, delimiter = all_values(call)

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        values, between = several(item(fields, run)), delimiter(fields, run)
        return text(between).join(map(text, values)) if values and between is not None else None

    return evaluate, False


def _zip(call: Call) -> tuple[Evaluate, bool]:
    """First with first, second with second, ... as far as both go."""
    first, second, *rest = all_values(call)

    def evaluate(fields: Mapping[str, Any], run: Run) -> Value:
        between = text(rest[0](fields, run)) if rest else ","
        pairs = zip(several(first(fields, run)), several(second(fields, run)), strict=False)
        return collapsed([f"{text(left)}{between}{text(right)}" for left, right in pairs])

    return evaluate, False


def _split(value: Value, delimiter: Value) -> Value:
    whole, between = text(value), text(delimiter)
    return collapsed(whole.split(between) if between else list(whole))


def _range(start: Value, end: Value, step: Value = 1) -> Value:
    """From `start` up to before `end`; a step may be a span such as `7d`, for times."""
    first, last, by = number(start), number(end), number(step)
    if by is None:
        by = seconds(text(step))
    if first is None or last is None or by <= 0:
        return None
    count = max(0, -int(-(last - first) // by))
    if count > _MOST:
        raise NotSupportedError(f"mvrange() of more than {_MOST:,} values", code="spl-cap")
    return collapsed([first + by * place for place in range(count)])


MULTIVALUE: dict[str, Function] = {
    "mvcount": _listed(len),
    "mvdedup": _listed(lambda values: collapsed(list(dict.fromkeys(values)))),
    "mvsort": _listed(lambda values: collapsed(sorted(values, key=text))),
    "mvindex": Function(2, 3, _index),
    "mvfind": Function(2, 2, _find),
    "mvfilter": Function(1, 1, _filter),
    "mvmap": Function(2, 2, _map),
    "mvappend": Function(1, None, _append),
    "mvjoin": Function(2, 2, _join),
    "mvzip": Function(2, 3, _zip),
    "split": Function(2, 2, scalar(_split)),
    "mvrange": Function(2, 3, scalar(_range)),
}
