"""An ECS event as a target's log source would have recorded it.

The taxonomy says in which record an event belongs (`when`) and what its fields are called; this module
writes the record. The values come from the event alone, never from a translation.
"""

from __future__ import annotations

import fnmatch
import html
import ipaddress
import json
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from converter.elastic.types import field_type
from converter.evaluate.elastic.timeline import FOREIGN, is_indicator
from converter.evaluate.result import Event
from converter.events.belonging import Belonging, Membership
from converter.events.derived import asked_names, derive, possible
from converter.events.foreign import KINDS, foreign, spelled
from converter.events.indicators import table_rows
from converter.lowering.conversions.device_path import on_device
from converter.lowering.conversions.hexadecimal import hexadecimal_text
from converter.lowering.conversions.items import with_items
from converter.lowering.conversions.java_map import as_json
from converter.lowering.conversions.pair import with_pair
from converter.lowering.conversions.registry_values import named as hive_named
from converter.lowering.conversions.registry_values import written
from converter.lowering.conversions.values import named_account
from converter.taxonomy.generic import dataset_of_event, logsource
from converter.taxonomy.model import Cell, Profile, Record, Shape, Taxonomy

Flat = Mapping[str, Any]
_NOTHING: Mapping[str, bool] = {}
_JOINED = re.compile(
    r'^strcat\((?P<head>\w+), @?"(?P<separator>.)", (?P<tail>\w+)\)$'
    r"|^'(?P<spl_head>[\w.]+)'\.\"\\(?P<spl_separator>.)\"\.coalesce\('(?P<spl_tail>[\w.]+)', \"\"\)$"
)
_INSIDE = re.compile(
    r"^tostring\((?:parse_json\((?P<text>\w+)\)|(?P<column>\w+))"
    r"(?P<path>(?:\.\w+|\[\"[^\"]+\"\]|\[\d+\])*)\)$"
)
_INNER = re.compile(
    r"^tostring\(parse_json\(tostring\((?P<column>\w+)\.(?P<name>\w+)\)\)"
    r"(?P<path>(?:\.\w+|\[\"[^\"]+\"\]|\[\d+\])*)\)$"
)
_DOCUMENT = re.compile(r"^parse_json\((?P<text>\w+)\)$")
_EXTRACTED = re.compile(r"^json_extract\('?(?P<column>[\w.]+)'?, \"(?P<path>[^\"]+)\"\)$")
_PACKED = re.compile(r"^tostring\(pack_array\((?P<paths>[^()]+)\)\)$")
_CAPTURED = re.compile(
    r'^(?:extract\(@"(?P<kusto>[^"]+)", 1, tostring\((?P<column>\w+)\)\)'
    r"|.*replace\('?(?P<field>[\w.]+)'?, \"(?P<spl>[^\"]+)\", \"\\\\1\"\).*)$"
)
_XML = re.compile(r"""^extract\('Name="(?P<name>\w+)">\(\[\^<\]\*\)<', 1, (?P<column>\w+)\)$""")
_PATH_STEP = re.compile(r"([^.{}]+)|\{(\d+)\}")
_STEP = re.compile(r'\.(\w+)|\["([^"]+)"\]|\[(\d+)\]')
_COUNTED = re.compile(r"^(?:mvcount\('?(?P<field>[\w.{}]+)'?\)|tostring\(array_length\((?P<column>\w+)\)\))$")
_URL_PATH = re.compile(r"^tostring\(parse_url\((?P<column>\w+)\)\.Path\)$")


def project(
    timeline: Sequence[Event], profile: Profile, taxonomy: Taxonomy, asked: Mapping[str, bool] = _NOTHING
) -> list[dict[str, Any]]:
    """The timeline in the profile's shapes: an event may be in several records, or in none.

    `asked` are the fields that the rule asks: an event must have those by which the record is known; they
    are compared with their case where the rule does so (True).
    """
    return Projector(taxonomy, asked).project(timeline, profile)


