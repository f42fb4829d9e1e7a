"""A match of a rule: what correlations are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from converter.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Match:
    """One match of a referenced rule: which of the rules, its events, when, and the values of its fields.

    `time` is in nanoseconds, that of the last event. `fields` are by the names of the rule's log source.
    """

    rule: int
    events: tuple[int, ...]
    time: int
    fields: Mapping[str, Any]
