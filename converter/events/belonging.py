"""Of which records an event is: found once for each event, whatever the profiles.

A record's selecting fields (`when`) each need one of its values; those that not every data source writes
may be missing, unless the rule asks them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from converter.evaluate.remembered import hashable
from converter.evaluate.result import Event
from converter.events.record_tests import Test, deciding, passed_by, selection_of
from converter.events.row_plan import Form, form_of
from converter.frozen import dataclass
from converter.lowering.recognise import named
from converter.taxonomy.generic import ALERT_FIELDS
from converter.taxonomy.model import Record

Flat: TypeAlias = Mapping[str, Any]


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
    if isinstance(value, list):
        return any(item.__class__ is not str and isinstance(item, Mapping) for item in value)
    return isinstance(value, Mapping)


def flat_of(event: Event) -> tuple[Flat, Form]:
    """The event with dotted keys, and its form then."""
    form = form_of(event)
    if form.others and any(_is_nested(event[name]) for name in form.others):
        event = flatten(event)
        form = form_of(event)
    return event, form


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
        self._asked = asked
        self._selection = selection_of(records, deciding(records, asked))
        self._cased = frozenset(name for name, cased in asked.items() if cased)
        self._selecting: dict[Form, tuple[str, ...] | None] = {}
        self._passed: dict[Hashable, tuple[Record, ...]] = {}
        self._found: dict[int, tuple[Event, Belonging]] = {}

    def of(self, event: Event) -> Belonging:
        """The event's records. Events must not change afterwards."""
        kept = self._found.get(id(event))
        if kept is None:
            kept = self._found[id(event)] = event, self.belonging(*flat_of(event))
        return kept[1]

    def takes(self, event: Event) -> bool:
        """Whether the event is of any record; it is not kept."""
        event = flatten(event)
        return bool(self._records(event, form_of(event)))

    def belonging(self, event: Flat, form: Form) -> Belonging:
        """As `of`, of a flat event; it is not kept."""
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
            known = map(self._selection.known, names, texts)
            tests = passed_by(self._selection, frozenset(zip(names, known, strict=True)))
            found = self._passed[key] = self._meant(tests)
        return found

    def _selecting_of(self, form: Form) -> tuple[str, ...] | None:
        """The form's fields by which records are told; None for alerts, which are of no record."""
        if any(name.startswith(ALERT_FIELDS) for name in form.names):
            return None
        return tuple(name for name in form.names if name in self._selection.fields)

    def _meant(self, tests: Sequence[Test]) -> tuple[Record, ...]:
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
