"""Which events belong to a rule's log source, and what they look like to the rule.

Raw Windows events, and flat ones that name their channel, provider or event id, are told by the table
`logsources.yaml`; fields of a Windows log that the rule's category calls otherwise are renamed to it. Flat
events with `$logsource` are of the log source that it names. Flat events that say nothing are taken as of
the rule's log source: whoever runs the rule over them says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from sigma.rule import SigmaLogSource

from converter.evaluate.result import Event
from converter.evaluate.sigma.windows import MADE_OF, RawEvent, digests, lifted, raw_event
from converter.kept import read_yaml
from converter.source import NotSupportedError

Flat: TypeAlias = Mapping[str, Any]
"""An event by the rule's field names."""
View: TypeAlias = Callable[[Event], Flat | None]
"""Gives the event by the rule's field names; None where it is not of the rule's log source."""

_MARK = "$logsource"
_PLAIN = frozenset({str, int, float, bool, type(None)})
"""The classes of values that hold no others."""
_PARTS = ("category", "product", "service")
_TELLING = frozenset((_MARK, "Event", "System", "EventID", "Channel", "Provider_Name"))


@cache
def _tables() -> Mapping[str, Any]:
    tables: Mapping[str, Any] = read_yaml(Path(__file__).parent / "logsources.yaml")
    return tables


@cache
def _services(table: str) -> Mapping[str, frozenset[tuple[str, str]]]:
    """Channel or provider, in lower case -> the products and services that it stands for."""
    found: dict[str, set[tuple[str, str]]] = {}
    for product, services in _tables()[table].items():
        for service, names in services.items():
            for name in names:
                found.setdefault(name.lower(), set()).add((product, service))
    return {name: frozenset(services) for name, services in found.items()}


def view(logsource: SigmaLogSource, nested: bool) -> View:
    """How events look to a rule of this log source; `nested`: the rule reads fields inside of objects.

    The view raises NotSupportedError for a raw event if the table doesn't know the rule's log source.
    """
    named = (logsource.category, logsource.product, logsource.service)
    category, product, service = (part.lower() if part else None for part in named)
    asked = (category, product, service)
    recorded = _Recorded(category, product, service)
    marks: dict[tuple[Any, ...], Callable[[Event], Flat | None]] = {}

    def see(event: Event) -> Flat | None:
        raw = raw_event(event) if "Event" in event or "System" in event else None
        if raw is not None:
            return recorded.of_log(raw)
        seen: Flat | None = event
        mark = event.get(_MARK)
        if mark.__class__ is dict or isinstance(mark, Mapping):
            key = tuple(map(mark.get, _PARTS))
            if key not in marks:
                marks[key] = _marked(asked, key, recorded)
            seen = marks[key](event)
        elif "EventID" in event or "Channel" in event or "Provider_Name" in event:
            seen = recorded.of(event)
        return _flattened(seen) if nested and seen is not None else seen

    return see


def read_by_view(logsource: SigmaLogSource) -> frozenset[str]:
    """The fields by which the view of this log source tells whether an event is of it, or makes others."""
    category = (logsource.category or "").lower()
    lifts, conditions = (_tables()[name].get(category, {}).values() for name in ("lift", "conditions"))
    named = (name for fields in lifts for name in fields.values())
    return _TELLING.union(MADE_OF, named, *conditions)


def _marked(
    asked: tuple[str | None, str | None, str | None], mark: tuple[Any, ...], recorded: _Recorded
) -> Callable[[Event], Flat | None]:
    """How events with this mark look to a rule that asks for a log source."""
    category, product, service = (None if part is None else str(part).lower() for part in mark)
    categories = (None, category, _tables()["within"].get(category))
    if asked[0] in categories and asked[1] in (None, product) and asked[2] in (None, service):
        return lambda event: event
    channels = _tables()["channels"].get(product, {}).get(service)
    if category is None and channels:
        return lambda event: recorded.of({**event, "Channel": channels[0]})
    return lambda event: None


