"""The shapes of the events that a predicate speaks of: one for each record of the taxonomy.

A record says which values its events have in the selecting fields; the rest (host, agent, times, ids) is one
coherent machine per operating system (`usual.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from converter.events.generate.confined import confined
from converter.events.generate.groups import HOST, Group, field_of, fields_of_group, group_of
from converter.events.generate.literals import Tests
from converter.events.generate.of_tables import of_tables
from converter.events.generate.parted import parts_of, spelled_in, worded_of
from converter.events.generate.read_out import read_outs
from converter.events.generate.shape import Shape, Told
from converter.events.generate.usual import COMMON, GROUPS
from converter.frozen import dataclass
from converter.ir import Predicate, Script
from converter.ir.rewrite import leaves
from converter.ir.value import Call, Comparison, FieldValue, Literal_
from converter.lowering.conversions.by_value import OTHERWISE, UNKNOWN, words_of
from converter.lowering.conversions.told import alternatives
from converter.lowering.lacking import elsewhere, held
from converter.lowering.recognise import Itself, excluded, modules_of, spoken
from converter.lowering.settle import Sources, lookups
from converter.lowering.streams import streams
from converter.taxonomy import modules
from converter.taxonomy.model import Cell, Record, Taxonomy

_SYSTEM = "host.os.type"
_VALUE = "value-"
_MOST_VALUES = 20
"""So many values of one field, at most, where the rule counts them."""


def shapes(
    predicate: Predicate,
    taxonomy: Taxonomy,
    index: Sequence[str],
    tests: Tests,
    asked: frozenset[str],
    whole: Predicate | None = None,
) -> Iterator[Shape]:
    """The records that the predicate speaks of, in the taxonomy's order; if none, one without.

    `whole`: what is asked of all the rule's events, of which the predicate takes some.
    """
    records = [(one.with_fields(asked), rest) for one, rest in spoken(predicate, index, taxonomy)]
    names = [record.name for record, _ in held(records)]
    found = [record for record, _ in spoken(predicate, index, taxonomy) if record.name in names]
    others = found if whole is None else [record for record, _ in spoken(whole, index, taxonomy)]
    beside = spoken_of(one.with_fields(asked) for one in others)
    several = dict(_several(predicate))
    for record in found:
        shape = of_record(record, taxonomy, tuple(index), asked, beside)
        usual = {**shape.usual, **several}
        yield replace(shape, usual=usual, excluded=frozenset(excluded(predicate, record)))
    if not found:
        system = _system(predicate, tests)
        for stream in streams(predicate, index) or ({},):
            shape = of_stream(stream, system, index, asked)
            yield replace(shape, usual={**shape.usual, **several})


def of_stream(stream: Mapping[str, str], system: str, index: Sequence[str], asked: frozenset[str]) -> Shape:
    """The shape of a data stream's events, of which no record says more."""
    derived = {name: (value,) for name, value in stream.items()}
    return Shape(None, system, tuple(index), {**COMMON, **stream}, derived=derived, asked=asked)


def _several(predicate: Predicate) -> Iterator[tuple[str, list[str]]]:
    """Fields whose values the rule counts, with more values than the numbers that it compares with."""
    for leaf in leaves(predicate):
        match leaf:
            case Script(
                expression=Comparison(
                    left=Call(function="mv_count", arguments=(FieldValue(name=name),)),
                    right=Literal_(value=int(number)),
                )
            ) if 0 < number < _MOST_VALUES:
                yield name, [f"{_VALUE}{place}" for place in range(number + 1)]


@dataclass(frozen=True, slots=True)
class Spoken:
    """Of the records that a rule speaks of together (of any event, hundreds): the fields that some of them
    have, and their systems."""

    fields: frozenset[str]
    systems: frozenset[str]


def spoken_of(records: Iterable[Record]) -> Spoken:
    """What is known of these together."""
    found = tuple(records)
    systems = (str(one) for record in found for one in record.when.get(_SYSTEM, ()))
    return Spoken(frozenset[str]().union(*(record.cells for record in found)), frozenset(systems))


def of_record(
    record: Record,
    taxonomy: Taxonomy,
    index: tuple[str, ...],
    asked: frozenset[str],
    beside: Spoken | None = None,
) -> Shape:
    """The shape of a record's events; `beside`: all the records that the rule speaks of with it."""
    beside = beside or spoken_of(())
    maps = taxonomy.maps
    own = of_tables(record, Itself(taxonomy))
    looked_up = _looked_up(record, taxonomy, asked)
    return Shape(
        record,
        record.os,
        index,
        own.usual,
        tuple(one for one in GROUPS.get(record.family, ()) if not _said_otherwise(one, record, asked)),
        own.foreign.union(
            elsewhere(record, own.family),
            beside.fields.difference(record.with_fields(asked).cells),
            modules.elsewhere(record, modules_of(taxonomy).under(asked)),
        ),
        own.derived | _words_beside(own.derived, looked_up, maps, asked),
        asked,
        looked_up,
        twins=own.twins,
        worded=worded_of(record, asked, maps),
        spelled=spelled_in(record, asked, maps),
        tellings=own.tellings,
        told_by_path=_told_by_path(record, asked),
        split=own.split,
        maps=maps,
        spoken_of={_SYSTEM: beside.systems},
        confined=confined(record, taxonomy, asked),
        read_out=read_outs(record, asked, maps),
    )


