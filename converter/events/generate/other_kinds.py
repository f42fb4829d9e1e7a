"""The rule's cases in each other kind of event that it takes: each kind has a translation of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain, islice, product
from typing import TYPE_CHECKING, Any

from converter.evaluate.result import Event
from converter.events.generate.atoms import deciding
from converter.events.generate.basis import Basis
from converter.events.generate.coverage import describe
from converter.events.generate.drafts import Draft
from converter.events.generate.likeness import Places, in_another_case, likeness
from converter.events.generate.mixed_kinds import of_several_kinds
from converter.events.generate.pairs import Pairs, in_list
from converter.events.generate.prepared import Prepared
from converter.events.generate.world import World
from converter.ir import Sample, Sequence

if TYPE_CHECKING:
    from converter.events.generate.pipelines import Piped

_MOST_KINDS = 3
"""Other kinds of events that a pipeline is walked to an alert with."""
_MOST_WAYS = 9
"""Ways in which several steps of a sequence have events of other kinds."""
_TELLING = frozenset({"everything holds", "in the opposite order", "the last at the end of the span"})
"""What tells whether a translation of several kinds asks for order, time and keys."""


def in_other_kinds(basis: Basis, place: int) -> Iterator[Draft]:
    """The timelines with events of other kinds in that place: each kind has a translation of its own."""
    if basis.piped is not None:
        yield from _counted_in_other_kinds(basis) if place == 0 else ()
        return
    for world, event in basis.steps[place].positives[1:]:
        events = [*basis.events[:place], event, *basis.events[place + 1 :]]
        for name, timeline in basis.framed(events).variations():
            yield Draft(f"{name}, as {kind_of(world)}", timeline)
    several = of_several_kinds(basis.detection, basis.steps[place], partial(basis.frame.around, place))
    yield from (Draft(f"{name}, as {kind_of(world)}", timeline) for name, world, timeline in several)
    if place == 0 and isinstance(basis.detection, Sequence | Sample):
        yield from _steps_of_several_kinds(basis)


def _steps_of_several_kinds(basis: Basis) -> Iterator[Draft]:
    """The timelines with more than one step's events of other kinds: a translation may be one for each."""
    usual = [id(world) for world, _ in (step.positives[0] for step in basis.steps)]
    each = [step.positives for step in basis.steps]
    ways = chain(zip(*each, strict=False), product(*each))  # each kind with itself first
    several = (
        way
        for way in ways
        if sum(id(world) != known for (world, _), known in zip(way, usual, strict=True)) > 1
    )
    for way in islice(several, _MOST_WAYS):
        kinds = ", then ".join(kind_of(world) for world, _ in way)
        for name, timeline in basis.framed([event for _, event in way]).variations():
            if name in _TELLING or name.startswith("the last with another"):
                yield Draft(f"{name}, as {kinds}", timeline)


def _counted_in_other_kinds(basis: Basis) -> Iterator[Draft]:
    """The timeline of a pipeline in which everything holds, of other kinds of events."""
    for how, frame in frames_of_other_kinds(basis):
        yield Draft(f"everything holds, as {how}", frame.around(0, frame.events[0]))


def frames_of_other_kinds(basis: Basis) -> Iterator[tuple[str, Piped]]:
    """The timelines of a pipeline around other kinds of events: one for each set of logs that hold the
    kind. Each is found once: they are walked to an alert."""
    if basis.other_frames is None:
        basis.other_frames = list(_frames_of_other_kinds(basis))
    yield from basis.other_frames


def _frames_of_other_kinds(basis: Basis) -> Iterator[tuple[str, Piped]]:
    sets: dict[frozenset[str], World] = {}
    for world, _ in basis.steps[0].positives:
        if world.shape.record is not None:
            sets.setdefault(frozenset(world.shape.record.shapes), world)
    first = basis.steps[0].positives[0][0]
    for world in islice((one for one in sets.values() if one is not first), _MOST_KINDS):
        events = [_of_kind(step, world) for step in basis.steps]
        frame = replace(basis, events=events).piped
        if frame is not None:
            yield kind_of(world), frame


def _of_kind(step: Prepared, world: World) -> Event:
    """The step's event of that kind; its first where there is none."""
    record = world.shape.record
    return next((event for one, event in step.positives if one.shape.record is record), step.positives[0][1])


def pairs_elsewhere(step: Prepared, pairs: Pairs) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The pairs of each atom in the other kinds of events: each kind has a translation of its own."""
    without: set[tuple[int, int]] = set()  # elements of one list have that in common
    places = Places()
    for number, (first, atom, _) in pairs.positives.items():
        goals, value = deciding(atom)
        for world, _ in step.positives:
            if world is first:
                continue
            is_further = places.of(likeness(atom, kind_of(world))) > 0
            ways = [(world, value, "decides")]
            if not in_list(atom) or (id(world), id(atom.path[-2])) not in without:
                ways.append((world.loosely, not value, "is not so"))
            for one, wanted, how in ways:
                held = one.held(goals)
                spelled = in_another_case(atom.leaf, one.shape) if is_further and wanted else None
                event = None if spelled is None else one.solve([*held, (spelled, True)])
                if event is None:
                    event = one.solve([*held, (atom.leaf, wanted)])
                if event is None and held is not goals:
                    event = one.solve([*goals, (atom.leaf, wanted)])
                if event is not None and not one.invents(event, step.predicate):
                    if wanted is not value and in_list(atom):
                        without.add((id(world), id(atom.path[-2])))
                    yield f"{number}: {describe(atom.leaf)} {how}, as {kind_of(world)}", event


def kind_of(world: World) -> str:
    """The kind of events, for a name."""
    return world.shape.record.title if world.shape.record else "any source"
