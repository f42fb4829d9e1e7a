"""Field names with a wildcard (Kuery, Lucene) as the fields that some log has.

process.hash.*:*   ->   process.hash.md5:* or process.hash.sha256:*
azure.auditlogs.properties.target_resources.*.type:User   ->   ...target_resources.0.type:User
"""

from __future__ import annotations

import dataclasses
import fnmatch

from converter.ir import And, AnyField, Constant, Exists, Nested, Not, Or, Predicate, Script
from converter.ir.rewrite import disjunction, map_leaves
from converter.taxonomy.model import Taxonomy

_FIRST = "0"
"""What stands for a `*` where no log's table tells: integrations name an array's elements by their place."""


def with_known_fields(predicate: Predicate, taxonomy: Taxonomy) -> Predicate:
    """The predicate over the fields that the taxonomy's records name; of other names, one that fits."""
    plain = [name for name in taxonomy.known_fields if "*" not in name]

    def known(leaf: Predicate) -> Predicate:
        if isinstance(leaf, Constant | And | Or | Not | AnyField | Nested | Script) or "*" not in leaf.field:
            return leaf
        names = sorted(fnmatch.filter(plain, leaf.field)) if isinstance(leaf, Exists) else []
        named = names or [leaf.field.replace("*", _FIRST)]
        return disjunction([dataclasses.replace(leaf, field=name) for name in named])

    return map_leaves(predicate, known)
