"""Join keys: the types that Elasticsearch's verifier lets stand in each other's place.

Source: `checkJoinKeyTypes` of the EQL plugin's `Verifier`, `areCompatible` of its `DataTypes`: the same type,
two texts, or two numbers. A key that may be missing from the mapping (`?key`) may have none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from converter.elastic.types import CASELESS, NUMBER_TYPES, TEXT_TYPES
from converter.ir import Step
from converter.source import NotSupportedError

_SORTS: Mapping[str, str] = {
    **dict.fromkeys(NUMBER_TYPES, "number"),
    **dict.fromkeys((*TEXT_TYPES, CASELESS, "keyword", "constant_keyword", "wildcard"), "text"),
    **{kind: kind for kind in ("boolean", "date", "ip")},
}
"""The types that keys have, with what those are called that may stand in each other's place."""


def check_key_types(steps: Sequence[Step], type_of: Callable[[str], str]) -> None:
    """Raises NotSupportedError where a key can't stand beside the first step's. `type_of`: a field's type."""
    first, *rest = steps
    for step in rest:
        for expected, key in zip(first.keys, step.keys, strict=True):
            kinds = type_of(expected.field), type_of(key.field)
            sorts = {_SORTS.get(kind) for kind in kinds}
            if None not in sorts and len(sorts) > 1 and not (expected.optional or key.optional):
                what = f"the {kinds[1]} {key.field} as join key beside the {kinds[0]} {expected.field}"
                raise NotSupportedError(what, key.pos, code="key-on-type")
