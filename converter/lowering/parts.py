"""A rule's predicate -> one part for each record that it speaks of and the profile can say."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence, Set
from functools import partial

from converter.ir import Equals, Predicate
from converter.ir.rewrite import decided, fields_of, value_fields
from converter.lowering.assumed import of_shape
from converter.lowering.fidelity import Fidelity, Reason, Refused
from converter.lowering.given import Given, Notes
from converter.lowering.lacking import elsewhere, held
from converter.lowering.merge import merge
from converter.lowering.multi_fields import on_parents
from converter.lowering.plan import Part
from converter.lowering.recognise import in_record
from converter.lowering.record_part import Beside, as_refusal, part_of
from converter.lowering.records import records_of
from converter.lowering.unrecorded import unrecorded
from converter.lowering.unseparated import HOST, not_excluded, not_told_apart
from converter.taxonomy.model import Profile, Record


def parts_of(
    predicate: Predicate, given: Given, notes: Notes, beside: Beside | None = None
) -> tuple[Part, ...]:
    """One part for each record that the predicate speaks of and the profile can say; at least one.

    Raises Refused with every reason where there is none.
    """
    beside = beside or Beside()
    spoken = _spoken(predicate, given, notes, beside)
    shaped = [(record, rest) for record, rest in spoken if given.profile.name in record.shapes]
    if not shaped:
        titles = ", ".join(sorted({record.title for record, _ in spoken})[:4])
        message = f"{given.profile.title} holds no record of: {titles}"
        raise Refused.because("no-log-source", message, position=predicate.pos)
    records = tuple(record for record, _ in spoken)
    made = {
        record.name: part_of(record, rest, given, _absent(record, records, given), beside)
        for record, rest in shaped
    }
    parts = [one.part for one in made.values() if one.part is not None]
    names = {part.record.name for part in parts}
    inside = {record.name for record, rest in spoken if _held_in_parts(record, rest, spoken, names)}
    refused = {name: one.reasons for name, one in made.items() if one.part is None and name not in inside}
    refusals = [reason for reasons in refused.values() for reason in reasons]
    if not parts:
        raise Refused(as_refusal(refusals) or [_unsatisfiable(given.profile, predicate)])
    for one in made.values():
        if one.part is not None:
            notes.add(dict.fromkeys(one.reasons), one.assumed)
    notes.add(dataclasses.replace(reason, direction=Fidelity.NARROWER) for reason in refusals)
    notes.add(_unshaped(spoken, names | inside, [part.record for part in parts], given))
    notes.add(unrecorded(predicate, records, given.taxonomy.selectors, given.index))
    uncounted = {name: one.uncounted for name, one in made.items() if one.uncounted is not None}
    needed = {part.record.name: beside.needed(part.keys) for part in parts}
    notes.add(not_told_apart(on_parents(predicate), parts, given, uncounted, needed))
    said = frozenset(notes.reasons)
    notes.add(
        not_excluded(predicate, parts, lambda part, rest: _alike(part, rest, records, given, beside, said))
    )
    merged = merge(parts)
    notes.add((), (one for part in merged for one in of_shape(part.shape, given.profile)))
    return merged


def _spoken(
    predicate: Predicate, given: Given, notes: Notes, beside: Beside
) -> list[tuple[Record, Predicate]]:
    """The records that the predicate speaks of, with the fields that are asked of them."""
    asked = {*fields_of(predicate), *(key.field for key in beside.keys)}
    asked.update(name for column in beside.columns for name in value_fields(column.value))
    found = records_of(on_parents(predicate), given, notes)
    needed = frozenset(key.field for key in beside.keys if not key.optional)
    return held([(record.with_fields(sorted(asked)), rest) for record, rest in found], needed)


def _alike(
    part: Part,
    predicate: Predicate,
    records: tuple[Record, ...],
    given: Given,
    beside: Beside,
    said: frozenset[Reason],
) -> bool:
    """Whether the part is the same of this predicate, for which it loses no more than is `said`."""
    rest = in_record(on_parents(predicate), part.record, given.taxonomy.selectors)
    found = part_of(part.record, rest, given, _absent(part.record, records, given), beside)
    is_same = found.part is not None and found.part.predicate == part.predicate
    return is_same and said.issuperset(found.reasons)


def _absent(record: Record, records: tuple[Record, ...], given: Given) -> frozenset[str]:
    """The fields that only the others have: in Sigma not those that events in the same log source have
    under their ECS names."""
    absent, name = elsewhere(record, records), given.profile.name
    if not given.is_sigma or not absent:
        return absent
    beside = [other for other in given.taxonomy.sharing(record, name) if other in records]
    return absent - {ecs for ecs in absent for other in beside if _is_extension(ecs, other, name)}


def _is_extension(ecs: str, record: Record, profile: str) -> bool:
    """Whether the record's events have the field, and Sigma has no name for it."""
    return ecs in record.cells and record.cell(ecs, profile) is None


def _held_in_parts(
    record: Record, rest: Predicate, spoken: Sequence[tuple[Record, Predicate]], names: Set[str]
) -> bool:
    """Whether all events that the rule takes of the record are events of a record that is part of it and is
    held: those with the value that the part's events always have."""
    inside = [one for one, _ in spoken if one.part_of == record.name and one.name in names]
    return any(decided(rest, partial(_elsewhere_false, part=one)) is False for one in inside)


def _elsewhere_false(leaf: Predicate, part: Record) -> bool | None:
    """False, as it is for any other value, for a leaf that asks just the value which a field has in every
    event of the part; None of others."""
    if not isinstance(leaf, Equals):
        return None
    row = part.cells.get(leaf.field, {})
    always = [cell.argument for cell in row.values() if cell is not None and cell.conversion == "always"]
    return False if str(leaf.value) in always else None


def _unshaped(
    spoken: Sequence[tuple[Record, Predicate]], names: Set[str], read: Sequence[Record], given: Given
) -> list[Reason]:
    """Records that the rule speaks of and the profile does not hold: their events are missed. `read`: those
    of which the translation takes events, and with each those that its log does not tell from it."""
    profile = given.profile
    others = (other for record in read for other in given.taxonomy.sharing(record, profile.name))
    systems = {record.os for record in (*read, *others)}
    return [
        Reason(
            "log-source-not-held",
            f"{profile.title} holds no {record.title}",
            Fidelity.NARROWER,
            None,
            predicate.pos,
            HOST if record.os and systems.isdisjoint(("", record.os)) else (),
        )
        for record, predicate in spoken
        if profile.name not in record.shapes and names.isdisjoint((record.name, record.part_of))
    ]


def _unsatisfiable(profile: Profile, predicate: Predicate) -> Reason:
    message = f"no event in {profile.title} can satisfy the rule"
    return Reason("unsatisfiable", message, Fidelity.NONE, None, predicate.pos)
