"""The columns that a profile's tables have."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from converter.taxonomy.model import Profile
from converter.taxonomy.schemas import table_schemas


@cache
def schemas_of(profile: Profile) -> Mapping[str, Mapping[str, str]]:
    """Table -> column -> Kusto type; empty for profiles that are not Kusto's."""
    return table_schemas(profile.schema) if profile.schema is not None else {}
