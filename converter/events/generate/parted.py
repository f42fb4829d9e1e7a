"""What a log holds as one is one: fields that are parts of one value, groups of fields with the same cells.

user.email `UserId|holding(@)`, user.name `UserId|before(@)`:
    user.name "helpdesk"  ->  user.name "helpdesk", user.email "helpdesk@contoso.com"
dll.path `ImageLoaded`, file.path `ImageLoaded`:
    an event has the one or the other; where a rule asks both, both alike
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, groupby
from typing import Any, TypeAlias

from converter.elastic.types import field_type
from converter.events.derived import PARTS, part_of
from converter.events.generate.groups import Group, fields_of_group, group_of
from converter.lowering.conversions.pieces import as_text
from converter.taxonomy.model import Cell, Record

Parts: TypeAlias = tuple[tuple[str, Cell], ...]
"""The fields that are asked of one value, each with its cell."""
Words: TypeAlias = Mapping[str, str]
Worded: TypeAlias = tuple[tuple[str, Words | None], ...]
"""Fields that one value tells, each with the words that a log has for its values; None: it is the value."""
_HEAD, _TAIL = "jlee", "contoso.com"


def parts_of(record: Record, asked: Iterable[str]) -> tuple[Parts, ...]:
    """The fields among those asked that one field of a log holds together, where they are several."""
    names = record.cells.keys() & set(asked)
    found: dict[Parts, None] = {}
    for profile in record.shapes if len(names) > 1 else ():
        cells = [item for item in record.cells_of(profile, *PARTS, "same") if item[0] in names]
        cells.sort(key=lambda item: item[1].field)
        for _, items in groupby(cells, key=lambda item: item[1].field):
            parts = tuple(items)
            if len(parts) > 1 and not any(_in_path(name) for name, _ in parts):
                found.setdefault(parts)
    return tuple(found)


def _in_path(name: str) -> bool:
    """Whether the field is a path or a part of one: of two in one field an event has one (`twins_of`)."""
    return group_of(name).kind in ("path", "image")


def worded_of(record: Record, asked: Iterable[str], maps: Mapping[str, Words]) -> tuple[Worded, ...]:
    """The fields among those asked that one field of a log tells, if several, and it has words of its own
    for one of them."""
    names = record.cells.keys() & set(asked)
    found: dict[tuple[tuple[str, str], ...], None] = {}
    for profile in record.shapes if len(names) > 1 else ():
        cells = [item for item in record.cells_of(profile, "values", "enum", "same") if item[0] in names]
        cells.sort(key=lambda item: item[1].field)
        for _, items in groupby(cells, key=lambda item: item[1].field):
            fields = tuple((name, cell.argument) for name, cell in _worded(list(items)))
            if len(fields) > 1 and any(table for _, table in fields):
                found.setdefault(fields)
    return tuple(tuple((name, maps.get(table)) for name, table in fields) for fields in found)


def _worded(items: Sequence[tuple[str, Cell]]) -> Sequence[tuple[str, Cell]]:
    """Those of one field of a log that its word tells. An item whose every value has a word stays beside the
    words by itself (`read_out.py`)."""
    is_read = any(cell.conversion == "enum" for _, cell in items)
    return [item for item in items if not (is_read and item[1].conversion == "same")]


def spelled_in(
    record: Record, asked: Iterable[str], maps: Mapping[str, Words]
) -> dict[str, tuple[tuple[str, Words], ...]]:
    """For the fields asked, of which a log spells some values by words of its own: the other fields
    whose texts it has in the same place, and these words.

    User="root" is user.id "0", or else a name: {"user.id": (("user.name", {"0": "root"}),)}
    """
    names = set(asked)
    found: dict[str, dict[str, Words]] = {}
    for profile in record.shapes:
        plain = record.cells_of(profile, "same")
        for name, cell in record.cells_of(profile, "values"):
            others = (other for other, beside in plain if beside.field == cell.field)
            for other in others if name in names else ():
                found.setdefault(name, {}).setdefault(other, maps[cell.argument])
    return {name: tuple(others.items()) for name, others in found.items()}


def agree(event: Mapping[str, Any], fields: Worded) -> bool:
    """Whether those of the fields that the event has are told by one word.

    >>> valid, status = {"true": "Valid"}, {"trusted": "Valid", "errorExpired": "Expired"}
    >>> agree({"valid": True, "status": "errorExpired"}, (("valid", valid), ("status", status)))
    False
    """
    told = [(_told(event[name], table), table) for name, table in fields if name in event]
    words = {word for word, _ in told if word is not None}
    return len(words) < 2 and all(
        word in words or table is None or words.isdisjoint(table.values()) for word, table in told
    )


def completed(
    event: Mapping[str, Any], fields: Worded, fit: Callable[[Mapping[str, Any]], bool]
) -> dict[str, Any] | None:
    """The event with all of the fields that its word tells; None where one must not be so.

    >>> valid, status = {"true": "Valid"}, {"trusted": "Valid", "errorExpired": "Expired"}
    >>> completed({"status": "trusted"}, (("valid", valid), ("status", status)), lambda _: True)
    {'status': 'trusted', 'valid': 'true'}
    """
    told = (_told(event[name], table) for name, table in fields if name in event)
    words = {word for word in told if word is not None}
    made = dict(event)
    for name, table in fields if len(words) == 1 else ():
        values = words if table is None else (value for value, word in table.items() if word in words)
        value = next(iter(values), None)
        if name not in event and value is not None:
            made[name] = value == "true" if field_type(name) == "boolean" else value
    return made if len(made) == len(event) or fit(made) else None


def _told(value: Any, table: Words | None) -> str | None:
    return as_text(value) if table is None else table.get(as_text(value))


def twins_of(record: Record) -> tuple[tuple[Group, Group], ...]:
    """The groups of a path and its parts that every log holds in the same fields."""
    paths = [name for name in record.cells if name.endswith(".path") and group_of(name).kind == "path"]
    return tuple(
        (group_of(one), group_of(other))
        for one, other in combinations(paths, 2)
        if record.cells[one] and record.cells[one] == record.cells[other]
    )


def with_one(
    event: Mapping[str, Any],
    twins: tuple[Group, Group],
    asked: frozenset[str],
    fit: Callable[[Mapping[str, Any]], bool],
) -> dict[str, Any] | None:
    """The event with one of the two groups, that fits, and with what is asked of the other as the same; None
    where they must differ."""
    held = [any(name in event for name in fields_of_group(group)) for group in twins]
    beside = [asked.intersection(fields_of_group(group)) for group in twins]
    if not (all(held) or (any(held) and all(beside))):
        return dict(event)
    for left_out, own, names in ((1, 0, beside[1]), (0, 1, beside[0])):
        if not held[own]:
            continue
        others = fields_of_group(twins[left_out])
        made = {name: value for name, value in event.items() if name not in others}
        if all(beside):
            same = {name: f"{twins[own].name}.{name.rpartition('.')[2]}" for name in names}
            made |= {name: made[other] for name, other in same.items() if other in made}
        if fit(made):
            return made
    return None


def as_one(
    event: Mapping[str, Any], parts: Parts, fit: Callable[[Mapping[str, Any]], bool]
) -> dict[str, Any] | None:
    """The event in which these fields are of one value, and fit; None where no such value was found."""
    names = {name for name, _ in parts}
    rest = {name: value for name, value in event.items() if name not in names}
    held = [(cell, event[name]) for name, cell in parts if isinstance(event.get(name), str)]
    if not held:
        return dict(event)
    for whole in dict.fromkeys(_wholes(held)):
        made = {name: part for name, cell in parts if (part := part_of(whole, cell)) is not None}
        if fit({**dict.fromkeys(names), **made}):  # what is no part of it is missing
            return {**rest, **made}
    return None


def following(event: Mapping[str, Any], before: Mapping[str, Any], parts: Sequence[Parts]) -> dict[str, Any]:
    """The event that differs from another one in some fields, with what else the log's one value tells: where
    the former event's fields are parts of one value.

    >>> name, mail = ("user.name", Cell("Mail", "before", "@")), ("user.email", Cell("Mail", "same"))
    >>> former = {"user.name": "jlee", "user.email": "jlee@contoso.com"}
    >>> following({**former, "user.name": "ann"}, former, [(name, mail)])
    {'user.name': 'ann', 'user.email': 'ann@contoso.com'}
    """
    made = dict(event)
    for fields in parts:
        held = {name: cell for name, cell in fields if isinstance(before.get(name), str)}
        if all(made.get(name) == before[name] for name in held):
            continue
        whole = _moved(made, before, held)
        told = {} if whole is None else {name: part_of(whole, cell) for name, cell in held.items()}
        made.update((name, part) for name, part in told.items() if part is not None)
    return made


def held_with(name: str, parts: Sequence[Parts]) -> set[str]:
    """The fields that an event has with this one, in the log's one value that either of them is, and it.

    >>> name, mail = ("user.name", Cell("Mail", "before", "@")), ("user.email", Cell("Mail", "same"))
    >>> sorted(held_with("user.name", [(name, mail)]))
    ['user.email', 'user.name']
    """
    found = {name}
    for fields in parts:
        if (own := dict(fields).get(name)) is not None:
            found.update(one for one, cell in fields if "same" in (own.conversion, cell.conversion))
    return found


def _moved(event: Mapping[str, Any], before: Mapping[str, Any], held: Mapping[str, Cell]) -> str | None:
    """The former event's one value, with the event's texts for its parts; None where there is none such."""
    wholes = _wholes((cell, before[name]) for name, cell in held.items())
    of_all = (one for one in wholes if all(part_of(one, held[name]) == before[name] for name in held))
    whole = next(of_all, None)
    for name, cell in held.items():
        if whole is not None and event.get(name) != before[name]:
            whole = _with_part(whole, cell, before[name], event.get(name))
    return whole


def in_another(event: Mapping[str, Any], name: str, parts: Sequence[Parts], number: int) -> dict[str, Any]:
    """The event with the same part in another value of the log, where the event has more of that.

    >>> name, mail = ("user.name", Cell("Mail", "before", "@")), ("user.email", Cell("Mail", "same"))
    >>> in_another({"user.name": "jlee", "user.email": "jlee@contoso.com"}, "user.name", [(name, mail)], 2)
    {'user.name': 'jlee', 'user.email': 'jlee@x2.contoso.com'}
    """
    made, text = dict(event), event.get(name)
    for fields in parts:
        cell = dict(fields).get(name)
        if cell is None or not isinstance(text, str) or cell.conversion not in ("before", "after"):
            continue
        ends = (text, f"x{number}.{_TAIL}") if cell.conversion == "before" else (f"{_HEAD}-{number}", text)
        whole = cell.argument.join(ends)
        made.update((one, part_of(whole, other)) for one, other in fields if one in event)
    return made


def _with_part(whole: str, cell: Cell, old: str, new: Any) -> str | None:
    """The value with another text for one of its parts."""
    if not isinstance(new, str):
        return None
    made = (f"{new}{whole[len(old) :]}", f"{whole[: len(whole) - len(old)]}{new}")
    return next((one for one in made if part_of(one, cell) == new), None)


def _wholes(held: Iterable[tuple[Cell, str]]) -> Iterator[str]:
    """Values of which each of these may be the part."""
    for cell, text in held:
        separator = cell.argument
        if cell.conversion == "before":
            yield f"{text}{separator}{_TAIL}"
        elif cell.conversion in ("after", "beyond"):
            yield f"{_HEAD}{separator}{text}"
        elif cell.conversion == "address":
            yield text
        elif cell.conversion == "until":
            yield text
            yield f"{text}{separator}{_TAIL}"
        else:
            yield text
            yield f"{text}@{_TAIL}"
