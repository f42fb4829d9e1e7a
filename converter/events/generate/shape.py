"""What the rule's data sources would write around the fields that the rule asks.

A record of the taxonomy says which values its events have in the selecting fields; the rest (host, agent,
times, ids) is one coherent machine per operating system.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import product
from typing import Any, TypeAlias

from converter.events.derived import agreeing, tellings
from converter.events.generate.dependent import ARRAYS, Group, Values, fields_of_group, group_of
from converter.events.generate.parted import Parts, Worded, Words, parts_of, spelled_in, twins_of, worded_of
from converter.events.generate.solve import START, Literal, Tests
from converter.ir import Predicate, Script
from converter.ir.rewrite import leaves
from converter.ir.value import Call, Comparison, FieldValue, Literal_
from converter.lowering.conversions.by_value import OTHERWISE, UNKNOWN, words_of
from converter.lowering.conversions.told import alternatives
from converter.lowering.fields import elsewhere, held
from converter.lowering.recognise import excluded, spoken
from converter.lowering.settle import Sources, lookups
from converter.lowering.streams import streams
from converter.taxonomy.model import Cell, Record, Taxonomy

_IMAGES = ("process", "process.parent")
_HOSTS: Mapping[str, Mapping[str, Any]] = {
    "windows": {"host.name": "WKS-FIN-07", "host.os.family": "windows", "host.os.name": "Windows"},
    "linux": {"host.name": "srv-web-03", "host.os.family": "debian", "host.os.name": "Debian"},
    "macos": {"host.name": "mac-dsn-11", "host.os.family": "macos", "host.os.name": "macOS"},
}
_COMMON: Mapping[str, Any] = {
    "agent.id": "6c1a0f57-2f0d-4c55-8f0e-0a1f2d4b7c90",
    "agent.type": "endpoint",
    "ecs.version": "8.10.0",
    "event.id": "NqX2dKp8sGr1Lw0b+++++41233",
    "host.id": "3f0c6e0a-5c1e-4a1b-9d6b-6f7a2f0f5b11",
    "host.ip": ["10.20.4.57"],
}
_PROCESS: Mapping[str, Any] = {
    "process.pid": 7316,
    "process.entity_id": "{7e2f1c40-d142-67c6-a50e-000000002d00}",
}
_PARENT: Mapping[str, Any] = {
    "process.parent.pid": 4120,
    "process.parent.entity_id": "{7e2f1c40-d124-67c6-9b0e-000000002d00}",
}
_FAMILIES: Mapping[str, Mapping[str, Any]] = {
    "process": {**_PROCESS, **_PARENT},
    "file": _PROCESS,
    "registry": {**_PROCESS, "registry.data.strings": ["1"], "registry.data.type": "REG_SZ"},
    "network": {
        **_PROCESS,
        "network.transport": "tcp",
        "network.type": "ipv4",
        "source.ip": "10.20.4.57",
        "source.port": 50123,
        "destination.ip": "203.0.113.9",
        "destination.port": 443,
    },
    "dns": {**_PROCESS, "dns.question.name": "www.example.org"},
    "library": _PROCESS,
}
_GROUPS: Mapping[str, tuple[Group, ...]] = {
    "process": (Group("image", "process"), Group("image", "process.parent"), Group("account", "user")),
    "file": (Group("image", "process"), Group("path", "file"), Group("account", "user")),
    "registry": (Group("image", "process"), Group("path", "registry"), Group("account", "user")),
    "network": (Group("image", "process"), Group("account", "user")),
    "dns": (Group("image", "process"), Group("account", "user")),
    "library": (Group("image", "process"), Group("path", "dll"), Group("account", "user")),
}
_ABROAD: Mapping[str, tuple[str, ...]] = {
    "host.os.type": ("linux", "windows", "macos"),
    "host.os.family": ("debian", "windows", "macos"),
    "event.category": ("session", "package"),
    "event.type": ("end", "access", "deletion", "info"),
    "event.kind": ("metric", "state"),
    "event.outcome": ("failure", "success"),
    "network.direction": ("internal", "ingress", "egress"),
}
_SYSTEM = "host.os.type"
_VALUE = "value-"
_MOST_VALUES = 20
"""So many values of one field, at most, where the rule counts them."""


Told: TypeAlias = tuple[str, Mapping[str, str], tuple[tuple[str, str], ...]]
"""A derived field, the conditions of its values, and the log's fields there with those of the event."""


