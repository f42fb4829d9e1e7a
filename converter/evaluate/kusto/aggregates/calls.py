"""Calls of aggregation functions inside `summarize`: which builder or rule each name has.

Source: "Aggregation functions" in the KQL reference, with their older names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from converter.evaluate.kusto import syntax as ast
from converter.evaluate.kusto.aggregates.by_rule import by_rule
from converter.evaluate.kusto.aggregates.counts import count_if, count_rows
from converter.evaluate.kusto.aggregates.covariances import covariance
from converter.evaluate.kusto.aggregates.percentiles import percentiles
from converter.evaluate.kusto.aggregates.rules import RULES
from converter.evaluate.kusto.aggregates.selected import first_by, take_any
from converter.evaluate.kusto.expression import Expression
from converter.source import NotSupportedError

if TYPE_CHECKING:
    from converter.evaluate.kusto.bind import Binder

_SYNONYMS = {
    "makelist": "make_list",
    "makeset": "make_set",
    "make_dictionary": "make_bag",
    "make_list_if": "make_listif",
    "make_set_if": "make_setif",
    "make_bag_if": "make_bagif",
    "cnt": "count",
    "any": "take_any",
    "anyif": "take_anyif",
    "argmax": "arg_max",
    "argmin": "arg_min",
}
_REFUSED = (
    "hll",
    "hll_if",
    "hll_merge",
    "tdigest",
    "tdigest_merge",
    "merge_tdigest",
    "passthrough",
)
_BUILDERS: dict[str, Callable[[Binder, ast.Call, str], Expression]] = {
    "count": count_rows,
    "countif": count_if,
    "arg_max": first_by,
    "arg_min": first_by,
    "take_any": take_any,
    "take_anyif": take_any,
    "covariance": covariance,
    "covarianceif": covariance,
    "covariancep": covariance,
    "covariancepif": covariance,
    "percentile": percentiles,
    "percentiles": percentiles,
    "percentiles_array": percentiles,
    "percentilew": percentiles,
    "percentilesw": percentiles,
    "percentilesw_array": percentiles,
}


def is_aggregate(name: str) -> bool:
    """Whether a function of this name aggregates."""
    name = _SYNONYMS.get(name, name)
    return name in _BUILDERS or name.removesuffix("if") in RULES or name in _REFUSED


def bind_aggregate(binder: Binder, node: ast.Call) -> Expression:
    """An aggregation call inside `summarize`: an expression that reads its slot of the result row."""
    name = _SYNONYMS.get(node.function, node.function)
    if name in _REFUSED:
        raise NotSupportedError(f"aggregation {node.function}()", node.position, code="kql-sketch")
    builder = _BUILDERS.get(name)
    if builder is not None:
        return builder(binder, node, name)
    return by_rule(binder, node, name)
