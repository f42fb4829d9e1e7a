"""A rule's predicates, each with the kinds of events that it speaks of, and an event of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import field
from itertools import islice
from typing import Any

from converter.elastic.rule import Rule
from converter.evaluate.elastic.indices import may_hold
from converter.events.generate.coverage import describe
from converter.events.generate.goals import Wanted
from converter.events.generate.held import Lefts, unheld_fields
from converter.events.generate.literals import Tests
from converter.events.generate.record_shapes import holding, shapes
from converter.events.generate.recorded import is_possible
from converter.events.generate.same_fields import Same, same_fields
from converter.events.generate.shape import Shape, beyond, with_fields
from converter.events.generate.wildcard_fields import with_known_fields
from converter.events.generate.world import World
from converter.frozen import dataclass
from converter.ir import (
    Detection,
    EventQuery,
    Exists,
    IndicatorMatch,
    Limited,
    NewTerms,
    Pipeline,
    Predicate,
    Sample,
    Threshold,
)
from converter.ir import Sequence as Sequence_
from converter.ir.rewrite import fields_of, leaf_fields, leaves
from converter.taxonomy.model import Taxonomy

_DATASET = "data_stream.dataset"
_MOST_CONFLICTS = 20
_MAX_SHAPES = 32
"""Kinds of events that a predicate is tried with, of those that can satisfy it."""
_TIERS: tuple[tuple[bool, Callable[[Shape, Collection[str]], Shape]], ...] = (
    (True, lambda shape, _: shape),
    (False, lambda shape, _: shape),
    (True, with_fields),
    (True, lambda shape, _: with_fields(shape, shape.absent)),
    (False, lambda shape, _: beyond(shape)),
)
"""Whether selecting fields have the record's values only, and what else events may have: where no event of a
kind satisfies a rule, one that also has other kinds' fields may (first those that the rule counts or joins
by and no kind has), or one that no log holds."""


@dataclass
class Prepared:
    """One predicate of the rule with its ways to be satisfied: a world for each kind of event, with an event;
    `further` are those of more kinds than are tried with all the rest."""

    predicate: Predicate
    worlds: list[World]
    tests: Tests
    positives: list[tuple[World, dict[str, Any]]] = field(default_factory=list)
    further: Iterator[tuple[World, dict[str, Any]]] = field(default_factory=lambda: iter(()))


def prepare_all(
    rule: Rule, detection: Detection, taxonomy: Taxonomy, tests: Tests
) -> tuple[Sequence[Same], list[Prepared]]:
    """The detection's predicates over fields that events have, and events that satisfy each."""
    written = list(_predicates(detection))
    found = [(with_known_fields(predicate, taxonomy), present) for predicate, present in written]
    # What is asked to no avail (`a and (b or a)`) is asked all the same: sources write such fields.
    names = [(*present, *fields_of(predicate)) for predicate, present in written]
    sames = [
        same_fields(predicate, [*asked, *fields_of(predicate)], rule.index, taxonomy)
        for asked, (predicate, _) in zip(names, found, strict=True)
    ]
    found = [
        (same.predicate(predicate), same.fields(present))
        for same, (predicate, present) in zip(sames, found, strict=True)
    ]
    needless = (same.fields(asked) for same, asked in zip(sames, names, strict=True))
    asked = frozenset(name for predicate, _ in found for name in fields_of(predicate)).union(*needless)
    whole = found[0][0] if found and isinstance(detection, Pipeline) else None
    cased = frozenset(name for predicate, _ in found for name in cased_fields(predicate))
    steps = [
        prepare(predicate, present, rule, taxonomy, tests, asked, cased, whole)
        for predicate, present in found
    ]
    needed = _needed(detection)
    return sames, steps[:needed] + [step for step in steps[needed:] if step.positives]


def cased_fields(predicate: Predicate) -> Iterator[str]:
    """The fields that the predicate asks with their case; whether they are there is no such question."""
    for leaf in leaves(predicate):
        if not isinstance(leaf, Exists) and not getattr(leaf, "ignore_case", False):
            yield from leaf_fields(leaf)


def _needed(detection: Detection) -> int:
    """How many of the predicates an alert takes: not a pipeline's kinds of events, nor a sequence's end."""
    match detection:
        case Limited(base=base):
            return _needed(base)
        case Sequence_(steps=steps) | Sample(steps=steps):
            return len(steps)
    return 1


