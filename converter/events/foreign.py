"""Rows that a log holds beside a record's own: like them, but of another kind.

    {..., "$foreign": 1}    the event in each log, but the first thing that tells its record is otherwise:
                            EventCode 1 -> 100, category process_creation -> process_creation_other
    {..., "$spelling": 1}   the event in each log, with its constants in their second spelling, if any:
                            source XmlWinEventLog:Security -> WinEventLog:Security
                            and a derived value told by its second alternative: errorMessage, not errorCode;
                            an object with its keys in the other order; what the log's vendor knows otherwise;
                            one that is in either of two fields in the first of them;
                            one of several digests behind another
    {..., "$alone": true}   beside "$index": only that index has the event; no host's own log, of which the
                            record's events are guests (processes in containers)
    {..., "$kinds": [...]}  beside "$foreign": the records that the rule speaks of; none of theirs is foreign

The original sees no foreign row; a translation that takes one does not ask which record it reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from converter.evaluate.elastic.timeline import FOREIGN
from converter.taxonomy.model import Shape

SPELLING = "$spelling"
KINDS = "$kinds"
ALONE = "$alone"
_FLAGS = ("true", "false")
"""Constants of which there is one other: a record of its own says it (`Initiated`)."""


def ways(shape: Shape) -> int:
    """How many foreign rows there are of a record in the shape."""
    return len(tuple(_changes(shape)))


def spellings(shape: Shape) -> int:
    """How many spellings a constant of the shape has besides its first, at most."""
    return max((len(values) - 1 for values in shape.where.values()), default=0)


def spelled(shape: Shape, event: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, str]:
    """The shape's constants as the event says that its log spells them; of one that is told already, that."""
    number = event.get(SPELLING, 0)
    return {
        name: told[name] if told.get(name) in values else values[number if number < len(values) else 0]
        for name, values in shape.where.items()
    }


def foreign(row: dict[str, Any], shape: Shape, event: Mapping[str, Any]) -> dict[str, Any] | None:
    """The row as the event says: itself, or the foreign one of that number; None where there is none."""
    number = event.get(FOREIGN)
    if number is None:
        return row
    found = tuple(_changes(shape))
    if not 0 < number <= len(found):
        return None
    for name, value in found[number - 1].items():
        row = _with(row, name, value)
    return row


def _with(row: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The row with another value, which may lie in an object (`EventData.EventType`)."""
    head, _, rest = name.partition(".")
    inner = row.get(head)
    return (
        {**row, head: _with(inner, rest, value)} if isinstance(inner, dict) and rest else {**row, name: value}
    )


def _changes(shape: Shape) -> Iterator[dict[str, Any]]:
    """What to change of the row, each by itself."""
    for name, value in shape.logsource.items():
        yield {"$logsource": {**shape.logsource, name: f"{value}_other"}}
    for name, values in shape.where.items():
        value = values[0]
        if value in _FLAGS:
            continue
        yield from ({name: other} for other in others_like(value))


def others_like(value: str) -> tuple[str, str]:
    """Values that begin and that end as this one."""
    return (f"{value}00", f"9{value}") if value.isdigit() else (f"{value}-other", f"other-{value}")
