"""`array_sort_asc` and `array_sort_desc`: one array sorted, the others put in the same order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.expression import Expression, Row, folded
from converter.evaluate.kusto.functions.registry import special
from converter.evaluate.kusto.types import Type
from converter.evaluate.kusto.values import DateTime, TimeSpan
from converter.source import QuerySyntaxError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder


def sort_class(value: Any) -> tuple[int, Any]:
    """A key that orders values of one kind, and kinds among each other."""
    kinds = ((bool, 1), (DateTime, 3), (TimeSpan, 4), (int, 2), (float, 2), (str, 5))
    for python, rank in kinds:
        if isinstance(value, python):
            return rank, value
    return 6, str(value)


def sorted_places(array: list[Any], descending: bool, nulls_last: bool) -> list[int]:
    """The places of an array's elements in sorted order; nulls at one end."""
    nulls = [place for place, item in enumerate(array) if item is None]
    rest = [place for place, item in enumerate(array) if item is not None]
    rest.sort(key=lambda place: sort_class(array[place]), reverse=descending)
    return rest + nulls if nulls_last else nulls + rest


@special("array_sort_asc array_sort_desc")
def array_sort(binder: Binder, node: ast.Call) -> Expression:
    """As many columns as arrays; a bool at the end says whether nulls come last (they do by default)."""
    bound = binder.arguments(node.arguments)
    nulls_last = True
    if len(bound) > 1 and bound[-1].type is Type.BOOL:
        bound.pop()
        nulls_last = binder.constant(node.arguments[-1], Type.BOOL, f"{node.function}() nulls last")
    if not bound or any(item.type not in (Type.DYNAMIC, Type.UNKNOWN) for item in bound):
        raise QuerySyntaxError(f"{node.function}() takes arrays", node.position)
    descending = node.function.endswith("desc")
    first = bound[0].evaluate

    def sorted_like_first(place: int) -> Expression:
        read = bound[place].evaluate

        def evaluate(row: Row) -> Any:
            lead, array = first(row), read(row)
            if not isinstance(lead, list) or not isinstance(array, list):
                return None
            if len(lead) != len(array):
                return [None] * len(array)
            return [array[n] for n in sorted_places(lead, descending, nulls_last)]

        result = Expression(Type.DYNAMIC, evaluate, all(item.constant for item in bound))
        name = bound[place].name
        result = folded(result) if result.constant else result
        return result.named(None if name is None else f"{name}_sorted")

    parts = tuple(sorted_like_first(place) for place in range(len(bound)))
    if len(parts) == 1:
        return parts[0]
    return Expression(Type.DYNAMIC, parts[0].evaluate, name=parts[0].name, parts=parts)
