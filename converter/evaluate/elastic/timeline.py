"""Events in time order, and the keys that join them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any, TypeAlias

from converter.evaluate.elastic.fields import field_getter, flat, values
from converter.evaluate.elastic.typed import instant, script_value
from converter.evaluate.result import Event
from converter.frozen import dataclass
from converter.ir import Key

KeyValues: TypeAlias = tuple[Any, ...]

INDICATOR = "$indicator"
"""The key that marks an event as an entry of the indicator index; no other detection sees such an event."""
FOREIGN = "$foreign"
"""The key that marks a row that only other logs hold; no detection sees it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An event in time: `time` in milliseconds, `number` its place in the input."""

    time: int
    number: int
    event: Event


def timeline(events: Sequence[Event], timestamp_field: str, ordered: bool) -> list[Moment]:
    """The events by time and then by input order, which stands for the shard's order.

    Events without a time come first, as Elasticsearch sorts them, or are left out where the order of events
    is what is asked (`ordered`). Where no event at all has a time, input order is the order of events.
    """
    get = field_getter(timestamp_field)
    plain = [(number, event) for number, event in enumerate(events) if is_event(event)]
    timed, untimed = [], []
    for number, event in plain:
        found = next((time for value in flat(get(event)) if (time := instant(value)) is not None), None)
        if found is not None:
            timed.append(Moment(found, number, event))
        else:
            untimed.append(Moment(0, number, event))
    timed.sort(key=lambda moment: (moment.time, moment.number))
    return timed if timed and ordered else untimed + timed


def has_time(events: Sequence[Event], timestamp_field: str) -> bool:
    """Whether some event has a time."""
    get = field_getter(timestamp_field)
    return any(instant(value) is not None for event in events for value in flat(get(event)))


def is_indicator(event: Event) -> bool:
    """Whether the event is an entry of the indicator index."""
    return event.get(INDICATOR) is True


def is_event(event: Event) -> bool:
    """Whether detections see it: neither an entry of the indicator index nor a row of other logs alone."""
    return not is_indicator(event) and FOREIGN not in event


def combinations(
    names: Sequence[str], field_type: Callable[[str], str]
) -> Callable[[Mapping[str, Any]], list[KeyValues]]:
    """Reads the combinations of the fields' values; none where a field is missing.

    A field with several values takes part with each.
    """
    return key_reader([Key(name) for name in names], field_type)


def key_reader(
    keys: Sequence[Key], field_type: Callable[[str], str]
) -> Callable[[Mapping[str, Any]], list[KeyValues]]:
    """Reads an event's join keys: the product of the keys' values, as Elasticsearch's sequences take it.

    Null stands for a missing optional key; a missing key that is not optional gives no combination.
    """
    readers = [(field_getter(key.field), script_value(field_type(key.field)), key.optional) for key in keys]

    def read(event: Mapping[str, Any]) -> list[KeyValues]:
        columns: list[list[Any]] = []
        for get, typed, optional in readers:
            found = [_distinct(value) for item in values(get(event)) if (value := typed(item)) is not None]
            if not found:
                if not optional:
                    return []
                found = [None]
            columns.append(list(dict.fromkeys(found)))
        return list(product(*columns))

    return read


def _distinct(value: Any) -> Any:
    """Python takes True for 1; as keys they differ."""
    return ("boolean", value) if isinstance(value, bool) else value
