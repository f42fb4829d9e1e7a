"""`and`, `or`, `not` of three values.

Sources: "Logical operators" and "Null values" in the KQL reference.
"""

from __future__ import annotations

from collections.abc import Sequence

from converter.evaluate.kusto.expression import Evaluate, Expression, Row
from converter.evaluate.kusto.operators.result import result
from converter.evaluate.kusto.types import Type


def logical(operator: str, operands: Sequence[Expression]) -> Expression:
    """Three-valued `and` or `or` of bools; operands behind the one that settles it are not evaluated."""
    settling = operator == "or"
    functions = [operand.evaluate for operand in operands]
    if len(functions) == 2:
        return result(Type.BOOL, _logical_pair(functions[0], functions[1], settling), *operands)

    def evaluate(row: Row) -> bool | None:
        result: bool | None = not settling
        for function in functions:
            value = function(row)
            if value is settling:
                return settling is True
            if value is None:
                result = None
        return result

    return result(Type.BOOL, evaluate, *operands)


def _logical_pair(first: Evaluate, second: Evaluate, settling: bool) -> Evaluate:
    def evaluate(row: Row) -> bool | None:
        one = first(row)
        if one is settling:
            return settling is True
        other: bool | None = second(row)
        return other if one is not None or other is settling else None

    return evaluate


def negate(operand: Expression) -> Expression:
    """`not(x)`: null stays null."""
    inner = operand.evaluate

    def evaluate(row: Row) -> bool | None:
        value = inner(row)
        return None if value is None else not value

    return result(Type.BOOL, evaluate, operand)
