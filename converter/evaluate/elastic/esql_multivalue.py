"""ES|QL's functions of several values (`mv_*`). Source: the ES|QL reference, "Multivalue functions"."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

from converter.evaluate.elastic.esql_types import V, collected, each


def _concat(value: V, delimiter: V) -> V:
    if value is None or delimiter.__class__ is not str:
        return None
    return delimiter.join(str(item) for item in each(value))


def _slice(value: V, start: V, end: V = None) -> V:
    """Both ends count, from 0; negative ones from the end."""
    if value is None or start is None:
        return None
    items = each(value)
    last = start if end is None else end
    if (start < 0) != (last < 0) and start != last:
        return None
    low = start + len(items) if start < 0 else start
    high = last + len(items) if last < 0 else last
    return collected(items[max(low, 0) : high + 1]) if high >= 0 else None


def _sort(value: V, order: V = "asc") -> V:
    descending = str(order).lower() == "desc"
    return collected(sorted(each(value), reverse=descending))


def _average(value: V) -> V:
    items = each(value)
    return sum(items) / len(items) if items else None


def _median(value: V) -> V:
    items = each(value)
    if not items:
        return None
    middle = median(items)
    return int(middle) if all(isinstance(item, int) for item in items) else middle


def _sum(value: V) -> V:
    return sum(each(value)) if value is not None else None


def _append(left: V, right: V) -> V:
    return None if left is None or right is None else collected([left, right])


def _contains(whole: V, part: V) -> V:
    """Whether all elements of the second are in the first; those of a null second are."""
    return all(item in each(whole) for item in each(part))


def _intersection(left: V, right: V) -> V:
    wanted = each(right)
    return collected(item for item in dict.fromkeys(each(left)) if item in wanted)


def _zip(left: V, right: V, delimiter: V = ",") -> V:
    firsts, seconds = each(left), each(right)
    if not firsts and not seconds:
        return None
    rows = []
    for index in range(max(len(firsts), len(seconds))):
        pair = [items[index] for items in (firsts, seconds) if index < len(items)]
        rows.append(str(delimiter).join(map(str, pair)))
    return collected(rows)


def _ordered(pick: Callable[[list[Any]], Any]) -> Callable[[V], V]:
    return lambda value: pick(each(value)) if value is not None else None


MULTIVALUE: dict[str, Callable[..., V]] = {
    "mv_append": _append,
    "mv_avg": _average,
    "mv_concat": _concat,
    "mv_contains": _contains,
    "mv_count": lambda value: len(each(value)) or None,
    "mv_dedupe": lambda value: collected(dict.fromkeys(each(value))),
    "mv_first": _ordered(lambda items: items[0]),
    "mv_intersection": _intersection,
    "mv_last": _ordered(lambda items: items[-1]),
    "mv_max": _ordered(max),
    "mv_median": _median,
    "mv_min": _ordered(min),
    "mv_slice": _slice,
    "mv_sort": _sort,
    "mv_sum": _sum,
    "mv_zip": _zip,
}
"""Each takes its arguments as they are, with nulls and several values."""
