"""What one ECS field gives to a row of a log: its value as the log writes it, by the cell's conversion.

process.args [cmd, /c]   CommandLine|argument     CommandLine: cmd /c
user.name ann            User|file_name           User: CONTOSO\\ann, where the event has the domain
"""

from __future__ import annotations

import fnmatch
import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from converter.elastic.types import field_type
from converter.events.foreign import SPELLING
from converter.frozen import dataclass
from converter.lowering.conversions.device_path import on_device
from converter.lowering.conversions.flags import number_of
from converter.lowering.conversions.hexadecimal import hexadecimal_text
from converter.lowering.conversions.java_map import as_json
from converter.lowering.conversions.pieces import as_text
from converter.lowering.conversions.registry_values import named as hive_named
from converter.lowering.conversions.registry_values import written
from converter.taxonomy.model import UNASKED, Cell, Record

Flat = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an event with its cell; `value` is the one value of an array of one, `cased` whether the
    rule asks it with its case, so that a word in another case is none of those known."""

    event: Flat
    ecs: str
    value: Any
    cell: Cell
    record: Record
    maps: Mapping[str, Mapping[str, str]]
    address: str
    cased: bool


def written_as_it_is(ecs: str, cell: Cell) -> bool:
    """Whether the log writes the field's value as it is: not an address, of which it has one spelling."""
    is_address = field_type(ecs) == "ip" or ecs.endswith(".address")
    return cell.conversion in _AS_IT_IS or (cell.conversion == "same" and not is_address)


def writes(cell: Cell) -> bool:
    """Whether the field by itself gives the log something, for some event: many are a part of what another
    one gives."""
    return cell.conversion in _AS_IT_IS or cell.conversion == "fallback" or cell.conversion in _WRITTEN


def value_of(field: Field) -> Mapping[str, Any]:
    """The target's fields that it gives, mostly one; nothing where it gives none by itself. Not for a value
    that is written as it is."""
    cell = field.cell
    if cell.conversion == "fallback":
        if field.event.get(SPELLING):
            return {cell.field: field.value}
        filler, _, other = cell.argument.partition(":")
        return {cell.field: filler, other: field.value}
    write = _WRITTEN.get(cell.conversion)
    found = None if write is None else write(field)
    return {} if found is None else {cell.field: found}


def _arguments(field: Field) -> str:
    return command_line([str(item) for item in listed(field.value)], field.record.os)


def _mapped(field: Field) -> str | None:
    """The log's word for the value; none for a value that the map does not know."""
    table = field.maps[field.cell.argument]
    if field.cased:
        return table.get(as_text(field.value))
    return {key.lower(): target for key, target in table.items()}.get(str(field.value).lower())


def _coded(words: Iterable[str], codes: Mapping[str, str]) -> str | None:
    """The codes of the words that have one; none where no word has."""
    return ", ".join(codes[word] for word in words if word in codes) or None


def _file_name(field: Field) -> Any:
    """The name of an account stands behind its domain; that of a file comes with its path."""
    domain = field.event.get(f"{field.ecs.removesuffix('.name')}.domain")
    return None if domain is None else f"{single(domain)}\\{field.value}"


def _line(field: Field) -> str:
    """The message behind its header: the time, the host and the program."""
    host = str(field.event.get("host.name", "host-1")).replace(" ", "-")
    return f"Jan  1 00:00:00 {host} {field.event.get('process.name', 'daemon')}: {field.value}"


def _another(field: Field) -> str:
    """What tells apart what a log has beside a part: nothing, or the event's own number."""
    return str(field.event.get(SPELLING, ""))


def known_otherwise(value: Any, number: int) -> Any:
    """What another vendor knows of the same thing: the same; where the event says that it is otherwise (1),
    another value, of which this one is the other; or nothing (2).

    >>> known_otherwise(9009, 1), known_otherwise(9008, 1)
    (9008, 9009)
    """
    if isinstance(value, list):
        return [known_otherwise(item, number) for item in value] if number < _UNKNOWN else None
    if number == 0:
        return value
    if number >= _UNKNOWN:
        return None
    return value ^ 1 if isinstance(value, int) else str(value)[::-1]