class Projector:
    """Projects the timelines of one rule's cases; what an event is of is found once for all profiles."""

    def __init__(self, taxonomy: Taxonomy, asked: Mapping[str, bool]) -> None:
        self._taxonomy = taxonomy
        self._asked = asked
        self._names = frozenset(asked)
        self._membership = Membership(taxonomy.records, asked)

    def project(self, timeline: Sequence[Event], profile: Profile) -> list[dict[str, Any]]:
        """The timeline in the profile's shapes, as :func:`project`."""
        sorted_out = [self._membership.of(event) for event in timeline]
        found = table_rows([item.event for item in sorted_out], profile)
        for place, item in enumerate(sorted_out, 1):
            if is_indicator(item.event):
                continue
            found += self._recorded(item, place, profile)
            if profile.target == "sigma":
                found += self._unknown(item)
        return found

    def _recorded(self, item: Belonging, place: int, profile: Profile) -> list[dict[str, Any]]:
        """The event in each record that it is of."""
        event, taxonomy, asked = item.event, self._taxonomy, self._asked
        return [
            one
            for record in item.records
            if profile.name in record.shapes
            if possible(event, record, profile, taxonomy, asked)
            for projected in (_write(event, record, profile, taxonomy, place, asked, self._names),)
            if projected and marked(projected, record.shapes[profile.name])
            for row in (foreign(projected, record.shapes[profile.name], event),)
            if row is not None and not (FOREIGN in event and self._has_record(row, profile, event))
            for one in self._with_host(row, record, profile)
        ]

    def _has_record(self, row: Flat, profile: Profile, event: Flat) -> bool:
        """Whether a record for whatever the others leave, or one that the rule speaks of, holds such a row: a
        log writes it."""
        kinds = event.get(KINDS, ())
        return any(
            _holds(record.shapes[profile.name], row)
            for record in self._taxonomy.records
            if (record.unless or record.name in kinds) and profile.name in record.shapes
        )

    def _with_host(self, row: dict[str, Any], record: Record, profile: Profile) -> Sequence[dict[str, Any]]:
        """The row, and that of its host where a table says which system the host has. Each row has a host,
        but where the rule asks for it and the event has none."""
        hosts = record.shapes[profile.name].hosts
        if hosts is None:
            return (row,)
        if not _asks_for(hosts.key, record, profile, self._asked):
            row.setdefault(hosts.key, "host-1")
        if hosts.key not in row:
            return (row,)
        told: dict[str, Any] = {hosts.key: row[hosts.key], hosts.column: hosts.values[0]}
        if profile.target == "splunk":
            times = {"_time": row["_time"]} if "_time" in row else {}
            return row, {"index": row["index"], **dict(hosts.where), **times, **told}
        return row, {"$table": hosts.table, **told}

    def _unknown(self, item: Belonging) -> list[dict[str, Any]]:
        """The event under its ECS names in a log source that is its whole data stream; one that a table
        describes holds what the table says."""
        dataset = dataset_of_event(item.event)
        if dataset is None:
            return []
        source = logsource(dataset)
        if source in self._taxonomy.logsources:
            return []
        row = {name: value for name, value in item.event.items() if value is not None and name[0] != "$"}
        found = foreign({**row, "$logsource": source}, Shape("sigma", logsource=source), item.event)
        return [] if found is None else [found]


def _holds(shape: Shape, row: Flat) -> bool:
    """Whether the row has the place and the constants of the shape."""
    source = row.get("$logsource", {})
    return (
        shape.table == row.get("$table")
        and all(row.get(name) in values for name, values in shape.where.items())
        and all(source.get(name) == value for name, value in shape.logsource.items())
    )


def marked(projected: Flat, shape: Shape) -> bool:
    """Whether the event bears the marks of its record in a shared table: without, no log would hold it so."""
    for name, pattern in shape.like.items():
        if not fnmatch.fnmatchcase(str(projected.get(name, "")), pattern):
            return False
    return not any(
        fnmatch.fnmatchcase(str(projected.get(name, "")), pattern) for name, pattern in shape.unlike.items()
    )


