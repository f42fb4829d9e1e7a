"""The columns that a profile's tables have."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from converter.taxonomy.model import Profile
from converter.taxonomy.schemas import table_schemas

_WORKSPACE = "azure_monitor"
"""Sentinel's own tables stand beside those of the ASIM parsers."""


@cache
def schemas_of(profile: Profile) -> Mapping[str, Mapping[str, str]]:
    """Table -> column -> Kusto type; empty for profiles that are not Kusto's."""
    if profile.schema is None:
        return {}
    own = table_schemas(profile.schema)
    table = profile.indicators.table if profile.indicators is not None else None
    return own if table is None or table in own else {**own, table: table_schemas(_WORKSPACE)[table]}
