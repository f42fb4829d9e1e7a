"""Timelines of a pipeline with more rows than its `limit` leaves: as many, and one more.

... | where process.name == "x" | limit 10      ->      ten such events; eleven
... | stats n = count(*) by user | limit 2      ->      the events of two users; of three
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from converter.events.case import Timeline
from converter.events.generate.changed import varied
from converter.events.generate.moments import at
from converter.ir import Pipeline
from converter.ir.detection import Stats, Take

_LONGEST = 400
"""Events of a timeline, at most."""


def beyond_limit(
    pipeline: Pipeline, timeline: Timeline, grouped: Sequence[str]
) -> Iterator[tuple[str, Timeline]]:
    """Timelines of one in which everything holds, which is a row: in another group where rows are groups
    (`grouped`: by these fields)."""
    limit = next((stage.count for stage in pipeline.stages if isinstance(stage, Take)), 0)
    counts = any(isinstance(stage, Stats) for stage in pipeline.stages)
    names = [name for name in grouped if all(name in event for event in timeline)] if counts else [""]
    if not 0 < limit < _LONGEST // max(len(timeline), 1) or not names:
        return
    for rows, how in ((limit, "as many rows as the limit leaves"), (limit + 1, "a row beyond the limit")):
        events = [
            varied(dict(event), names[0], row) if row and counts else event
            for row in range(rows)
            for event in timeline
        ]
        yield how, tuple(at(event, place) for place, event in enumerate(events))