def _write(
    event: Flat,
    record: Record,
    profile: Profile,
    taxonomy: Taxonomy,
    place: int,
    asked: Mapping[str, bool],
    names: frozenset[str],
) -> dict[str, Any]:
    """The event in the profile's shape; empty where no log could hold it. `names`: those that are asked."""
    record = record.with_fields(event)
    shape = record.shapes[profile.name]
    target: dict[str, Any] = {}
    if profile.target == "sigma":
        target.update(
            (name, value) for name, value in event.items() if value is not None and not name.startswith("$")
        )
        target["$logsource"] = dict(shape.logsource)
    if shape.table is not None:
        target["$table"] = shape.table
    written = asked_names(event, record, profile.name, names)
    for ecs, cell in _in_turn(tuple(event), record, profile.name, names):
        if cell.conversion == "same" and cell.field in written and not _may_write(ecs, record, asked):
            continue
        if cell.conversion == "enum" and asked.get(ecs) and not _known(event.get(ecs), cell, taxonomy):
            continue
        if cell.field not in target:
            cased = asked.get(ecs, True)
            target.update(_value(event, ecs, cell, record, taxonomy, profile.name, cased))
    _stand_ins(event, record, profile.name, names, target)
    _hashes(event, record, profile, target)
    _items(event, record, profile, target)
    if not derive(event, record, profile, taxonomy, target, written):
        return {}
    _computed(shape, target)
    target.update(spelled(shape, event, target))
    if profile.target == "splunk" and shape.datamodel is None:
        target.setdefault("index", "main")
    _times(event, shape, profile, place, target)
    if shape.always and not _asks_for(shape.always, record, profile, asked):
        target.setdefault(shape.always, "-")
    return _nested(target) if profile.target == "kql" else target


def _may_write(ecs: str, record: Record, asked: Mapping[str, bool]) -> bool:
    """Whether a field may give the value of one that is asked: itself, or a path that other versions of the
    source write in its place (`file.path` for `dll.path`)."""
    row = record.cells[ecs]
    return ecs in asked or (
        ecs.endswith(".path")
        and any(other.endswith(".path") and record.cells.get(other) == row for other in asked)
    )


@lru_cache(maxsize=4096)
def _in_turn(
    fields: tuple[str, ...], record: Record, profile: str, asked: frozenset[str]
) -> tuple[tuple[str, Cell], ...]:
    """The event's fields that the profile holds, first those whose values are the field's own; of those that
    name the same thing the one that its field is written from."""
    turns, open_names = _turns(record, profile)
    keyed = _keyed(record, profile, asked)
    ordered = sorted([*open_names, *(item for ecs in fields for item in turns.get(ecs, ()))])
    return tuple(
        (ecs, cell)
        for _, ecs, cell in ordered
        if ecs == keyed.get(cell.field, "" if cell.conversion == "key" else ecs)
    )


@lru_cache(maxsize=4096)
def _turns(
    record: Record, profile: str
) -> tuple[Mapping[str, Sequence[tuple[int, str, Cell]]], Sequence[tuple[int, str, Cell]]]:
    """ECS field -> its cells, each with its turn; and the names that are patterns."""
    cells = dict.fromkeys(
        item
        for conversions in (("key",), ("same",), ("fallback",), ())
        for item in record.cells_of(profile, *conversions)
    )
    turns: dict[str, list[tuple[int, str, Cell]]] = {}
    for turn, (ecs, cell) in enumerate(cells):
        turns.setdefault(ecs if "*" not in ecs else "*", []).append((turn, ecs, cell))
    return turns, turns.pop("*", ())


def _known(value: Any, cell: Cell, taxonomy: Taxonomy) -> bool:
    """Whether Elastic writes the value so, in this case of letters."""
    return value is None or all(str(item) in taxonomy.maps[cell.argument] for item in _list(value))


def _asks_for(name: str, record: Record, profile: Profile, asked: Mapping[str, bool]) -> bool:
    """Whether the rule asks a field that the target holds under this name."""
    cells = (record.cell(ecs, profile.name) for ecs in asked)
    return any(cell is not None and cell.field == name for cell in cells)


@lru_cache(maxsize=4096)
def _keyed(record: Record, profile: str, asked: frozenset[str]) -> Mapping[str, str]:
    """Which ECS field each key field is written from, where several name the same thing (a machine by its id
    and its name): the one that the rule asks, else the key. Not where the rule asks for a part of the field
    (the name in an account): then it holds what it is asked for."""
    chosen: dict[str, str] = {}
    parted: set[str] = set()
    for ecs, cell in record.cells_of(profile, "key"):
        chosen[cell.field] = ecs
    for ecs, cell in record.cells_of(profile) if chosen else ():
        if cell.field not in chosen or ecs not in asked:
            continue
        if cell.conversion in ("key", "same"):
            chosen[cell.field] = ecs
        elif cell.conversion != "joined":
            parted.add(cell.field)
    return {name: ecs for name, ecs in chosen.items() if name not in parted}


