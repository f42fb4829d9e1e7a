"""Field names with a wildcard (Kuery, Lucene) as the fields that some log has.

process.hash.*:*   ->   process.hash.md5:* or process.hash.sha256:*
"""

from __future__ import annotations

import fnmatch

from converter.ir import Exists, Predicate
from converter.ir.rewrite import disjunction, map_leaves
from converter.taxonomy.model import Taxonomy


def with_known_fields(predicate: Predicate, taxonomy: Taxonomy) -> Predicate:
    """The predicate over the fields that the taxonomy's records name; a name that fits none stays."""

    def known(leaf: Predicate) -> Predicate:
        if not isinstance(leaf, Exists) or "*" not in leaf.field:
            return leaf
        names = sorted(fnmatch.filter(taxonomy.known_fields, leaf.field))
        return disjunction([Exists(name, pos=leaf.pos) for name in names]) if names else leaf

    return map_leaves(predicate, known)
