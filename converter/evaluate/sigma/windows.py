"""Raw Windows events, the event log's XML as JSON, by the names that Sigma rules use.

`Event.System` gives `EventID`, `Channel`, `Computer`, ..., an attribute of one of its elements
`Provider_Name`, `Execution_ProcessID` and so on; `EventData` and `UserData` give their named values. All
ways in which tools write an element with attributes are taken: `{"#attributes": {"Name": ...}, "#text": ...}`
and a key `..._attributes` beside it (evtx_dump), `{"@Name": ..., "#text": ...}` (converters of XML), and
`{"Name": ..., "Value": ...}` in `System` (Velociraptor).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from converter.frozen import dataclass

_ATTRIBUTES = "#attributes"
_TEXT = "#text"
_BESIDE = "_attributes"
_VALUE = "Value"


@dataclass(frozen=True, slots=True)
class RawEvent:
    """A raw event: where it was logged, and all its values by name."""

    channel: Any
    provider: Any
    values: dict[str, Any]


def raw_event(event: Mapping[str, Any]) -> RawEvent | None:
    """The event by the names of rules if it is a raw Windows event, else None.

    Where the data has a name of `System`, a rule means the data (event 104 tells the channel that was
    cleared), but for the event's id. A name with blanks also stands without them, as rules write it.
    """
    root = event.get("Event", event)
    if not isinstance(root, Mapping) or not isinstance(root.get("System"), Mapping):
        return None
    system, data = dict(_system(root["System"])), dict[str, Any]()
    for section in ("EventData", "UserData"):
        for name, value in _data(section, root.get(section)):
            data[name] = [*_many(data[name]), *_many(value)] if name in data else value
    closed = {"".join(name.split()): value for name, value in data.items() if " " in name}
    values = {**system, **closed, **data}
    if "EventID" in system:
        values["EventID"] = system["EventID"]
    return RawEvent(system.get("Channel"), system.get("Provider_Name"), values)


def _system(system: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in system.items():
        if not isinstance(value, Mapping):
            yield name, value
            continue
        name = name.removesuffix(_BESIDE)
        if _TEXT in value or _VALUE in value:
            yield name, value.get(_TEXT, value.get(_VALUE))
        for attribute, found in _system_attributes(value):
            yield f"{name}_{attribute}", found
            if (name, attribute) == ("TimeCreated", "SystemTime"):
                yield name, found


def _system_attributes(element: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from _attributes(element)
    for name, value in element.items():
        if name[:1] not in ("#", "@") and name != _VALUE and not isinstance(value, Mapping):
            yield name, value


def _attributes(element: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    inner = element.get(_ATTRIBUTES)
    if isinstance(inner, Mapping):
        yield from inner.items()
    yield from ((name[1:], value) for name, value in element.items() if name.startswith("@"))


def _data(name: str, data: Any) -> Iterator[tuple[str, Any]]:
    """The named values of a section, however deep an envelope they lie in; unnamed ones as `Data`."""
    if isinstance(data, list):
        for item in data:
            yield from _data(name, item)
    elif not isinstance(data, Mapping):
        if name not in ("EventData", "UserData"):
            yield name, data
        elif data is not None:
            yield "Data", data
    elif _TEXT in data:
        yield str(dict(_attributes(data)).get("Name", name)), data[_TEXT]
    elif name == "Data" and "Name" in (attributes := dict(_attributes(data))):
        yield str(attributes["Name"]), None
    else:
        for inner, value in data.items():
            if inner != _ATTRIBUTES and not inner.startswith("@") and not _beside(inner, value):
                yield from _data(inner, value)


def _beside(name: str, value: Any) -> bool:
    """Whether it holds the attributes of the element before it."""
    return name.endswith(_BESIDE) and isinstance(value, Mapping)


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def lifted(flat: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The event with the fields of `names` (category's name -> the log's name or how it is made of them).

    The log's own names stay beside them, but where the category means another field by the name. An event
    without any of the log's own names is one that somebody has renamed already.
    """
    if not any(source in flat for source in names.values() if source not in names):
        return dict(flat)
    result = dict(flat)
    for target, source in names.items():
        value = _MADE[source](flat) if source in _MADE else flat.get(source)
        if value is not None:
            result[target] = value
        elif target in names.values():
            result.pop(target, None)
    return result


def _account(flat: Mapping[str, Any]) -> str | None:
    """Whom a new process runs as: event 4688 names a target only where it is not the creator."""
    for kind in ("Target", "Subject"):
        domain, user = flat.get(f"{kind}DomainName"), flat.get(f"{kind}UserName")
        if user not in (None, "", "-"):
            return f"{domain}\\{user}" if domain not in (None, "", "-") else str(user)
    return None


_LEVELS = {
    "S-1-16-0": "Untrusted",
    "S-1-16-4096": "Low",
    "S-1-16-8192": "Medium",
    "S-1-16-8448": "MediumPlus",
    "S-1-16-12288": "High",
    "S-1-16-16384": "System",
    "S-1-16-20480": "ProtectedProcess",
}
"""Well-known mandatory labels; rules name the level as Sysmon writes it, or the SID."""


def _integrity(flat: Mapping[str, Any]) -> list[str] | None:
    label = flat.get("MandatoryLabel")
    if not isinstance(label, str):
        return None
    return [_LEVELS[label], label] if label in _LEVELS else [label]


_MADE: dict[str, Callable[[Mapping[str, Any]], Any]] = {"(account)": _account, "(integrity)": _integrity}
MADE_OF = frozenset(
    ("TargetDomainName", "TargetUserName", "SubjectDomainName", "SubjectUserName", "MandatoryLabel")
)
"""The fields of which others are made."""


def digests(flat: Mapping[str, Any]) -> dict[str, str]:
    """Sysmon's `Hashes` one by one, under the names of the taxonomy (`md5`, `sha1`, `sha256`, `imphash`)."""
    hashes = flat.get("Hashes")
    if not isinstance(hashes, str):
        return {}
    pairs = (item.partition("=") for item in hashes.split(","))
    return {name.strip().lower(): value for name, _, value in pairs if value}
