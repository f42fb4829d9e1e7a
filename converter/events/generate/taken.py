"""Events that a pipeline's filter takes: ES|QL compares a field of several values to null, as no rule's tree
does that the events are solved for."""

from __future__ import annotations

from converter.evaluate.elastic import compile_detection
from converter.evaluate.result import Event
from converter.events.generate.atoms import atoms, decisive_event
from converter.events.generate.different import filter_of
from converter.events.generate.moments import at
from converter.events.generate.prepared import Prepared
from converter.ir import Pipeline

_KINDS, _ALTERNATIVES = 4, 60
"""Kinds of events, and alternatives in them, of which one is looked for that the filter takes."""


def with_taken(pipeline: Pipeline, step: Prepared) -> None:
    """Replaces the step's events which the filter does not take by one in which another alternative decides,
    if there is one."""
    query = compile_detection(Pipeline(pipeline.sources, pipeline.metadata, filter_of(pipeline)))

    def takes(event: Event) -> bool:
        return bool(query.run([at(event, 0)]))

    everything = atoms(step.predicate)
    for place, (world, event) in enumerate(step.positives[:_KINDS]):
        if not takes(event):
            made = (decisive_event(world, atom, turned=False) for atom in everything[:_ALTERNATIVES])
            found = next((one for one in made if one is not None and takes(one)), None)
            if found is not None:
                step.positives[place] = world, found