@dataclass(frozen=True)
class Shape:
    """The kind of events to write: a record, or none where the taxonomy knows none of what the rule asks.

    `absent` are fields that only other records of the family have; `derived` the values of fields that
    Elastic computes, which have no others; `asked` the fields that the whole rule asks; `looked_up` those
    among them that Elastic looks up by another field. `excluded` are the leaves that exclude some synonyms;
    `parts` the fields among those asked that a log holds as parts of one value, `twins` the groups that it
    holds as one, `worded` the fields that it has one word for, `spelled` those that it spells by words of its
    own where it has other fields' texts as well; `tellings` how many further ways there are to tell a derived
    field's value; `told_by_path` the groups of fields in whose path the system shows; `spoken_of` the systems
    of the rule's other records: their events have other paths, and their own shapes; `told_beside` the
    derived fields among those asked, beside fields that they are derived from.
    """

    record: Record | None
    system: str
    index: tuple[str, ...] = ()
    usual: Mapping[str, Any] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    absent: frozenset[str] = frozenset()
    derived: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    looked_up: Sources = field(default_factory=dict)
    excluded: frozenset[Predicate] = frozenset()
    parts: tuple[Parts, ...] = ()
    twins: tuple[tuple[Group, Group], ...] = ()
    worded: tuple[Worded, ...] = ()
    tellings: Mapping[str, int] = field(default_factory=dict)
    spelled: Mapping[str, tuple[tuple[str, Words], ...]] = field(default_factory=dict)
    told_by_path: frozenset[Group] = frozenset()
    spoken_of: Mapping[str, frozenset[str]] = field(default_factory=dict)
    maps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    told_beside: tuple[Told, ...] = ()

    @property
    def selecting(self) -> tuple[str, ...]:
        """The fields by which the record is known; only logs of one provider number their events."""
        if self.record is None:
            return ()
        numbered = "event.code" in self.asked or "event.provider" in self.record.when
        return tuple(name for name in self.record.when if numbered or name != "event.code")

    def is_single(self, name: str) -> bool:
        """Whether the record's events have one value in the field, always the same."""
        return self.record is not None and len(self.record.when.get(name, ())) == 1

    def selector(
        self, group: Group, literals: Sequence[Literal], tests: Tests, strict: bool
    ) -> Values | None:
        """Values for a selecting field (or two that hold the same); {} for missing, None for none."""
        assert self.record is not None
        names = [name for name in self.selecting if group_of(name) == group]
        known = self._preferred(names[0])
        whole = names[0] in self.record.all_of
        written = [known] if whole else [[value] if names[0] in ARRAYS else value for value in known]
        spoken = [dict.fromkeys(names, value) for value in written]
        # Synonyms are one happening: what is not to be one of them must be something else altogether.
        # An exclusion of some of them falls away in translations: there another synonym will do.
        turned = not any(wanted for _, wanted in literals) and any(
            tests.holds(leaf, made) for leaf, _ in literals if leaf not in self.excluded for made in spoken
        )
        for made in () if turned else spoken:
            if tests.fit(made, literals):
                return made
        if strict:
            return None
        inside = {str(value).lower() for value in known} | self.spoken_of.get(names[0], frozenset())
        abroad = [one for one in (*_ABROAD.get(names[0], ()), "other") if str(one).lower() not in inside]
        for value in abroad:
            made = {name: [value] if name in ARRAYS else value for name in names}
            if tests.fit(made, literals):
                return made
        for own, value in product(known if whole else (), abroad):
            made = {name: [own, value] for name in names}
            if tests.fit(made, literals):
                return made
        return {} if tests.fit({}, literals) else None

    def holding(self, names: frozenset[str]) -> Shape:
        """The shape of events that have these fields: parts of one value where a log holds them so, and
        what tells derived ones."""
        if self.record is None:
            return self
        parts, told = parts_of(self.record, names), _told_beside(self.record, names, self.maps)
        return replace(self, parts=parts, told_beside=told)

    def is_told(self, event: Mapping[str, Any]) -> bool:
        """Whether no derived field says otherwise than the fields that a log derives it from."""
        return all(
            agreeing(event.get(name), table, {own: event[ecs] for own, ecs in beside if ecs in event})
            for name, table, beside in self.told_beside
        )

    def on_its_system(self, event: Values) -> Values:
        """The event, if it is of another system than the record's, with the rest that tells of the system."""
        system = str(event.get("host.os.type"))
        own = self.record.when.get("host.os.type", (system,)) if self.record is not None else (system,)
        if system in own or system not in _HOSTS:
            return event
        told = {name: value for name, value in _HOSTS[system].items() if name not in self.asked}
        return {**event, **told}

    def by_synonym(self, event: Mapping[str, Any], predicate: Predicate, tests: Tests) -> bool:
        """Whether the predicate takes the record's event but for a synonym (of the same happening). Not where
        it excludes this one, which translations do not."""
        known = self.record.when if self.record is not None else {}
        if not known or any(tests.holds(leaf, event) for leaf in (predicate, *self.excluded)):
            return False
        if not self.has(event):
            return False
        return any(
            tests.holds(predicate, {**event, name: [value] if name in ARRAYS else value})
            for name in self.selecting
            if name in event
            for value in known[name]
        )

    def has(self, event: Mapping[str, Any]) -> bool:
        """Whether the event is of the record, by the fields that it has of those which tell that."""
        known = self.record.when if self.record is not None else {}
        return all(_one_of(event.get(name), known[name]) for name in self.selecting)

    def computed(self, name: str, literals: Sequence[Literal], tests: Tests) -> Values | None:
        """A value of a derived field: a source always writes one."""
        fitting = ({name: value} for value in self.derived[name] if tests.fit({name: value}, literals))
        return next(fitting, None)

    def _preferred(self, name: str) -> list[Any]:
        """The record's values; data sets that the rule's index patterns name come first."""
        assert self.record is not None
        known = list(self.record.when[name])
        if name.endswith("dataset") and self.index:
            known.sort(
                key=lambda value: not any(fnmatch.fnmatch(f"logs-{value}-default", p) for p in self.index)
            )
        return known


