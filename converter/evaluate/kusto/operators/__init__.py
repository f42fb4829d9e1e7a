"""The scalar operators of Kusto, bound to typed operands."""

from converter.evaluate.kusto.operators.arithmetic import arithmetic, sign
from converter.evaluate.kusto.operators.comparison import between, equality, order
from converter.evaluate.kusto.operators.logic import logical, negate
from converter.evaluate.kusto.operators.membership import candidate_value, is_in, spread
from converter.evaluate.kusto.operators.strings import Candidates, has_some, matches_regex, string_operator

__all__ = [
    "Candidates",
    "arithmetic",
    "between",
    "candidate_value",
    "equality",
    "has_some",
    "is_in",
    "logical",
    "matches_regex",
    "negate",
    "order",
    "sign",
    "spread",
    "string_operator",
]
