"""When the events of a case happen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

START = datetime(2025, 3, 4, 10, 15, 30, 250_000, tzinfo=UTC)
"""The moment of a case's first event."""


@lru_cache(maxsize=4096)
def moment(milliseconds: int) -> str:
    """A time of a case, so long after its first event."""
    when = START + timedelta(milliseconds=milliseconds)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
