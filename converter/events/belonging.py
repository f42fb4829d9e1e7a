"""Of which records an event is: found once for each event, whatever the profiles.

A record's selecting fields (`when`) each need one of its values; those that not every data source writes
may be missing, unless the rule asks them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from converter.evaluate.remembered import hashable
from converter.evaluate.result import Event
from converter.events.row_plan import Form, form_of
from converter.frozen import dataclass
from converter.lowering.recognise import named
from converter.taxonomy.generic import ALERT_FIELDS
from converter.taxonomy.model import Record

Flat: TypeAlias = Mapping[str, Any]
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


def flatten(event: Event, prefix: str = "") -> dict[str, Any]:
    """Dotted keys; arrays of objects become arrays of values."""
    flat: dict[str, Any] = {}
    for key, value in event.items():
        name = f"{prefix}{key}"
        if isinstance(value, str | int):
            flat[name] = value
        elif isinstance(value, Mapping):
            flat.update(flatten(value, f"{name}."))
        elif _is_nested(value):
            for item in value:
                for inner, found in flatten(item, f"{name}.").items() if isinstance(item, Mapping) else ():
                    flat.setdefault(inner, [])
                    flat[inner] = [*flat[inner], *(found if isinstance(found, list) else [found])]
        else:
            flat[name] = value
    return flat


def _is_nested(value: Any) -> bool:
    """Whether the value holds fields of its own."""
    return isinstance(value, Mapping) or (
        isinstance(value, list) and any(isinstance(item, Mapping) for item in value)
    )


@dataclass(frozen=True, slots=True)
class Belonging:
    """A flat event with its form, and the records that it is of and that the rule speaks of."""

    event: Flat
    form: Form
    records: tuple[Record, ...]


class Membership:
    """Finds the records of events for one rule, and keeps what it found: many profiles ask the same."""

    def __init__(self, records: Iterable[Record], asked: Mapping[str, bool]) -> None:
        records = tuple(records)
        selecting = _selecting(records)
        self._asked = asked
        self._selection = _selection(records, frozenset(one for one in asked.items() if one[0] in selecting))
        self._cased = frozenset(name for name, cased in asked.items() if cased)
        self._selecting: dict[Form, tuple[str, ...] | None] = {}
        self._passed: dict[Hashable, tuple[Record, ...]] = {}
        self._found: dict[int, tuple[Event, Belonging]] = {}

    def of(self, event: Event) -> Belonging:
        """The event's records. Events must not change afterwards."""
        kept = self._found.get(id(event))
        if kept is None:
            kept = self._found[id(event)] = event, self._belonging(event)
        return kept[1]

    def takes(self, event: Event) -> bool:
        """Whether the event is of any record; it is not kept."""
        event = flatten(event)
        return bool(self._records(event, form_of(event)))

    def _belonging(self, event: Event) -> Belonging:
        form = form_of(event)
        if any(_is_nested(event[name]) for name in form.others):
            event = flatten(event)
            form = form_of(event)
        return Belonging(event, form, self._records(event, form))

    def _records(self, event: Flat, form: Form) -> tuple[Record, ...]:
        if form not in self._selecting:
            self._selecting[form] = self._selecting_of(form)
        names = self._selecting[form]
        if names is None:
            return ()
        values = [event[name] for name in names]
        key = names, hashable(values)
        found = self._passed.get(key)
        if found is None:  # the same ones for all events with the same selecting values
            texts = map(_texts, values, [name in self._cased for name in names])
            tests = _passed(self._selection, frozenset(zip(names, texts, strict=True)))
            found = self._passed[key] = self._meant(tests)
        return found

    def _selecting_of(self, form: Form) -> tuple[str, ...] | None:
        """The form's fields by which records are told; None for alerts, which are of no record."""
        if any(name.startswith(ALERT_FIELDS) for name in form.names):
            return None
        return tuple(name for name in form.names if name in self._selection.fields)

    def _meant(self, tests: Sequence[_Test]) -> tuple[Record, ...]:
        """The records that the rule can speak of, of those whose tests an event passes."""
        meant = [test for test in tests if named(test.record, self._asked)]
        return tuple(test.record for test in meant or [test for test in tests if test.shares])