def _predicates(detection: Detection) -> Iterator[tuple[Predicate, tuple[str, ...]]]:
    """Each predicate that makes events, with the fields that these must have, in the order of the frame;
    at last what ends a sequence."""
    match detection:
        case EventQuery(predicate=predicate):
            yield predicate, ()
        case NewTerms(predicate=predicate, fields=fields):
            yield predicate, fields
        case Threshold(predicate=predicate, fields=fields, cardinality=cardinality):
            yield predicate, (*fields, *(name for name, _ in cardinality))
        case IndicatorMatch(predicate=predicate, mapping=mapping):
            yield predicate, tuple(name for name, _ in mapping[0])
        case Sequence_(steps=steps) | Sample(steps=steps):
            until = getattr(detection, "until", None)
            for step in (*steps, *([] if until is None else [until])):
                yield step.predicate, tuple(key.field for key in step.keys)
        case Limited(base=base):
            yield from _predicates(base)
        case Pipeline():
            from converter.events.generate.pipeline_predicates import pipeline_predicates

            yield from pipeline_predicates(detection)


def prepare(
    predicate: Predicate,
    present: tuple[str, ...],
    rule: Rule,
    taxonomy: Taxonomy,
    tests: Tests,
    asked: frozenset[str],
    cased: frozenset[str],
    whole: Predicate | None = None,
) -> Prepared:
    """The predicate in each kind of event that it speaks of, with an event in each that satisfies it.

    `present`: fields that the events must have; `asked`: all those that the rule asks, `cased` with
    their case; `whole`: what a pipeline asks of all its events, of which some kinds have not all fields: they
    do without.
    """
    kinds = tuple(
        holding(one, asked.union(present), taxonomy, cased)
        for one in shapes(predicate, taxonomy, rule.index, tests, asked, whole)
    )
    without = [shape.absent if whole is not None else frozenset[str]() for shape in kinds]
    needed = [tuple(Exists(name) for name in present if name not in absent) for absent in without]
    nowhere = frozenset(present).intersection(*(shape.absent for shape in kinds))
    prepared = Prepared(predicate, [], tests)
    for strict, wider in _TIERS:
        prepared.worlds = [
            World(wider(shape, nowhere), tests, strict, present=there)
            for shape, there in zip(kinds, needed, strict=True)
        ]
        found = (
            (world, event)
            for world in prepared.worlds
            if (event := world.solve([(predicate, True)])) is not None and tests.holds(predicate, event)
            if _is_read(event, rule.index) or world.shape.record is not None
            if _is_written(world.shape, event, taxonomy)
        )
        prepared.positives = list(islice(found, _MAX_SHAPES))
        if prepared.positives:
            prepared.further = found
            break
    lefts = Lefts()
    for world, _ in prepared.positives:
        world.lefts = lefts
        record = world.shape.record
        each = unheld_fields(record, tuple(asked)) if record is not None else ()
        world.unheld = frozenset[str]().union(*each)
    prepared.positives = [(world, _told(world, predicate, event)) for world, event in prepared.positives]
    return prepared


def _is_written(shape: Shape, event: Mapping[str, Any], taxonomy: Taxonomy) -> bool:
    """Whether Elastic may write the event, of which the rule does not ask what Elastic is known to derive."""
    record = shape.record
    return record is None or not shape.set_aside or is_possible(event, record, shape.asked, taxonomy)


def _is_read(event: Mapping[str, Any], index: Sequence[str]) -> bool:
    """Whether the rule's index patterns may hold the event, by the data stream that it says to be of."""
    return may_hold(index, str(event.get(_DATASET, "*")))


def conflicts(steps: Sequence[Prepared], index: Sequence[str]) -> tuple[str, ...]:
    """The leaves of the predicates that no event was found for. Where an event would be of no data stream
    that the rule reads: what is asked of the stream, and the index patterns."""
    for step in (one for one in steps if not one.positives):
        events = (world.solve([(step.predicate, True)]) for world in step.worlds)
        if any(event is not None and not _is_read(event, index) for event in events):
            asked = [leaf for leaf in leaves(step.predicate) if _DATASET in leaf_fields(leaf)]
            return (*map(describe, asked), f"index {', '.join(index)}")
    found = (describe(leaf) for step in steps if not step.positives for leaf in leaves(step.predicate))
    return tuple(islice(found, _MOST_CONFLICTS))


def _told(world: World, predicate: Predicate, event: dict[str, Any]) -> dict[str, Any]:
    """An event that satisfies the predicate by what each log holds, if there is one; else the event."""
    goals: list[Wanted] = [(predicate, True)]
    held = world.held(goals)
    found = None if held is goals else world.solve([*held, *goals])
    return found if found is not None and world.tests.holds(predicate, found) else event