def shapes(
    predicate: Predicate, taxonomy: Taxonomy, index: Sequence[str], tests: Tests, asked: frozenset[str]
) -> Iterator[Shape]:
    """The records that the predicate speaks of, in the taxonomy's order; if none, one without."""
    records = [(one.with_fields(asked), rest) for one, rest in spoken(predicate, index, taxonomy)]
    names = [record.name for record, _ in held(records)]
    found = [record for record, _ in spoken(predicate, index, taxonomy) if record.name in names]
    several = dict(_several(predicate))
    for record in found:
        shape = of_record(record, taxonomy, tuple(index), asked, found)
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
    return Shape(None, system, tuple(index), {**_COMMON, **stream}, derived=derived, asked=asked)


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


def of_record(
    record: Record,
    taxonomy: Taxonomy,
    index: tuple[str, ...],
    asked: frozenset[str],
    spoken: Sequence[Record] = (),
) -> Shape:
    """The shape of a record's events; `spoken` are all the records that the predicate speaks of."""
    usual = {**_COMMON, **_HOSTS.get(record.os, {}), **_FAMILIES.get(record.family, {}), **_always(record)}
    family = tuple(other for other in taxonomy.records if other.family == record.family)
    told: dict[str, list[Cell]] = {}
    for name, row in record.cells.items():
        if found := [cell for cell in row.values() if cell is not None and cell.conversion == "told"]:
            told[name] = found
    derived = {name: _together(taxonomy.maps[cells[-1].argument]) for name, cells in told.items()}
    derived |= _constants(record)
    groups = tuple(one for one in _GROUPS.get(record.family, ()) if not _said_otherwise(one, record, asked))
    foreign = taxonomy.selectors - set(record.when) - set(record.cells)
    looked_up = {
        name: source
        for profile in record.shapes
        for name, source in lookups(record, profile, taxonomy).items()
        if name in asked
    }
    derived |= {
        name: _words(table)
        for name, (source, table) in looked_up.items()
        if source not in asked and name not in derived and table.get(OTHERWISE) != UNKNOWN
    }
    return Shape(
        record,
        record.os,
        index,
        usual,
        groups,
        elsewhere(record, (*family, *spoken)) | foreign,
        derived,
        asked,
        looked_up,
        twins=twins_of(record),
        worded=worded_of(record, asked, taxonomy.maps),
        spelled=spelled_in(record, asked, taxonomy.maps),
        tellings=_tellings(record, told, taxonomy.maps),
        told_by_path=_told_by_path(record, asked),
        maps=taxonomy.maps,
        spoken_of={
            _SYSTEM: frozenset(str(one) for other in spoken for one in other.when.get(_SYSTEM, ())),
        },
    )


