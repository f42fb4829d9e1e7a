"""Events of all steps of a rule by what one profile's logs have of what is asked, where those that are made
for all profiles say it by a field that these logs lack.

file where file.size >= 1000000 or file.Ext.entropy >= 5      (no log has the entropy, one has the size)
    made for all      {entropy: 5}
    for that log      {size: 1000000}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from converter.evaluate.result import Event
from converter.events.generate.groups import base_field
from converter.events.generate.held import left
from converter.events.generate.prepared import Prepared
from converter.ir.rewrite import fields_of
from converter.taxonomy.model import Profile


def by_each_log(
    steps: Sequence[Prepared], events: Sequence[Event], profiles: Mapping[str, Profile]
) -> Iterator[tuple[str, list[Event]]]:
    """For each profile whose logs do not take the events, of each step one that they take, if there are such;
    the same ones are given once."""
    seen = {repr(events[: len(steps)])}
    for name, profile in profiles.items():
        found = [_by_log(step, event, name) for step, event in zip(steps, events, strict=False)]
        made = [event for event in found if event is not None]
        if len(made) == len(steps) and repr(made) not in seen:
            seen.add(repr(made))
            yield f"by what {profile.title} has", [*made, *events[len(steps) :]]


def _by_log(step: Prepared, event: Event, profile: str) -> Event | None:
    """An event of the step that the profile's logs take: the given one if they do."""
    for world, own in step.positives:
        record = world.shape.record
        if record is None or profile not in record.shapes:
            continue
        asked = (name for name in fields_of(step.predicate) if name not in record.when)
        names = frozenset(name for name in asked if record.cell(base_field(name), profile) is None)
        rest = left(step.predicate, names)
        for one in (event, own):
            if world.shape.has(one) and step.tests.holds(rest, one):
                return one
        if (made := world.solve([(rest, True), (step.predicate, True)])) is not None:
            return made
    return None
