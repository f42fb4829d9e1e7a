"""What the rule's data sources would write around the fields that the rule asks.

A record of the taxonomy says which values its events have in the selecting fields; the rest (host, agent,
times, ids) is one coherent machine per operating system.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from converter.events.derived import tellings
from converter.events.generate.dependent import ARRAYS, Group, Values, group_of
from converter.events.generate.parted import Parts, parts_of, twins_of
from converter.events.generate.solve import START, Literal, Tests
from converter.ir import Predicate
from converter.ir.rewrite import leaves
from converter.lowering.conversions.by_value import OTHERWISE, UNKNOWN
from converter.lowering.fields import elsewhere
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


@dataclass(frozen=True)
class Shape:
    """The kind of events to write: a record, or none where the taxonomy knows none of what the rule asks.

    `absent` are fields that only other records of the family have; `derived` the values of fields that
    Elastic computes, which have no others; `asked` the fields that the whole rule asks; `looked_up` those
    among them that Elastic looks up by another field. `excluded` are the leaves that exclude some synonyms;
    `parts` the fields among those asked that a log holds as parts of one value, `twins` the groups that it
    holds as one; `tellings` how many further ways there are to tell a derived field's value.
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
    tellings: Mapping[str, int] = field(default_factory=dict)

    @property
    def selecting(self) -> tuple[str, ...]:
        """The fields by which the record is known; only logs of one provider number their events."""
        if self.record is None:
            return ()
        numbered = "event.code" in self.asked or "event.provider" in self.record.when
        return tuple(name for name in self.record.when if numbered or name != "event.code")

    def selector(
        self, group: Group, literals: Sequence[Literal], tests: Tests, strict: bool
    ) -> Values | None:
        """Values for a selecting field (or two that hold the same); {} for missing, None for none."""
        assert self.record is not None
        names = [name for name in self.selecting if group_of(name) == group]
        known = self._preferred(names[0])
        spoken = [{name: [value] if name in ARRAYS else value for name in names} for value in known]
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
        inside = {str(value).lower() for value in known}
        for value in (*_ABROAD.get(names[0], ()), "other"):
            made = {name: [value] if name in ARRAYS else value for name in names}
            if str(value).lower() not in inside and tests.fit(made, literals):
                return made
        return {} if tests.fit({}, literals) else None

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
    found = [record for record, _ in spoken(predicate, index, taxonomy)]
    for record in found:
        shape = of_record(record, taxonomy, tuple(index), asked, found)
        yield replace(shape, excluded=frozenset(excluded(predicate, record)))
    if not found:
        system = _system(predicate, tests)
        for stream in streams(predicate, index) or ({},):
            derived = {name: (value,) for name, value in stream.items()}
            usual = {**_COMMON, **stream}
            yield Shape(None, system, tuple(index), usual, derived=derived, asked=asked)


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
    groups = _GROUPS.get(record.family, ())
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
        parts=parts_of(record, asked),
        twins=twins_of(record),
        tellings={
            name: max(tellings(taxonomy.maps[cell.argument]) for cell in cells)
            for name, cells in told.items()
        },
    )


def beyond(shape: Shape) -> Shape:
    """Events of the kind that also have what the taxonomy knows from other records only, or not at all."""
    derived = {name: values[0] for name, values in shape.derived.items() if values}
    return replace(shape, absent=frozenset(), derived={}, usual={**shape.usual, **derived})


def _always(record: Record) -> dict[str, str]:
    """What every event of the record has, whatever the log says of it."""
    return {
        name: cell.argument
        for name, row in record.cells.items()
        for cell in row.values()
        if cell is not None and cell.conversion == "always"
    }


def _together(table: Mapping[str, str]) -> tuple[Any, ...]:
    """The values of a derived field, each with those that are always there."""
    always = [value for value, text in table.items() if text == "always"]
    found = ([*dict.fromkeys((*always, value))] for value in table)
    return tuple(values if len(values) > 1 else values[0] for values in found)


def _words(table: Mapping[str, str]) -> tuple[Any, ...]:
    """What a map of looked-up values writes: each time one word, or several."""
    found = dict.fromkeys(tuple(text.split()) for text in table.values())
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