def _value(
    event: Flat, ecs: str, cell: Cell, record: Record, taxonomy: Taxonomy, profile: str, cased: bool
) -> dict[str, Any]:
    """What one ECS field gives to the target; nothing where it gives none by itself.

    `cased`: the rule asks the field with its case, so that a word in another case is none of those known.
    """
    value = event.get(ecs) if "*" not in ecs else _each(event, ecs)
    if value is None or value == []:
        return {}
    match cell.conversion:
        case "same" if field_type(ecs) == "ip":
            return {cell.field: _address(_single(value), record.shapes[profile].address)}
        case "same":
            return {cell.field: _single(value)}
        case "key":
            return {cell.field: _single(value)}
        case "argument":
            return {cell.field: command_line([str(item) for item in _list(value)], record.os)}
        case "values" | "enum":
            table = taxonomy.maps[cell.argument]
            if not cased:
                table = {key.lower(): target for key, target in table.items()}
            one = _single(value)
            mapped = table.get(str(one) if cased and not isinstance(one, bool) else str(one).lower())
            return {} if mapped is None else {cell.field: mapped}
        case "hexadecimal":
            written_number = hexadecimal_text(_single(value))
            return {} if written_number is None else {cell.field: written_number}
        case "device_path":
            return {cell.field: on_device(str(_single(value)))}
        case "either" | "address" | "one_or_items":
            return {cell.field: _single(value)}
        case "file_name" if (domain := event.get(f"{ecs.removesuffix('.name')}.domain")) is not None:
            return {cell.field: f"{_single(domain)}\\{_single(value)}"}
        case "renamed":
            return {cell.field: taxonomy.maps[cell.argument].get(str(_single(value)), _single(value))}
        case "holding" | "given" | "partly" | "other_database":
            return {cell.field: _single(value)}
        case "line":
            return {cell.field: _line(event, _single(value))}
        case "before":
            return {cell.field: f"{_single(value)}{cell.argument}example.com"}
        case "after":
            return {cell.field: f"someone{cell.argument}{_single(value)}"}
        case "lowered":
            return {cell.field: str(_single(value)).upper()}
        case "filled":
            return {cell.field: _single(value)}
        case "encoded":
            return {cell.field: str(_single(value)).replace(" ", cell.argument)}
        case "until":
            return {cell.field: _single(value)}
        case "beyond":
            return {cell.field: f"/{cell.argument}{_single(value)}"}
        case "java_map":
            return {cell.field: as_json(str(_single(value)))}
        case "hive":
            return {cell.field: hive_named(str(_single(value)), cell.argument)}
        case "number":
            return {cell.field: written(str(_single(value)), cell.argument)}
        case "fallback":
            filler, _, other = cell.argument.partition(":")
            return {cell.field: filler, other: _single(value)}
    return {}


def _line(event: Flat, message: Any) -> str:
    """The message behind its header: the time, the host and the program."""
    host = str(event.get("host.name", "host-1")).replace(" ", "-")
    return f"Jan  1 00:00:00 {host} {event.get('process.name', 'daemon')}: {message}"


def _each(event: Flat, pattern: str) -> list[Any]:
    """The values of all fields of such a name."""
    return [
        one for name, value in event.items() if fnmatch.fnmatchcase(name, pattern) for one in _list(value)
    ]


def _address(value: Any, style: str) -> Any:
    """An address as the log spells it; one of IPv4 written as one of IPv6 is one of IPv4."""
    if isinstance(value, list):
        return [_address(item, style) for item in value]
    try:
        parsed = ipaddress.ip_address(str(value))
    except ValueError:
        return value
    if parsed.version == 6 and parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    if parsed.version == 6 and style == "full":
        return ":".join(f"{int(group, 16):x}" for group in parsed.exploded.split(":"))
    return str(parsed)


def command_line(arguments: Sequence[str], system: str) -> str:
    """The arguments as one text: quoted by Windows' rules, joined by spaces elsewhere (as Elastic does)."""
    return subprocess.list2cmdline(arguments) if system == "windows" else " ".join(arguments)