def _tellings(
    record: Record, told: Mapping[str, Sequence[Cell]], maps: Mapping[str, Mapping[str, str]]
) -> dict[str, int]:
    """How many further ways there are to tell a derived field's value, or one that is in either of two."""
    two = {
        name: 1
        for name, row in record.cells.items()
        if any(cell is not None and cell.conversion == "fallback" for cell in row.values())
    }
    return two | {name: max(tellings(maps[cell.argument]) for cell in cells) for name, cells in told.items()}


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
        plain = [(cell.field, ecs) for ecs, cell in record.cells_of(profile, "same") if ecs in names]
        for name, cell in record.cells_of(profile, "told"):
            table = maps[cell.argument]
            told_by = {
                atom.field
                for text in table.values()
                if text != "?"
                for branch in alternatives(text)
                for atom in branch
            }
            beside = tuple((own, ecs) for own, ecs in plain if own in told_by and ecs != name)
            if name in names and beside:
                found.append((name, table, beside))
    return tuple(found)


def _told_by_path(record: Record, asked: frozenset[str]) -> frozenset[Group]:
    """The groups of fields by whose path some profile tells the record from others, or of which the rule asks
    a part of the path, which ends at the system's own separator."""
    marked = {
        name
        for profile, shape in record.shapes.items()
        for name, cell in record.cells_of(profile)
        if cell.field in shape.like or cell.field in shape.unlike
    }
    parts = {name for name in asked if name.endswith((".name", ".extension", ".directory"))}
    return frozenset(map(group_of, marked | parts))


def _one_of(value: Any, known: Sequence[Any]) -> bool:
    """Whether a selecting field that the event has, if any, has one of the record's values."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    return not items or not {str(one).lower() for one in known}.isdisjoint(str(one).lower() for one in items)


def with_absent(shape: Shape) -> Shape:
    """Events of the kind that also have what the taxonomy knows from other records only."""
    return replace(shape, absent=frozenset())


def beyond(shape: Shape) -> Shape:
    """Events of the kind that also have what the taxonomy knows from other records only, or not at all."""
    derived = {name: values[0] for name, values in shape.derived.items() if values}
    return replace(shape, absent=frozenset(), derived={}, usual={**shape.usual, **derived})


def _always(record: Record) -> dict[str, str]:
    """What every event of the record has, whatever the log says of it: a value of its own where the table has
    none."""
    return {
        name: cell.argument or "x7"
        for name, row in record.cells.items()
        for cell in row.values()
        if cell is not None and cell.conversion == "always"
    }


def _constants(record: Record) -> dict[str, tuple[Any, ...]]:
    """The fields that have one and the same value in every event of the record."""
    return {
        name: (cell.argument,)
        for name, row in record.cells.items()
        for cell in row.values()
        if cell is not None and cell.conversion == "always" and cell.argument
    }


def _together(table: Mapping[str, str]) -> tuple[Any, ...]:
    """The values of a derived field, each with those that are always there."""
    always = [value for value, text in table.items() if text == "always"]
    found = ([*dict.fromkeys((*always, value))] for value in table)
    return tuple(values if len(values) > 1 else values[0] for values in found)


def _words(table: Mapping[str, str]) -> tuple[Any, ...]:
    """What a map of looked-up values writes: each time one word, or several, with those of any value."""
    found = dict.fromkeys(tuple(sorted(words_of(key.replace("*", "x"), table) - {UNKNOWN})) for key in table)
    return tuple(words[0] if len(words) == 1 else list(words) for words in found if words)


def _system(predicate: Predicate, tests: Tests) -> str:
    """The operating system that the predicate takes, Windows first; "" where it does not care."""
    asked = [leaf for leaf in leaves(predicate) if tests.asks(leaf, "host.os.type")]
    for system in ("windows", "linux", "macos"):
        if any(tests.holds(leaf, {"host.os.type": system}) for leaf in asked):
            return system
    windows = any("\\" in repr(leaf) or ".exe" in repr(leaf) for leaf in leaves(predicate))
    return "windows" if windows else "linux"


def moment(milliseconds: int) -> str:
    """A time of a case, so long after its first event."""
    when = START + timedelta(milliseconds=milliseconds)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
