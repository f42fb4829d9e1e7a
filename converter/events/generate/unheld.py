"""Events that tell apart what a rule asks and what is left of it where a log lacks some of its fields.

process.name : "a.exe" and not process.code_signature.trusted == true
    without the signature       process.name : "a.exe"
    takes more                  {name: "a.exe", code_signature.trusted: true}

What can't be asked is false where it stands (an alternative, or an exclusion, falls away): that is what any
log without the field can tell at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from converter.events.generate.atoms import Atom, atoms, deciding, is_excluded
from converter.events.generate.goals import Goal, apart
from converter.events.generate.held import left, unheld_fields
from converter.events.generate.world import World
from converter.ir import Predicate
from converter.ir.predicate import FALSE, TRUE
from converter.ir.rewrite import fields_of, leaf_fields
from converter.lowering.lacking import elsewhere
from converter.lowering.recognise import modules_of
from converter.taxonomy import modules
from converter.taxonomy.model import Record, Taxonomy

_TRIED = 4
"""Atoms on such fields that are tried for each direction."""


def left_in_all(predicate: Predicate, record: Record) -> Predicate:
    """What is left of the predicate in each log that holds the record: itself, where each has all fields."""
    names = frozenset[str]().union(*unheld_fields(record, fields_of(predicate)))
    found = left(predicate, names) if names else predicate
    return predicate if found == FALSE else found


def without_fields(
    world: World, predicate: Predicate, records: Sequence[Record], taxonomy: Taxonomy
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """For each such set an event that only the predicate takes, and one that only what is left of it does.

    `records`: those of which the rule speaks; an event has no field that only others of them have, nor one by
    which others are known, or that another integration writes. It may have one that is only known of records
    of which the rule does not speak.
    """
    record = world.shape.record
    if record is None:
        return
    known = fields_of(predicate)
    opened = tuple(one.with_fields(known) for one in records)
    missing = elsewhere(record.with_fields(known), opened)
    missing |= taxonomy.selectors - set(record.when) - set(record.cells)
    missing |= modules.elsewhere(record, modules_of(taxonomy).under(known))
    everything = atoms(predicate)
    for names in unheld_fields(record, [name for name in known if name not in missing]):
        rest = left(predicate, names)
        own = [atom for atom in everything if names.intersection(leaf_fields(atom.leaf))]
        wide = world.of(replace(world.shape, absent=missing), world.strict)
        for taken in (predicate, rest):
            how = "by" if taken is predicate else "but for"
            for atom in islice((one for one in own if is_excluded(one) is (taken is rest)), _TRIED):
                goals = _goals(atom, names if taken is rest else frozenset())
                asked = [*goals, (taken, True), (rest if taken is predicate else predicate, False)]
                event = _first((world, wide), asked)
                if event is not None:
                    yield f"{how} {next(iter(leaf_fields(atom.leaf)))}", event
                    break


def held(world: World, atom: Atom, predicate: Predicate) -> Iterator[Mapping[str, Any]]:
    """Events in which the atom decides that the predicate holds, whatever is asked of the fields that a log
    lacks: one for all logs, or else one for each; none where each log has all."""
    record = world.shape.record
    each = unheld_fields(record, fields_of(predicate)) if record is not None else []
    value = not is_excluded(atom)
    for names in dict.fromkeys([frozenset[str]().union(*each), *each] if each else []):
        if names.intersection(leaf_fields(atom.leaf)):
            continue
        goals = [*_goals(atom, names)[:-1], (atom.leaf, value)]
        event = _first((world,), [*goals, (predicate, True), (left(predicate, names), True)])
        if event is not None:
            yield event
            if len(names) == len(frozenset[str]().union(*each)):
                return


def _goals(atom: Atom, names: frozenset[str]) -> list[Goal]:
    """That the atom holds and decides, of the fields beside these where it can."""
    goals = apart(deciding(atom)[0])
    plain = ((left(node, names), wanted) for node, wanted in goals)
    rest = [own if told[0] in (TRUE, FALSE) else told for own, told in zip(goals, plain, strict=True)]
    return [*rest, (atom.leaf, True)]


def _first(worlds: Sequence[World], goals: Sequence[Goal]) -> Mapping[str, Any] | None:
    """The first event that meets the goals."""
    found = (world.solve(goals) for world in worlds)
    return next((event for event in found if event is not None and worlds[0].tests.meet(event, goals)), None)
