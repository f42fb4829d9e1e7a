"""ES|QL's aggregate functions. Source: the ES|QL reference, "Aggregation functions".

Each sees the values of a group's rows as the argument gave them: nulls count nothing, and of several
values each counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median, pstdev, pvariance
from typing import Any

from converter.evaluate.elastic.esql_functions import LONG_MAX, LONG_MIN
from converter.evaluate.elastic.esql_types import V, collected
from converter.ir.detection import Aggregate
from converter.ir.value import Literal_
from converter.source import NotSupportedError, QuerySyntaxError

Rows = Sequence[tuple[V, V]]
"""For each row of a group: the argument, and the second argument (what `first` and `last` are ordered by)."""


def aggregate_function(node: Aggregate) -> Callable[[Rows], V]:
    """The function over a group's rows. Raises NotSupportedError, naming the aggregate, with its place."""
    if node.function in ("first", "last"):
        return _at_end(node.function == "last", node)
    if node.function == "top":
        return _top(node)
    function = _FUNCTIONS.get(node.function)
    if function is None or node.rest:
        if function is not None and node.function == "count_distinct":
            return lambda rows: _distinct(_all(rows))  # the precision only bounds the real engine's error
        name = node.function.replace("_", "-")
        raise NotSupportedError(f"aggregate {node.function}", node.pos, code=f"esql-aggregate-{name}")
    return lambda rows: function(_all(rows))


def _all(rows: Rows) -> list[Any]:
    found: list[Any] = []
    for value, _ in rows:
        if value.__class__ is list:
            found += value
        elif value is not None:
            found.append(value)
    return found


def _distinct(items: list[Any]) -> int:
    return len({(item.__class__ is bool, item) for item in items})


def _sum(items: list[Any]) -> V:
    numbers = [item for item in items if isinstance(item, int | float)]
    if not numbers:
        return None
    total = sum(numbers)
    return total if isinstance(total, float) or LONG_MIN <= total <= LONG_MAX else None


def _of_numbers(function: Callable[[list[Any]], V]) -> Callable[[list[Any]], V]:
    """Null for no numbers, and for texts, of which Elasticsearch rejects the query."""

    def result(items: list[Any]) -> V:
        numbers = [item for item in items if isinstance(item, int | float)]
        return function(numbers) if numbers else None

    return result


_FUNCTIONS: dict[str, Callable[[list[Any]], V]] = {
    "absent": lambda items: not items,
    "avg": _of_numbers(lambda items: sum(items) / len(items)),
    "count": len,
    "count_distinct": _distinct,
    "max": lambda items: max(items) if items else None,
    "median": _of_numbers(lambda items: float(median(items))),
    "min": lambda items: min(items) if items else None,
    "present": lambda items: bool(items),
    "std_dev": _of_numbers(lambda items: float(pstdev(items))),
    "sum": _sum,
    "values": lambda items: collected(dict.fromkeys(items)),
    "variance": _of_numbers(lambda items: float(pvariance(items))),
}


def _at_end(last: bool, node: Aggregate) -> Callable[[Rows], V]:
    """The value of the row that comes first or last in the order of the second argument."""
    if len(node.rest) != 1:
        raise NotSupportedError(
            f"{node.function} with these arguments", node.pos, code="esql-aggregate-first"
        )

    def pick(rows: Rows) -> V:
        known = [(order, value) for value, order in rows if value is not None and order is not None]
        singles = [(order, value) for order, value in known if order.__class__ is not list]
        if not singles:
            return None
        best = (max if last else min)(singles, key=lambda pair: pair[0])
        return best[1]

    return pick


def _top(node: Aggregate) -> Callable[[Rows], V]:
    """The `count` greatest or least values, repetitions included."""
    constants = [item.value for item in node.rest if isinstance(item, Literal_)]
    if len(constants) != len(node.rest) or not constants or len(constants) > 2:
        raise NotSupportedError("top with these arguments", node.pos, code="esql-aggregate-top")
    count, order = constants[0], str(constants[1]).lower() if len(constants) == 2 else "asc"
    if type(count) is not int or count < 1 or order not in ("asc", "desc"):
        raise QuerySyntaxError("top needs a count and an order, asc or desc", node.pos)
    return lambda rows: collected(sorted(_all(rows), reverse=order == "desc")[:count])
