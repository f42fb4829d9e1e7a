"""`in`, `!in`, `in~`, `!in~`.

Source: "in" and its like in the KQL reference.
"""

from __future__ import annotations

from typing import Any

from converter.evaluate.kusto import text
from converter.evaluate.kusto.expression import Evaluate, Expression, Row, same_value
from converter.evaluate.kusto.operators.comparison import comparable
from converter.evaluate.kusto.operators.result import result
from converter.evaluate.kusto.operators.strings import Candidates
from converter.evaluate.kusto.types import INTEGERS, Type
from converter.source import Position


def _constant_set(operand: Expression, listed: list[Any]) -> frozenset[Any] | None:
    """The candidates as a set where set membership is the same as `==`."""
    if operand.type is Type.STRING and all(item.__class__ is str for item in listed):
        return frozenset(listed)
    if operand.type in INTEGERS and all(item.__class__ is int for item in listed):
        return frozenset(listed)
    return None


def is_in(operator: str, operand: Expression, candidates: Candidates, constant: bool) -> Expression:
    """`in`, `!in`, `in~`, `!in~`: a null operand is in no list."""
    wanted = not operator.startswith("!")
    ignore_case = operator.endswith("~")
    inner = operand.evaluate
    if ignore_case:
        fold = text.fold
        plain_inner, plain_candidates = inner, candidates
        inner = lambda row: fold(value) if isinstance(value := plain_inner(row), str) else value  # noqa: E731
        candidates = lambda row: [  # noqa: E731
            fold(item) if isinstance(item, str) else item for item in plain_candidates(row)
        ]
    listed = _constant_set(operand, list(candidates(()))) if constant else None
    if listed is not None:
        known = listed
        return result(Type.BOOL, lambda row: (inner(row) in known) is wanted, operand)
    fixed = list(candidates(())) if constant else None

    def evaluate(row: Row) -> bool:
        value = inner(row)
        options = fixed if fixed is not None else candidates(row)
        found = value is not None and any(item is not None and same_value(value, item) for item in options)
        return found is wanted

    return Expression(Type.BOOL, evaluate)


def candidate_value(operand: Expression, item: Expression, operator: str, at: Position) -> Evaluate:
    """One element of an `in` list, as something to compare with the operand (arrays are spread later)."""
    if item.type is Type.DYNAMIC or operand.type in (Type.DYNAMIC, Type.UNKNOWN):
        return item.evaluate
    _, right = comparable(operator, operand, item, at)
    return right.evaluate


def spread(found: list[Any]) -> list[Any]:
    """Elements of arrays beside plain values, as `in (dynamic([1, 2]), 3)` takes them."""
    flat: list[Any] = []
    for value in found:
        if isinstance(value, list):
            flat.extend(value)
        elif isinstance(value, dict):
            flat.extend(value.values())
        else:
            flat.append(value)
    return flat