def _nested(target: dict[str, Any]) -> dict[str, Any]:
    """Names with dots as paths into dynamic columns."""
    nested: dict[str, Any] = {name: value for name, value in target.items() if "." not in name}
    for name, value in target.items():
        if "." not in name:
            continue
        *path, last = name.split(".")
        inner = nested
        for step in path:
            inner = inner.setdefault(step, {})
        inner[last] = value
    return nested


def _stand_ins(
    event: Flat, record: Record, profile: str, asked: frozenset[str], target: dict[str, Any]
) -> None:
    """What the log writes for a value that no map knows, as any other text, and the name of an account that
    the event has by its id alone: where the rule does not ask the field for something else."""
    for ecs, value in event.items():
        for name in _stood_in(ecs, record, profile) if value is not None else ():
            if name not in target and not _asked_otherwise(name, ecs, record, profile, asked):
                target[name] = f"other {_single(value)}"


@lru_cache(maxsize=65536)
def _stood_in(ecs: str, record: Record, profile: str) -> tuple[str, ...]:
    """The target's fields that have such a text for the ECS field: none where it holds the value itself."""
    cell, account = record.cell(ecs, profile), record.cell(named_account(ecs), profile)
    if cell is not None and cell.conversion != "values":
        return ()
    return tuple(dict.fromkeys(one.field for one in (cell, account) if one is not None))


def _asked_otherwise(name: str, ecs: str, record: Record, profile: str, asked: frozenset[str]) -> bool:
    cells = (record.cell(other, profile) for other in asked if other != ecs)
    return any(cell is not None and cell.field == name for cell in cells)


def _hashes(event: Flat, record: Record, profile: Profile, target: dict[str, Any]) -> None:
    """Sysmon's one field of all digests, and the fields of single ones."""
    digests: dict[str, list[str]] = {}
    for ecs, cell in record.cells_of(profile.name, "hash"):
        if event.get(ecs):
            algorithm, _, own = cell.argument.partition(":")
            digests.setdefault(cell.field, []).append(f"{algorithm}={_single(event[ecs])}")
            target.update({own: _single(event[ecs])} if own else {})
    target.update((name, ",".join(values)) for name, values in digests.items())


def _items(event: Flat, record: Record, profile: Profile, target: dict[str, Any]) -> None:
    """Arrays that the log holds as JSON text."""
    for ecs, cell in record.cells_of(profile.name, "items", "pair", "first"):
        values = _list(event.get(ecs)) if "*" not in ecs else _each(event, ecs)
        if values:
            add = with_pair if cell.conversion == "pair" else with_items
            argument = "" if cell.conversion == "first" else cell.argument
            target[cell.field] = add(target.get(cell.field), argument, values)


def _computed(shape: Shape, target: dict[str, Any]) -> None:
    """What a query computes first is not in the log: its parts are."""
    numbers: list[tuple[str, Any]] = []
    for name, expression in shape.extend.items():
        if (parsed := _DOCUMENT.match(expression)) is not None:
            for inner in [one for one in target if one.startswith(f"{name}.")]:
                document = json.loads(target.get(parsed["text"]) or "{}")
                document = _put(document, inner.split(".")[1:], _parsed(target.pop(inner)))
                target[parsed["text"]] = json.dumps(document, separators=(",", ":"))
            continue
        value = target.pop(name, None)
        if value is None:
            continue
        joined = _JOINED.match(expression)
        inside = _INSIDE.match(expression)
        extracted = _EXTRACTED.match(expression)
        if joined is not None:
            head, separator, tail = str(value).rpartition(joined["separator"] or joined["spl_separator"])
            target[joined["head"] or joined["spl_head"]] = head if separator else str(value)
            target.setdefault(joined["tail"] or joined["spl_tail"], tail if separator else "")
        elif (captured := _CAPTURED.match(expression)) is not None:
            column = captured["column"] or captured["field"]
            pattern = captured["kusto"] or captured["spl"]
            target[column] = _captured(pattern, str(value), target.get(column))
        elif (data := _XML.match(expression)) is not None:
            item = f'<Data Name="{data["name"]}">{html.escape(str(value), quote=False)}</Data>'
            target[data["column"]] = target.get(data["column"], "") + item
        elif (packed := _PACKED.match(expression)) is not None:
            for path, item in zip(packed["paths"].split(", "), json.loads(str(value)), strict=False):
                column, _, rest = path.partition("[")
                steps = [name or quoted or int(place) for name, quoted, place in _STEP.findall("[" + rest)]
                target[column] = _put(target.get(column), steps, item)
        elif (counted := _COUNTED.match(expression)) is not None:
            one: Any = "-" if counted["field"] else {}
            numbers.append((counted["field"] or counted["column"], [one] * int(str(value))))
        elif (url := _URL_PATH.match(expression)) is not None:
            target[url["column"]] = f"https://example.com{value}"
        elif extracted is not None:
            document = json.loads(target.get(extracted["column"]) or "{}")
            steps = [name or int(place) for name, place in _PATH_STEP.findall(extracted["path"])]
            document = _put(document, steps, _parsed(value))
            target[extracted["column"]] = json.dumps(document, separators=(",", ":"))
        elif (nested := _INNER.match(expression)) is not None:
            path = [name or quoted or int(place) for name, quoted, place in _STEP.findall(nested["path"])]
            held = f"{nested['column']}.{nested['name']}"
            document = json.loads(target.get(held) or "{}")
            target[held] = json.dumps(_put(document, path, _parsed(value)), separators=(",", ":"))
        elif inside is not None:
            path = [name or quoted or int(place) for name, quoted, place in _STEP.findall(inside["path"])]
            if inside["text"]:
                document = json.loads(target.get(inside["text"]) or "{}")
                document = _put(document, path, _parsed(value))
                target[inside["text"]] = json.dumps(document, separators=(",", ":"))
            else:
                target[inside["column"]] = _put(target.get(inside["column"]), path, _parsed(value))
    for name, items in numbers:  # as many as are counted, where nothing says which
        target.setdefault(name, items)


