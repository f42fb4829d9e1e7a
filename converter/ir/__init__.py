"""The language-neutral tree: what a detection means, whatever language it was written in.

`predicate` says which events, `value` computes inside scripts, `detection` puts predicates in
order, counts them or compares them with history. Nodes are frozen dataclasses; `pos` is the place
in the source text and takes no part in equality.
"""

from converter.ir.detection import (
    Detection,
    EventQuery,
    IndicatorMatch,
    Key,
    Limited,
    NewTerms,
    Pipeline,
    Sample,
    Sequence,
    Step,
    Threshold,
)
from converter.ir.predicate import (
    FALSE,
    TRUE,
    And,
    AnyField,
    Cidr,
    Compare,
    Constant,
    Equals,
    Exists,
    Like,
    Nested,
    Not,
    Or,
    Phrase,
    Predicate,
    Regex,
    Scalar,
    Script,
    Wild,
)

__all__ = [
    "FALSE",
    "TRUE",
    "And",
    "AnyField",
    "Cidr",
    "Compare",
    "Constant",
    "Detection",
    "Equals",
    "EventQuery",
    "Exists",
    "IndicatorMatch",
    "Key",
    "Like",
    "Limited",
    "Nested",
    "NewTerms",
    "Not",
    "Or",
    "Phrase",
    "Pipeline",
    "Predicate",
    "Regex",
    "Sample",
    "Scalar",
    "Script",
    "Sequence",
    "Step",
    "Threshold",
    "Wild",
]
