"""Threat matches: events that share values with an entry of a list of indicators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from converter.ir import IndicatorMatch, Key
from converter.ir.predicate import TRUE
from converter.lowering.fidelity import Fidelity, Reason, Refused
from converter.lowering.given import Given, Notes
from converter.lowering.keys import key_field
from converter.lowering.lacking import elsewhere
from converter.lowering.merge import merge
from converter.lowering.plan import IndicatorPlan, Part, Shared
from converter.lowering.record_part import Beside, as_refusal, part_of
from converter.taxonomy.model import Cell, Record

_OTHERWISE = frozenset({("hive", "long"), ("hexadecimal", "")})
"""Cells whose log spells each value otherwise than Elastic, by conversion and argument: good to group by, and
never equal to others' values."""
_LOWERED = frozenset({("lowered", "")})
"""The same of some values."""


def indicator_plan(match: IndicatorMatch, given: Given, notes: Notes) -> IndicatorPlan:
    """Every record that holds a field of the mapping: such rules seldom name a log source. Raises Refused."""
    spoken = given.spoken(match.predicate)
    records = tuple(record for record, _ in spoken)
    blocks: list[tuple[Part, tuple[Shared, ...]]] = []
    never: list[Reason] = []
    for record, rest in spoken:
        held = [group for group in match.mapping if _comparable(record, group, given)]
        groups = [group for group in held if not _spelled(record, _names(group), given, _OTHERWISE)]
        never += (one for group in held for one in _never_equal(record, group, given))
        names = dict.fromkeys(name for group in groups for name, _ in group)
        if not names:
            continue
        keys = () if given.is_sigma else tuple(map(Key, names))
        made = part_of(record, rest, given, elsewhere(record, records), Beside(keys))
        if made.part is not None:
            called = dict(zip(names, made.part.keys, strict=False))
            shared = (tuple((called.get(name, name), other) for name, other in group) for group in groups)
            blocks.append((made.part, tuple(shared)))
            notes.add((*made.reasons, *_spelled_in_lower_case(record, names, given)), made.assumed)
    if not blocks and never:
        raise Refused(as_refusal(never))
    notes.add(dict.fromkeys(never))
    if not blocks:
        message = f"{given.profile.title} has no list, or no log, with the fields of the threat mapping"
        raise Refused.because("indicators", message, position=match.pos)
    able = [record for record in records if any(_has(record, group) for group in match.mapping)]
    if len(blocks) < len(able):
        message = f"looked for in {len(blocks)} of the {len(able)} kinds of log records that it takes"
        notes.add([Reason("log-source-not-held", message, Fidelity.NARROWER)])
    if not given.is_sigma and match.indicators != TRUE:
        message = "which entries count (the rule's threat_query and threat_filters) is left to the list"
        notes.add([Reason("indicator-list", message, Fidelity.WIDER, None, match.indicators.pos)])
    return IndicatorPlan(_joined(blocks), given.profile.indicators)


def _spelled(
    record: Record, names: Iterable[str], given: Given, ways: frozenset[tuple[str, str]]
) -> list[tuple[str, Cell]]:
    """The fields that the record's log spells in one of the ways; Sigma compares nothing."""
    cells = [(ecs, record.cell(ecs, given.profile.name)) for ecs in names if not given.is_sigma]
    return [
        (ecs, cell) for ecs, cell in cells if cell is not None and (cell.conversion, cell.argument) in ways
    ]


def _names(group: Shared) -> list[str]:
    """The group's event fields."""
    return [ecs for ecs, _ in group]


def _never_equal(record: Record, group: Shared, given: Given) -> Iterator[Reason]:
    """That the log spells each value that is compared otherwise than a list for Elastic does."""
    for ecs, cell in _spelled(record, _names(group), given, _OTHERWISE):
        message = f"{cell.field} spells {ecs} otherwise than the entries of a list for Elastic: never equal"
        yield Reason("value-differs", message, Fidelity.NARROWER, ecs)


def _spelled_in_lower_case(record: Record, names: Iterable[str], given: Given) -> Iterator[Reason]:
    """That the log spells what is compared in lower case, and the list has one spelling."""
    for ecs, cell in _spelled(record, names, given, _LOWERED):
        message = f"{cell.field} spells {ecs} otherwise than the entries of a list for Elastic"
        for direction in (Fidelity.NARROWER, Fidelity.WIDER):
            yield Reason("value-differs", message, direction, ecs)


def _has(record: Record, group: Shared) -> bool:
    """Whether events of the record have the group's fields, whatever log holds them."""
    return all(ecs in record.cells or ecs in record.when for ecs, _ in group)


def _comparable(record: Record, group: Shared, given: Given) -> bool:
    """Whether the record has the group's event fields, and the target's list the indicator's."""
    name = given.profile.name
    if name not in record.shapes or any(record.cell(ecs, name) is None for ecs, _ in group):
        return False
    listed = given.profile.indicators
    return given.is_sigma or all(
        key_field(given.fields(record), ecs) is not None
        and listed is not None
        and listed.column(other) is not None
        for ecs, other in group
    )


def _joined(
    blocks: Sequence[tuple[Part, tuple[Shared, ...]]],
) -> tuple[tuple[Part, tuple[Shared, ...]], ...]:
    """Blocks with the same alternatives merged where their parts are."""
    merged: dict[tuple[Shared, ...], list[Part]] = {}
    for part, shared in blocks:
        merged.setdefault(shared, []).append(part)
    return tuple((part, shared) for shared, parts in merged.items() for part in merge(parts))
