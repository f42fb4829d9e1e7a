"""The kind of events around which a pipeline's timelines are made: its events differ in what is counted.

stats a = count_distinct(event.action) | where a >= 2   ->   not around the kind whose one action tells it
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from converter.events.generate.basis import Basis
from converter.events.generate.prepared import Prepared
from converter.taxonomy.model import Record


def of_a_kind_that_differs(basis: Basis) -> Basis:
    """The basis; of another kind of events first, where in the first one all events have one value of what is
    counted, and no timeline of them alerts."""
    piped = basis.piped
    first = basis.steps[0].positives[0][0].shape
    if piped is None or piped.whole or not any(map(first.is_single, piped.counted)):
        return basis
    other = next(_differing(basis.steps[0], piped.counted), None)
    if other is None:
        return basis
    for step in basis.steps:
        step.positives.sort(key=lambda kind: kind[0].shape.record is not other)
    return replace(basis, events=[step.positives[0][1] for step in basis.steps])


def _differing(step: Prepared, counted: tuple[str, ...]) -> Iterator[Record]:
    """The kinds in which events can differ in each of these fields."""
    for world, _ in step.positives:
        record = world.shape.record
        if record is not None and not any(map(world.shape.is_single, counted)):
            yield record
