"""What an operator makes of its operands: an expression, computed once where all of them are constant."""

from __future__ import annotations

from converter.evaluate.kusto.expression import Evaluate, Expression, folded
from converter.evaluate.kusto.types import Type


def result(kind: Type, evaluate: Evaluate, *operands: Expression) -> Expression:
    """The operator as an expression of this type."""
    expression = Expression(
        kind,
        evaluate,
        constant=all(operand.constant for operand in operands),
        row_free=all(operand.row_free for operand in operands),
    )
    return folded(expression) if expression.constant else expression