def _captured(pattern: str, value: str, text: Any) -> str:
    """A text out of which the pattern takes the value: that which is there, or one that it spells."""
    found = re.search(pattern, text) if isinstance(text, str) else None
    if found is not None:
        return f"{found.string[: found.start(1)]}{value}{found.string[found.end(1) :]}"
    spelled = re.sub(r"\(\?:.*\)\?", "", pattern.removeprefix("(?i)").strip("^$"))
    spelled = re.sub(r"\([^()]+\)", lambda _: value, spelled, count=1)
    spelled = re.sub(r"\[\^[^]]+\]\+|\.\+", "x", spelled)
    beside = isinstance(text, str) and not pattern.startswith(("^", "(?i)^"))
    return f"{text};{spelled}" if beside else spelled


def _parsed(value: Any) -> Any:
    """What a text of JSON says; any other value as it is."""
    if not isinstance(value, str) or value[:1] not in ("{", "[", '"'):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _put(document: Any, path: Sequence[str | int], value: Any) -> Any:
    """The document with the value at the path of names and places, beside what is no object there."""
    if not path:
        return value
    step, *rest = path
    if isinstance(step, int):
        array = document if isinstance(document, list) else []
        array += [{} for _ in range(step + 1 - len(array))]
        array[step] = _put(array[step], rest, value)
        return array
    held = document if isinstance(document, dict) else {} if document is None else {"value": document}
    return {**held, step: _put(held.get(step), rest, value)}


def _times(event: Flat, shape: Shape, profile: Profile, place: int, target: dict[str, Any]) -> None:
    moment = event.get("@timestamp")
    if moment is None:
        return
    when = parse_time(moment)
    if profile.target == "splunk":
        target["_time"] = when.timestamp()
    elif profile.target == "kql":
        target["TimeGenerated" if shape.time_format else shape.time or "TimeGenerated"] = (
            when.isoformat().replace("+00:00", "Z")
        )
    else:
        target["@timestamp"] = moment
    if shape.time and shape.time_format:
        fraction = f"{when.microsecond:06d}000"
        form = re.sub(r"%(\d)N", lambda width: fraction[: int(width[1])], shape.time_format)
        target[shape.time] = when.strftime(form)
    if shape.order:
        target[shape.order] = str(place) if profile.target == "kql" else place


def parse_time(moment: Any) -> datetime:
    """An ISO text or milliseconds since the epoch, as a UTC time."""
    if isinstance(moment, int | float):
        return datetime.fromtimestamp(moment / 1000, UTC)
    parsed = datetime.fromisoformat(str(moment).replace("Z", "+00:00"))
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _single(value: Any) -> Any:
    """The one value of an array of one; other arrays stay."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str | Mapping) else [value]
