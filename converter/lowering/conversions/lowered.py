"""`service|lowered`: Elastic writes the log's word in lower case.

network.protocol : "https"   ->   service : "HTTPS", whatever its case
"""

from __future__ import annotations

import dataclasses

from converter.ir.predicate import FALSE, Equals, Like, Predicate, Regex
from converter.lowering.conversions.base import Approximation, Context
from converter.lowering.conversions.same import same


def lowered(leaf: Predicate, context: Context) -> Predicate | Approximation:
    """The leaf without regard to case; none of Elastic's values has capitals."""
    if isinstance(leaf, Equals | Like) and not leaf.ignore_case:
        texts = leaf.pattern if isinstance(leaf, Like) else (leaf.value,)
        if any(text != text.lower() for text in texts if isinstance(text, str)):
            return FALSE
    found = same(leaf, context)
    if isinstance(found, Equals | Like | Regex):
        return dataclasses.replace(found, ignore_case=True)
    return found
