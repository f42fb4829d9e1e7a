"""An indicator match by a later alternative of its mapping, in the kinds of events that lack the first one's
fields.

email.from.address or email.to.address, each in a list   ->   an alert of a log that has the receiver alone
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from converter.events.generate.basis import Basis
from converter.events.generate.drafts import Draft
from converter.events.generate.other_kinds import kind_of
from converter.events.generate.prepared import cased_fields, prepare
from converter.events.generate.timelines import frame_of
from converter.ir import IndicatorMatch
from converter.ir.rewrite import fields_of


def by_other_mappings(basis: Basis) -> Iterator[Draft]:
    """The timelines around an event of each such kind; none for another detection."""
    match = basis.detection
    if not isinstance(match, IndicatorMatch):
        return
    predicate, fields = basis.steps[0].predicate, basis.sames[0].fields
    cased = frozenset(cased_fields(predicate))
    seen = {world.shape.record for world, _ in basis.steps[0].positives}
    for place, group in enumerate(match.mapping[1:], 1):
        names = fields(tuple(name for name, _ in group))
        asked = frozenset((*fields_of(predicate), *names))
        step = prepare(predicate, names, basis.rule, basis.taxonomy, basis.tests, asked, cased)
        turned = replace(match, mapping=(group, *match.mapping[:place], *match.mapping[place + 1 :]))
        for world, event in step.positives:
            record = world.shape.record
            if record is None or record in seen or not record.cells.keys() >= {*names}:
                continue
            seen.add(record)
            for how, timeline in frame_of(turned, [event, *basis.events[1:]], basis.parts).variations():
                yield Draft(f"{how}, as {kind_of(world)}", timeline)
