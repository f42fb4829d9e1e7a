"""Events as a Sigma rule sees them: flat, by the taxonomy's field names.

Two kinds are taken. Raw Windows events (`Event.System`, `Event.EventData` or `UserData`) are flattened and,
for a generic category, their fields renamed to it. Flat events are taken as they are; `$logsource` says
which log source recorded them, and without it that of the rule is taken as given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from converter.evaluate.result import Event

Flat = Mapping[str, Any]
View = Callable[[Event], Flat | None]
"""Gives the event by the rule's field names; None where it is not of the rule's log source."""

_SYSTEM = (
    "EventID",
    "Channel",
    "Computer",
    "Level",
    "Task",
    "Opcode",
    "Keywords",
    "EventRecordID",
    "Version",
)


@cache
def _tables() -> Mapping[str, Any]:
    path = Path(__file__).parent / "logsources.yaml"
    tables: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tables


def view(category: str | None, product: str | None, service: str | None) -> View:
    """How events of any kind look to a rule of this log source."""
    wanted = {"category": category, "product": product, "service": service}
    asked = {key: value.lower() for key, value in wanted.items() if value}
    raw = _raw_view(category, product, service)

    def flat_view(event: Event) -> Flat | None:
        if "Event" in event and isinstance(event["Event"], Mapping):
            return raw(event["Event"])
        logsource = event.get("$logsource")
        if isinstance(logsource, Mapping):
            for key, value in asked.items():
                if str(logsource.get(key, "")).lower() != value:
                    return None
            return event
        return event if all(not isinstance(value, dict) for value in event.values()) else flattened(event)

    return flat_view


def flattened(event: Event, prefix: str = "") -> dict[str, Any]:
    """Nested objects by dotted names; arrays stay, those of objects are gathered by name."""
    flat: dict[str, Any] = {}
    for key, value in event.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat.update(flattened(value, f"{name}."))
        elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            for item in value:
                for inner, found in flattened(item, f"{name}.").items() if isinstance(item, Mapping) else ():
                    flat[inner] = [*_many(flat.get(inner)), *_many(found)]
        else:
            flat[name] = value
    return flat


def _raw_view(category: str | None, product: str | None, service: str | None) -> View:
    """The view of raw Windows events."""
    if product not in (None, "windows"):
        return lambda event: None
    tables = _tables()
    if category is None:
        channels = _channels(service) if service else None
        return lambda event: _of_channel(event, channels)
    sources = tables["categories"].get(category, {})
    accepted = {
        channel.lower(): (name, frozenset(map(str, ids)))
        for name, ids in sources.items()
        if service in (None, name)
        for channel in _channels(name)
    }
    lifts = tables["lift"].get(category, {})
    conditions = tables["conditions"].get(category, {})

    def raw(event: Event) -> Flat | None:
        flat = windows_event(event)
        name, ids = accepted.get(str(flat.get("Channel", "")).lower(), ("", frozenset()))
        if str(flat.get("EventID")) not in ids:
            return None
        for key, values in conditions.get(name, {}).items():
            if flat.get(key) not in values:
                return None
        return _lifted(flat, lifts.get(name, {}))

    return raw


def _of_channel(event: Event, channels: Iterable[str] | None) -> Flat | None:
    flat = windows_event(event)
    if channels is None or str(flat.get("Channel", "")).lower() in {channel.lower() for channel in channels}:
        return flat
    return None


def _channels(service: str) -> tuple[str, ...]:
    found = _tables()["channels"].get(service, ())
    return (found,) if isinstance(found, str) else tuple(found)


def _lifted(flat: dict[str, Any], names: Mapping[str, str]) -> Flat:
    """The event with its fields under the category's names; the log's own names stay beside them."""
    if not names:
        return flat
    lifted = {target: flat[source] for source, target in names.items() if source in flat}
    return {**flat, **lifted}


def windows_event(event: Event) -> dict[str, Any]:
    """`System` and `EventData`/`UserData` of one raw event as one flat object."""
    system = event.get("System", {})
    flat: dict[str, Any] = {}
    for name in _SYSTEM:
        value = system.get(name)
        if value is not None:
            flat[name] = value.get("#text", value) if isinstance(value, Mapping) else value
    provider = system.get("Provider")
    if isinstance(provider, Mapping):
        flat["Provider_Name"] = provider.get("#attributes", provider).get("Name")
    created = system.get("TimeCreated")
    if isinstance(created, Mapping):
        flat["TimeCreated"] = created.get("#attributes", created).get("SystemTime")
    for section in ("EventData", "UserData"):
        data = event.get(section)
        if isinstance(data, Mapping):
            flat.update(_data(data))
    return flat


def _data(data: Mapping[str, Any]) -> dict[str, Any]:
    """The named values of a data section, however deep an envelope they lie in; unnamed ones as `Data`."""
    found: dict[str, Any] = {}
    for name, value in data.items():
        if name == "#attributes":
            continue
        if isinstance(value, Mapping):
            inner = value.get("#text")
            found.update({name: inner} if inner is not None else _data(value))
        else:
            found[name] = value
    return found


def moment(event: Event) -> float | None:
    """When the event happened, in seconds since the epoch, by the first time field that it has."""
    flat = windows_event(event["Event"]) if isinstance(event.get("Event"), Mapping) else event
    for name in ("UtcTime", "@timestamp", "_time", "TimeCreated", "Timestamp", "timestamp", "TimeGenerated"):
        value = flat.get(name)
        if value is not None and (parsed := _seconds(value)) is not None:
            return parsed
    return None


def _seconds(value: Any) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    try:
        parsed = datetime.fromisoformat(_six_digits(str(value).replace("Z", "+00:00")))
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


def _six_digits(text: str) -> str:
    """Fractions of a second cut to microseconds, which is as fine as Python's times are."""
    head, dot, tail = text.partition(".")
    digits = len(tail) - len(tail.lstrip("0123456789"))
    return f"{head}.{tail[:digits][:6]}{tail[digits:]}" if dot and digits else text


def _many(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list) else [value]
