"""The tests by which records know their events, and which of them an event passes.

A test asks the record's selecting fields (`when`). An event is tested for few records: what it has in each
selecting field leaves a few of the tests open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from converter.frozen import dataclass
from converter.taxonomy.model import Record

_OPTIONAL = frozenset(
    {
        "event.kind",
        "event.outcome",
        "event.action",
        "host.os.family",
        "event.dataset",
        "data_stream.dataset",
        "event.module",
        "winlog.event_id",
        "cloud.provider",
    }
)
"""Selectors that not every data source writes; an event without them still is of the record."""
_NONE: frozenset[str] = frozenset()
_DATASETS = ("event.dataset", "data_stream.dataset")


_OTHER = frozenset({"\ue000"})
"""Texts that no record has in the field."""


class _Places(NamedTuple):
    """The tests, each a bit by its place, that one field leaves open: `known`, those that look for a text;
    `others`, those that an event passes whatever it has there; `missing`, those that it passes without it.
    `barred`: texts in lower case by which events are of some other record."""

    known: Mapping[str, int]
    others: int
    missing: int
    barred: frozenset[str]


@dataclass(frozen=True, eq=False)
class Selection:
    """The records' tests for rules of which this decides (`asked`), each made when an event is tested by it;
    `fields`: those that they look at, with what each leaves open."""

    records: Sequence[Record]
    asked: frozenset[tuple[str, bool]]
    fields: Mapping[str, _Places]

    def test(self, place: int) -> Test:
        """That of the record at the place."""
        record = self.records[place]
        return test_of(record, frozenset([one for one in self.asked if one[0] in record.when]))

    def known(self, name: str, texts: frozenset[str]) -> frozenset[str]:
        """Those of a field's texts that decide something; all others are as one."""
        places = self.fields[name]
        found = [text for text in texts if text in places.known or text.lower() in places.barred]
        return frozenset(found) if found or not texts else _OTHER


@lru_cache(maxsize=4096)
def passed_by(selection: Selection, values: frozenset[tuple[str, frozenset[str]]]) -> Sequence[Test]:
    """The tests that an event with these texts in its selecting fields passes, whatever the rule."""
    texts = dict(values)
    left = (1 << len(selection.records)) - 1
    for name, (known, others, missing, _) in selection.fields.items():
        found = texts.get(name)
        if not found:
            left &= missing
            continue
        passed = others
        for text in found:
            passed |= known.get(text, 0)
        left &= passed
    return [test for test in map(selection.test, _bits(left)) if test.takes(texts)]


def _bits(number: int) -> Iterator[int]:
    """The places of the bits that are set, from the lowest up.

    >>> list(_bits(0b10010))
    [1, 4]
    """
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


@lru_cache(maxsize=64)
def selection_of(records: Sequence[Record], asked: frozenset[tuple[str, bool]]) -> Selection:
    """`asked`: what of the rule decides, where many rules ask the same."""
    index, whole = _index(records), dict(asked)
    return Selection(records, asked, {name: index.places(name, whole.get(name)) for name in index.fields})


class _Index:
    """What each selecting field leaves open of the records' tests: whatever a rule asks of the others."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._every = (1 << len(records)) - 1
        self.fields: dict[str, list[tuple[int, Record]]] = {}
        """By which records are told: each with those that have values of it, and their bits."""
        self._barred: dict[str, set[str]] = {}
        for place, record in enumerate(records):
            for name, texts in record.barred.items():
                self._barred.setdefault(name, set()).update(texts)
            for name in (*record.barred, *_DATASETS):
                self.fields.setdefault(name, [])
            for name in record.when:
                self.fields.setdefault(name, []).append((1 << place, record))
        self._places: dict[tuple[str, bool | None], _Places] = {}

    def places(self, name: str, asked: bool | None) -> _Places:
        """What the field leaves open, for rules that ask it so."""
        found = self._places.get((name, asked))
        if found is None:
            found = self._places[name, asked] = self._left_open(name, asked)
        return found

    def _left_open(self, name: str, asked: bool | None) -> _Places:
        known: dict[str, int] = {}
        others = missing = self._every
        for bit, record in self.fields[name]:
            others ^= bit
            missing ^= 0 if asked is None and _may_be_missing(name, record) else bit
            for text in _texts(record, name, asked):
                known[text] = known.get(text, 0) | bit
        return _Places(known, others, missing, frozenset(self._barred.get(name, ())))


_index = lru_cache(maxsize=4)(_Index)


def deciding(records: Sequence[Record], asked: Mapping[str, bool]) -> frozenset[tuple[str, bool]]:
    """What of that which the rule asks changes a record's test: that a field may not be missing, or that it
    is compared with its case where the record's values have capital letters."""
    optional, capital = _changed(records)
    return frozenset(
        (name, cased and name in capital)
        for name, cased in asked.items()
        if name in optional or (cased and name in capital)
    )


@lru_cache(maxsize=64)
def _changed(records: Sequence[Record]) -> tuple[frozenset[str], frozenset[str]]:
    """The selecting fields that may be missing for some record, and those with capital letters in a value."""
    selectors = [(record, name, values) for record in records for name, values in record.when.items()]
    return (
        frozenset(name for record, name, _ in selectors if _may_be_missing(name, record)),
        frozenset(name for _, name, values in selectors for one in map(str, values) if one != one.lower()),
    )


def _may_be_missing(name: str, record: Record) -> bool:
    """Whether an event without the selecting field still is of the record, for rules that do not ask it."""
    return name in _OPTIONAL or (name == "event.code" and "event.category" in record.when)


class _Selector(NamedTuple):
    """A selecting field, its values, whether it may be missing and whether it has all of them."""

    name: str
    texts: frozenset[str]
    optional: bool
    whole: bool


def _selector(record: Record, name: str, asked: bool | None) -> _Selector:
    """`asked`: whether the rule asks the field with its case; None where it does not ask it."""
    optional = asked is None and _may_be_missing(name, record)
    return _Selector(name, frozenset(_texts(record, name, asked)), optional, name in record.all_of)


def _texts(record: Record, name: str, asked: bool | None) -> Iterable[str]:
    """The field's values, in lower case where nothing asks for their case."""
    texts = map(str, record.when[name])
    return texts if asked else map(str.lower, texts)


@dataclass(frozen=True, slots=True)
class Test:
    record: Record
    shares: bool
    """Some log holds the record's events among another's: they are there for any rule."""
    selectors: tuple[_Selector, ...]
    """First those that few events pass."""
    stream: bool
    """Nothing selects but what may be missing: the event must name its data stream."""

    def takes(self, texts: Mapping[str, frozenset[str]]) -> bool:
        for name, known, optional, whole in self.selectors:
            found = texts.get(name, _NONE)
            if known.isdisjoint(found) and (found or not optional):
                return False
            if whole and not known <= found:
                return False
        for name, known in self.record.barred.items():
            if not known.isdisjoint(map(str.lower, texts.get(name, _NONE))):
                return False
        return not self.stream or any(name in texts for name in _DATASETS)


@lru_cache(maxsize=8192)
def test_of(record: Record, own: frozenset[tuple[str, bool]]) -> Test:
    """`own`: what is asked of the record's own selecting fields, mostly nothing."""
    asked = dict(own)
    selectors = [_selector(record, name, asked.get(name)) for name in record.when]
    selectors.sort(key=lambda one: (one.name not in _DATASETS, one.optional, len(one.texts)))
    stream = all(name in _OPTIONAL or name == "event.category" for name in record.when)
    shares = any(shape.shared for shape in record.shapes.values())
    return Test(record, shares, tuple(selectors), stream)
