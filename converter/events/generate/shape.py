"""The kind of events that are written: what a record of the taxonomy says of them, and what else is there."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterable, Mapping
from dataclasses import field, replace
from functools import cached_property, lru_cache
from itertools import chain, product
from typing import Any, TypeAlias

from converter.events.generate.asked import Asked
from converter.events.generate.groups import ARRAYS, Group, Values, group_of
from converter.events.generate.literals import Tests
from converter.events.generate.parted import Parts, Worded, Words
from converter.events.generate.read_out import ReadOut
from converter.events.generate.usual import ABROAD, HOSTS
from converter.events.row_values import listed
from converter.events.telling_words import agreeing, further, telling
from converter.frozen import dataclass
from converter.ir import Equals, Predicate
from converter.lowering.recognise import Itself, in_record
from converter.lowering.settle import Sources
from converter.taxonomy.model import Record

_OTHERS = "*"
"""Among the values of a derived field: Elastic is known to write others, which the tables do not tell."""
_UNKNOWN = "?"
UNTOLD = "other"
"""A word that no table tells."""
_SYSTEM = "host.os.type"
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
    derived fields among those asked, beside fields that they are derived from; `split` the fields that
    Elastic splits at blanks; `confined` what holds of the values of those asked in every event;
    `numbered` the ids of processes among them, each with the number that a log has instead; `machine` the
    names of the machine among them; `read_out` the words among those asked that Elastic reads out of an item
    that is asked as well; `set_aside` what is `derived`, where the rule asks for a value that is not.
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
    split: frozenset[str] = frozenset()
    confined: tuple[Predicate, ...] = ()
    numbered: tuple[tuple[str, str], ...] = ()
    machine: tuple[str, ...] = ()
    read_out: tuple[ReadOut, ...] = ()
    set_aside: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    @cached_property
    def selecting(self) -> tuple[str, ...]:
        """The fields by which the record is known; only logs of one provider number their events."""
        if self.record is None:
            return ()
        numbered = "event.code" in self.asked or "event.provider" in self.record.when
        return tuple(name for name in self.record.when if numbered or name != "event.code")

    @cached_property
    def is_plain(self) -> bool:
        """Whether nothing that an event has of one group of fields depends on what it has of another."""
        together = (self.twins, self.worded, self.parts, self.told_beside, self.split, self.read_out)
        return not any((*together, self.looked_up, self.numbered, self.machine))

    def is_single(self, name: str) -> bool:
        """Whether the record's events have one value in the field, always the same."""
        return self.record is not None and len(self.record.when.get(name, ())) == 1

    def selector(self, group: Group, asked: Asked, tests: Tests, strict: bool) -> Values | None:
        """Values for a selecting field (or two that hold the same); {} for missing, None for none."""
        assert self.record is not None
        names = [name for name in self.selecting if group_of(name) == group]
        known = self._preferred(names[0])
        whole = names[0] in self.record.all_of
        written = [known] if whole else [[value] if names[0] in ARRAYS else value for value in known]
        spoken = [dict.fromkeys(names, value) for value in written]
        # Synonyms are one happening: what is not to be one of them must be something else altogether.
        # An exclusion of some of them falls away in translations: there another synonym will do.
        turned = not asked.must and any(
            tests.holds(leaf, made)
            for leaf in tests.numbered.all_of(asked)
            if leaf not in self.excluded
            for made in spoken
        )
        for made in () if turned else spoken:
            if tests.fit(made, asked):
                return made
        if strict:
            return None
        inside = {str(value).lower() for value in known} | self.spoken_of.get(names[0], frozenset())
        abroad = [one for one in (*ABROAD.get(names[0], ()), "other") if str(one).lower() not in inside]
        for value in abroad:
            made = {name: [value] if name in ARRAYS else value for name in names}
            if tests.fit(made, asked):
                return made
        for own, value in product(known if whole else (), abroad):
            made = {name: [own, value] for name in names}
            if tests.fit(made, asked):
                return made
        return {} if tests.fit({}, asked) else None

    def is_told(self, event: Mapping[str, Any]) -> bool:
        """Whether no derived field says otherwise than the fields that a log derives it from."""
        return all(
            agreeing(
                event.get(name),
                table,
                {own: event[ecs] for own, ecs in beside if ecs in event},
                {own for own, ecs in beside if ecs not in event},
            )
            for name, table, beside in self.told_beside
        )

    def telling(self, event: Mapping[str, Any]) -> Values:
        """What tells the event's derived fields, where it has nothing by which a log does."""
        found: Values = {}
        for name, table, beside in self.told_beside:
            has = {**event, **found}
            made = telling(event.get(name), table, {own: has[ecs] for own, ecs in beside if ecs in has})
            if made is not None:
                found |= {ecs: made[own] for own, ecs in beside if own in made and ecs not in has}
        return found

    def further(self, event: Mapping[str, Any]) -> Values:
        """The derived fields of which the event's other fields tell more than it has, with all of it."""
        found: Values = {}
        for name, table, beside in self.told_beside:
            own = {own: event[ecs] for own, ecs in beside if ecs in event}
            if more := further(event.get(name), table, own):
                words = found.get(name, event[name])
                found[name] = list(dict.fromkeys([*listed(words), *more]))
        return found

    @cached_property
    def untold(self) -> tuple[str, ...]:
        """The derived fields among those asked of which Elastic writes words that no log tells."""
        return tuple(
            dict.fromkeys(name for name, table, _ in self.told_beside if table.get(_OTHERS) == _UNKNOWN)
        )

    def is_written(self, name: str, value: Any) -> bool:
        """Whether Elastic writes the value, where it derives the field and all of its values are known."""
        written = (self.derived or self.set_aside).get(name, ())
        known = {str(one) for words in written for one in listed(words)}
        return not known or _OTHERS in known or all(str(one) in known for one in listed(value))

    def in_words(self, event: Mapping[str, Any]) -> bool:
        """Whether no value of a field that is split at blanks has one."""
        values = (event[name] for name in self.split if name in event)
        items = (one for value in values for one in (value if isinstance(value, list) else [value]))
        return not any(" " in str(one) for one in items)

    def on_its_system(self, event: Values) -> Values:
        """The event, if it is of another system than the record's, with the rest that tells of the system."""
        system = str(event.get("host.os.type"))
        own = self.record.when.get("host.os.type", (system,)) if self.record is not None else (system,)
        if system in own or system not in HOSTS:
            return event
        told = {name: value for name, value in HOSTS[system].items() if name not in self.asked}
        return {**event, **told}

    def by_synonym(self, event: Mapping[str, Any], predicate: Predicate, tests: Tests) -> bool:
        """Whether the predicate takes the record's event but for synonyms (of the same happening). Not where
        it excludes this one, which translations do not."""
        return self.has(event) and self.misses_synonym(event, predicate, tests)

    def misses_synonym(self, event: Mapping[str, Any], predicate: Predicate, tests: Tests) -> bool:
        """The same of an event that is known to be of the record. Most near misses it does not take either
        way: what is left of the predicate is asked first."""
        if self.record is None or not self.record.when:
            return False
        if not tests.holds(_left_in(Itself(predicate), self.record), event):
            return False
        return not any(tests.holds(leaf, event) for leaf in (predicate, *self.excluded))

    def has(self, event: Mapping[str, Any]) -> bool:
        """Whether the event is of the record, by the fields that it has of those which tell that."""
        if self.record is None:
            return True
        for name, known, whole in self._known:
            found = event.get(name)
            if found in (None, []) and not whole:
                continue
            own = [str(one).lower() for one in found] if isinstance(found, list) else [str(found).lower()]
            if not (known.issubset(own) if whole else not known.isdisjoint(own)):
                return False
        return True

    @cached_property
    def _known(self) -> tuple[tuple[str, frozenset[str], bool], ...]:
        """The selecting fields, the record's values in small letters; whether an event has all of them."""
        assert self.record is not None
        when, whole = self.record.when, self.record.all_of
        return tuple(
            (name, frozenset(str(one).lower() for one in when[name]), name in whole)
            for name in self.selecting
        )

    def computed(self, name: str, asked: Asked, tests: Tests) -> Values | None:
        """A value of a derived field: a source always writes one. It may be one that is asked and no log
        tells, where Elastic is known to write others."""
        known = self.derived[name]
        others = (leaf.value for leaf in asked.must if isinstance(leaf, Equals))
        fitting = (
            {name: value}
            for value in chain(known, others if _OTHERS in known else ())
            if value != _OTHERS and tests.fit({name: value}, asked)
        )
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


@lru_cache(maxsize=256)
def _left_in(predicate: Itself[Predicate], record: Record) -> Predicate:
    """What is left of the predicate in the record: one object, since tests are compiled for each."""
    return in_record(predicate.value, record)


def with_fields(shape: Shape, names: Collection[str]) -> Shape:
    """Events of the kind that may also have these fields, which only other records are known to have."""
    return replace(shape, absent=shape.absent.difference(names))


def has_one_value(kinds: Iterable[Shape], event: Mapping[str, Any], name: str) -> bool:
    """Whether the event is of one of the kinds whose events have one value in the field, always the same."""
    return any(shape.is_single(name) and shape.has(event) for shape in kinds)


def beyond(shape: Shape) -> Shape:
    """Events of the kind that also have what the taxonomy knows from other records only, or not at all."""
    derived = {name: values[0] for name, values in shape.derived.items() if values}
    return replace(
        shape,
        absent=frozenset(),
        derived={},
        usual={**shape.usual, **derived},
        set_aside=shape.derived,
    )