class _Recorded:
    """Events that say where they were recorded, as rules of one log source see them."""

    def __init__(self, category: str | None, product: str | None, service: str | None) -> None:
        tables = _tables()
        self._category, self._product, self._service = category, product, service
        products = [product] if product else list(tables["channels"])
        self._logged = any(name in tables["channels"] for name in products)
        self._ids = {
            (name, where): None if ids == "all" else frozenset(map(str, ids))
            for name in products
            for where, ids in tables["categories"].get(name, {}).get(category, {}).items()
            if service in (None, where)
        }
        services = tables["channels"].get(product, {})
        self._unknown = product in tables["channels"] and (
            (category is not None and category not in tables["categories"][product])
            or (service is not None and service not in services)
        )
        self._conditions = tables["conditions"].get(category, {})
        self._lifts = tables["lift"].get(category, {})

    def of_log(self, raw: RawEvent) -> Flat | None:
        """A raw event, which says all it can, if it is of the log source."""
        if self._unknown:
            asked = "/".join(part for part in (self._product, self._category, self._service) if part)
            raise NotSupportedError(f"raw Windows events for the log source {asked}")
        places = _places(raw.channel, raw.provider)
        values = {**raw.values, **digests(raw.values)}
        if not places and not self._category and not self._service and self._product in (None, "windows"):
            return values  # a log that the table does not know is Windows' all the same
        return self._placed(places or frozenset(), values)

    def of(self, event: Flat) -> Flat | None:
        """A flat event with a channel, a provider or an event id, if it can be of the log source."""
        places = _places(event.get("Channel"), event.get("Provider_Name"))
        if not self._logged or self._unknown:
            return None if places else event
        if places is not None:
            return self._placed(places, event)
        if self._ids and str(event.get("EventID", "")).isdecimal():
            return self._placed(frozenset(self._ids), event)
        return event

    def _placed(self, places: frozenset[tuple[str, str]], event: Flat) -> Flat | None:
        for place in sorted(places):
            if self._takes(place, event):
                return lifted(event, self._lifts[place[1]]) if place[1] in self._lifts else event
        return None

    def _takes(self, place: tuple[str, str], event: Flat) -> bool:
        product, service = place
        if self._product not in (None, product) or self._service not in (None, service):
            return False
        if self._category is None:
            return True
        if place not in self._ids:
            return False
        ids = self._ids[place]
        if ids is not None and str(event.get("EventID")) not in ids:
            return False
        conditions = self._conditions.get(service, {})
        return all(event.get(name) in (None, *values) for name, values in conditions.items())


def _places(channel: Any, provider: Any) -> frozenset[tuple[str, str]] | None:
    """The products and services that an event's channel, or else its provider, stands for; None: unknown."""
    if isinstance(channel, str) and channel:
        return _services("channels").get(channel.lower(), frozenset())
    if isinstance(provider, str):
        return _services("providers").get(provider.lower())
    return None


def _flattened(event: Event) -> Flat:
    """Nested objects by dotted names; arrays stay, those of objects are gathered by name."""
    flat: dict[str, Any] = dict(event)
    flat.pop(_MARK, None)
    if _PLAIN.issuperset(map(type, flat.values())) or not any(map(_holds_objects, flat.values())):
        return flat
    flat = {}
    for name, value in _leaves("", event):
        flat[name] = [*_many(flat[name]), *_many(value)] if name in flat else value
    return flat


def _holds_objects(value: Any) -> bool:
    if isinstance(value, list):
        return any(item.__class__ is not str and isinstance(item, Mapping) for item in value)
    return isinstance(value, Mapping)


def _leaves(prefix: str, node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        if key == _MARK:
            continue
        name = f"{prefix}{key}"
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, Mapping):
            yield from _leaves(f"{name}.", value)
        elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            for item in value:
                yield from _leaves(f"{name}.", item) if isinstance(item, Mapping) else [(name, item)]
        else:
            yield name, value


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