def _looked_up(record: Record, taxonomy: Taxonomy, asked: frozenset[str]) -> Sources:
    """The asked fields that Elastic looks up by another one, in any profile."""
    return {
        name: source
        for profile in record.shapes
        for name, source in lookups(record, profile, taxonomy).items()
        if name in asked
    }


def _words_beside(
    derived: Mapping[str, Any],
    looked_up: Sources,
    maps: Mapping[str, Mapping[str, str]],
    asked: frozenset[str],
) -> dict[str, tuple[Any, ...]]:
    """The words of further fields, which Elastic looks up by one that the rule does not ask."""
    return {
        name: _words(table)
        for name, (source, table) in looked_up.items()
        if source not in asked and name not in derived and table.get(OTHERWISE) != UNKNOWN
    }


def holding(shape: Shape, names: frozenset[str], taxonomy: Taxonomy, cased: frozenset[str]) -> Shape:
    """The shape of events that have these fields, some `cased`: parts of one value where a log holds them so,
    what tells derived ones, and what their values are in every event."""
    record = shape.record
    if record is None:
        return shape
    return replace(
        shape,
        parts=parts_of(record, names),
        told_beside=_told_beside(record, names, shape.maps),
        confined=confined(record, taxonomy, names, cased),
        numbered=_numbered(record, names),
        machine=tuple(name for name in HOST if name in names and name in record.cells),
    )


def _numbered(record: Record, names: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """The fields among these that some log tells by two of its own, each with the field of the second."""
    found: dict[tuple[str, str], None] = {}
    for profile in record.shapes:
        for name, cell in record.cells_of(profile, "joined"):
            others = record.called(Cell(cell.argument), profile) if name in names else ()
            found |= dict.fromkeys((name, other) for other in others)
    return tuple(found)


def _said_otherwise(group: Group, record: Record, asked: frozenset[str]) -> bool:
    """Whether the rule asks none of the group's fields, and another one that a log has in the same field: the
    event's own (`process.user.id` and `user.id`, both in `User`)."""
    names = fields_of_group(group)
    if not asked.isdisjoint(names):
        return False
    for profile in record.shapes:
        cells = list(record.cells_of(profile))
        held = {cell.field for name, cell in cells if name in names}
        if any(cell.field in held for name, cell in cells if name in asked and cell.conversion == "values"):
            return True
    return False


def _told_beside(
    record: Record, names: frozenset[str], maps: Mapping[str, Mapping[str, str]]
) -> tuple[Told, ...]:
    """The derived fields among the names, each profile's, where other names tell them."""
    found: list[Told] = []
    for profile in record.shapes:
        told = [item for item in record.cells_of(profile, "told") if item[0] in names]
        plain = record.cells_of(profile, "same") if told else ()
        for name, cell in told:
            table = maps[cell.argument]
            told_by = {
                atom.field
                for text in table.values()
                if text != "?"
                for branch in alternatives(text)
                for atom in branch
            }
            beside = tuple(
                (own.field, ecs)
                for ecs, own in plain
                if ecs in names and own.field in told_by and ecs != name
            )
            if beside:
                found.append((name, table, beside))
    return tuple(found)


def _told_by_path(record: Record, asked: frozenset[str]) -> frozenset[Group]:
    """The groups of fields by whose path some profile tells the record from others, or of which the rule asks
    a part of the path, which ends at the system's own separator."""
    marked = {
        name
        for profile, shape in record.shapes.items()
        if shape.like or shape.unlike
        for name, cell in record.cells_of(profile)
        if cell.field in shape.like or cell.field in shape.unlike
    }
    parts = {name for name in asked if name.endswith((".name", ".extension", ".directory"))}
    return frozenset(map(group_of, marked | parts))


def _words(table: Mapping[str, str]) -> tuple[Any, ...]:
    """What a map of looked-up values writes: each time one word, or several, with those of any value."""
    found = dict.fromkeys(tuple(sorted(words_of(key.replace("*", "x"), table) - {UNKNOWN})) for key in table)
    return tuple(words[0] if len(words) == 1 else list(words) for words in found if words)


def _system(predicate: Predicate, tests: Tests) -> str:
    """The operating system that the predicate takes, Windows first; "" where it does not care."""
    asked = [leaf for leaf in leaves(predicate) if field_of(leaf) == "host.os.type"]
    for system in ("windows", "linux", "macos"):
        if any(tests.holds(leaf, {"host.os.type": system}) for leaf in asked):
            return system
    windows = any("\\" in repr(leaf) or ".exe" in repr(leaf) for leaf in leaves(predicate))
    return "windows" if windows else "linux"