def _texts(value: Any, cased: bool) -> frozenset[str]:
    """The texts of a field's value: in lower case where the rule does not look at it."""
    if isinstance(value, str):
        return frozenset((value if cased else value.lower(),))
    items = value if isinstance(value, list) else () if value is None else (value,)
    whole = map(str, items)
    return frozenset(whole if cased else (text.lower() for text in whole))


@dataclass(frozen=True, eq=False)
class _Selection:
    """The tests of all records, with their index; `fields`: those that they look at."""

    tests: Sequence[_Test]
    index: Mapping[str, Mapping[str, Sequence[int]]]
    fields: frozenset[str]


@lru_cache(maxsize=4096)
def _passed(selection: _Selection, values: frozenset[tuple[str, frozenset[str]]]) -> Sequence[_Test]:
    """The tests that an event with these texts in its selecting fields passes, whatever the rule."""
    texts = dict(values)
    places: set[int] = set()
    for name, known in selection.index.items():
        for text in texts.get(name, _NONE) if name else ("",):
            places.update(known.get(text, ()))
    return [test for place in sorted(places) if (test := selection.tests[place]).takes(texts)]


@lru_cache(maxsize=64)
def _selection(records: Sequence[Record], asked: frozenset[tuple[str, bool]]) -> _Selection:
    """`asked`: what the rule asks of the selecting fields, where many rules ask the same."""
    tests = tuple(
        _test(record, frozenset([one for one in asked if one[0] in record.when])) for record in records
    )
    return _Selection(tests, _index(tests), _selecting(records))


@lru_cache(maxsize=64)
def _selecting(records: Sequence[Record]) -> frozenset[str]:
    """The fields by which records are told."""
    return frozenset(name for record in records for name in (*record.when, *record.barred, *_DATASETS))


def _index(tests: Sequence[_Test]) -> dict[str, dict[str, list[int]]]:
    """Selecting field -> value -> the places of the tests whose events must have it; those that demand
    nothing under the empty name. An event is then tested for few records."""
    index: dict[str, dict[str, list[int]]] = {}
    for place, test in enumerate(tests):
        demanded = [(name, known) for name, known, optional, _ in test.selectors if not optional]
        name, known = min(demanded, key=lambda one: len(one[1]), default=("", frozenset({""})))
        for text in known:
            index.setdefault(name, {}).setdefault(text, []).append(place)
    return index


@dataclass(frozen=True, slots=True)
class _Test:
    record: Record
    shares: bool
    """Some log holds the record's events among another's: they are there for any rule."""
    selectors: tuple[tuple[str, frozenset[str], bool, bool], ...]
    """Each selecting field, its values, whether it may be missing and whether it has all of them; first those
    that few events pass."""
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
def _test(record: Record, own: frozenset[tuple[str, bool]]) -> _Test:
    """`own`: what is asked of the record's own selecting fields, mostly nothing."""
    asked = dict(own)
    selectors: list[tuple[str, frozenset[str], bool, bool]] = []
    for name, values in record.when.items():
        texts = map(str, values)
        known = frozenset(texts if asked.get(name) else (text.lower() for text in texts))
        optional = name in _OPTIONAL or (name == "event.code" and "event.category" in record.when)
        selectors.append((name, known, optional and name not in asked, name in record.all_of))
    selectors.sort(key=lambda selector: (selector[0] not in _DATASETS, selector[2], len(selector[1])))
    stream = all(name in _OPTIONAL or name == "event.category" for name in record.when)
    shares = any(shape.shared for shape in record.shapes.values())
    return _Test(record, shares, tuple(selectors), stream)