def _behind(field: Field) -> str:
    """A text that has the value behind its first separator."""
    return f"/{field.cell.argument}{field.value}"


_UNKNOWN = 2
"""How an event says that another vendor knows nothing."""
_AS_IT_IS = frozenset(
    {
        "key",
        "either",
        "address",
        "one_or_items",
        "until",
        "holding",
        "given",
        "partly",
    }
)
_WRITTEN: Mapping[str, Callable[[Field], Any]] = {
    "same": lambda field: as_address(field.value, field.address),
    "filled": lambda field: as_address(field.value, field.address),
    "argument": _arguments,
    "flags": lambda field: number_of(map(str, listed(field.value)), field.maps[field.cell.argument]),
    "codes": lambda field: _coded(map(str, listed(field.value)), field.maps[field.cell.argument]),
    "words": lambda field: " ".join(str(item) for item in listed(field.value)),
    "values": _mapped,
    "enum": _mapped,
    "hexadecimal": lambda field: hexadecimal_text(field.value),
    "device_path": lambda field: on_device(str(field.value)),
    "file_name": _file_name,
    "renamed": lambda field: field.maps[field.cell.argument].get(str(field.value), field.value),
    "line": _line,
    "before": lambda field: f"{field.value}{field.cell.argument}example{_another(field)}.com",
    "after": lambda field: f"someone{_another(field)}{field.cell.argument}{field.value}",
    "lowered": lambda field: str(field.value).upper(),
    "encoded": lambda field: str(field.value).replace(" ", field.cell.argument),
    "beyond": _behind,
    UNASKED: _behind,
    "java_map": lambda field: as_json(str(field.value), backwards=bool(field.event.get(SPELLING))),
    "other_database": lambda field: known_otherwise(field.value, field.event.get(SPELLING, 0)),
    "hive": lambda field: hive_named(str(field.value), field.cell.argument),
    "number": lambda field: written(str(field.value), field.cell.argument),
}
"""By the cell's conversion (`same`: of addresses); one that is in neither writes nothing by itself."""


def each(event: Flat, pattern: str) -> list[Any]:
    """The values of all fields of such a name."""
    return [
        one for name, value in event.items() if fnmatch.fnmatchcase(name, pattern) for one in listed(value)
    ]


def as_address(value: Any, style: str) -> Any:
    """An address as the log spells it; one of IPv4 written as one of IPv6 is one of IPv4.

    >>> as_address("::ffff:10.0.0.1", "full"), as_address(["FE80::1", "no address", 7], "full")
    ('10.0.0.1', ['fe80:0:0:0:0:0:0:1', 'no address', 7])
    """
    if isinstance(value, list):
        return [as_address(item, style) for item in value]
    spelled = _spelled(str(value), style)
    return value if spelled is None else spelled


@lru_cache(maxsize=4096)
def _spelled(text: str, style: str) -> str | None:
    """The address that the text is, as the log spells it; None where it is none."""
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    if parsed.version == 6 and parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    if parsed.version == 6 and style == "full":
        return ":".join(f"{int(group, 16):x}" for group in parsed.exploded.split(":"))
    return str(parsed)


def command_line(arguments: Sequence[str], system: str) -> str:
    """The arguments as one text: quoted by Windows' rules, joined by spaces elsewhere (as Elastic does)."""
    if system != "windows":
        return " ".join(arguments)
    from subprocess import list2cmdline  # with what starts processes

    return list2cmdline(arguments)


def single(value: Any) -> Any:
    """The one value of an array of one; other arrays stay."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def listed(value: Any) -> list[Any]:
    """The values of a field."""
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    return list(value) if isinstance(value, Iterable) and not isinstance(value, Mapping) else [value]
