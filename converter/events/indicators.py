"""Entries of the indicator index (`$indicator` events) as a target's list of indicators holds them.

{"$indicator": true, "threat.indicator.ip": "203.0.113.9"}
->  {"$table": "ThreatIntelligenceIndicator", "NetworkIP": "203.0.113.9", "Active": true, ...}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from converter.evaluate.elastic.timeline import is_indicator
from converter.evaluate.result import Event
from converter.taxonomy.model import IndicatorList, Profile

_LASTING = {"Active": True, "ExpirationDateTime": "2999-01-01T00:00:00Z"}
Rows = list[dict[str, Any]]


def lookup_of(timeline: Sequence[Mapping[str, Any]], profile: Profile) -> dict[str, Rows]:
    """The lookup tables that a search may ask: name -> rows, a column a field."""
    listed = profile.indicators
    if listed is None or listed.lookup is None:
        return {}
    return {listed.lookup: [dict(event) for event in timeline if is_indicator(event)]}


def table_rows(timeline: Sequence[Event], profile: Profile) -> Rows:
    """The rows of the Kusto table: one for each column that an entry has."""
    listed = profile.indicators
    if listed is None or listed.table is None:
        return []
    return [
        {
            **row,
            "$table": listed.table,
            "IndicatorId": f"{place}-{number}",
            "TimeGenerated": event.get("@timestamp"),
        }
        for place, event in enumerate(timeline)
        if is_indicator(event)
        for number, row in enumerate(_columns(event, listed))
    ]


def _columns(event: Event, listed: IndicatorList) -> Rows:
    found = ((listed.column(name), value) for name, value in event.items())
    return [
        {column[0]: one, **column[1], **_LASTING}
        for column, value in found
        if column is not None
        for one in (value if isinstance(value, list) else [value])
    ]
