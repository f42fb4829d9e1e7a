"""Columns that a query computes first are in no log: their parts are.

    SourceIps0 = tostring(SourceIps[0])          SourceIps0: 192.0.2.1   ->   SourceIps: [192.0.2.1]
    url_path = tostring(parse_url(Url).Path)     url_path: /a            ->   Url: https://example.com/a

Each form of expression that the tables have is undone by a function of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from converter.late import late
from converter.taxonomy.model import Shape

Row = dict[str, Any]
Match = re.Match[str]
Undo = Callable[[Match, Any, Row], None]
_JOINED = late(
    r'^strcat\((?P<head>\w+), @?"(?P<separator>.)", (?P<tail>\w+)\)$'
    r"|^'(?P<spl_head>[\w.]+)'\.\"\\(?P<spl_separator>.)\"\.coalesce\('(?P<spl_tail>[\w.]+)', \"\"\)$"
)
_INSIDE = late(
    r"^tostring\((?:parse_json\((?P<text>\w+)\)|(?P<column>\w+))"
    r"(?P<path>(?:\.\w+|\[\"[^\"]+\"\]|\[\d+\])*)\)$"
)
_INNER = late(
    r"^tostring\(parse_json\(tostring\((?P<column>\w+)\.(?P<name>\w+)\)\)"
    r"(?P<path>(?:\.\w+|\[\"[^\"]+\"\]|\[\d+\])*)\)$"
)
_DOCUMENT = re.compile(r"^parse_json\((?P<text>\w+)\)$")
_EXTRACTED = late(r"^json_extract\('?(?P<column>[\w.]+)'?, \"(?P<path>[^\"]+)\"\)$")
_PACKED = late(r"^tostring\(pack_array\((?P<paths>[^()]+)\)\)$")
_CAPTURED = late(
    r'^(?:extract\(@"(?P<kusto>[^"]+)", 1, tostring\((?P<column>\w+)\)\)'
    r"|.*replace\('?(?P<field>[\w.]+)'?, \"(?P<spl>[^\"]+)\", \"\\\\1\"\).*)$"
)
_FIRST_OF = late(
    r'^(?:extract\(@"[^"]+", 1, |if\(match\()coalesce\('
    r"(?:tostring\()?(?P<column>\w+)(?P<path>(?:\.\w+)*)\)?, .*$"
)
_XML = late(r"""^extract\('Name="(?P<name>\w+)">\(\[\^<\]\*\)<', 1, (?P<column>\w+)\)$""")
_PATH_STEP = late(r"([^.{}]+)|\{(\d+)\}")
_STEP = late(r'\.(\w+)|\["([^"]+)"\]|\[(\d+)\]')
_COUNTED = late(r"^(?:mvcount\('?(?P<field>[\w.{}]+)'?\)|tostring\(array_length\((?P<column>\w+)\)\))$")
_URL_PATH = late(r"^tostring\(parse_url\((?P<column>\w+)\)\.Path\)$")


def uncomputed(shape: Shape, target: Row) -> bool:
    """Replaces, in the row, what the shape's `extend` computes by what it is computed of; False where a text
    that is captured can't be: no log holds such a row."""
    counted: dict[str, list[Any]] = {}
    captured: list[tuple[Match, str]] = []
    for name, expression in shape.extend.items():
        if (document := _document(expression)) is not None:
            for inner in [one for one in target if one.startswith(f"{name}.")]:
                _put_in_text(target, document["text"], inner.split(".")[1:], target.pop(inner))
            continue
        value = target.pop(name, None)
        match, undo = _form(expression) if value is not None else (None, None)
        if match is not None and undo is not None:
            undo(match, value, target)
            if undo is _out_of_text:
                captured.append((match, str(value)))
        elif value is not None and (number := _counted(expression)) is not None:
            one: Any = "-" if number["field"] else {}
            counted[number["field"] or number["column"]] = [one] * int(str(value))
    for name, items in counted.items():  # as many as are counted, where nothing says which
        target.setdefault(name, items)
    return all(_is_captured(match, value, target) for match, value in captured if value)


def is_miscounted(shape: Shape, row: Row) -> bool:
    """Whether a column that counts the items of a list says another number than the row's list has."""
    for name, expression in shape.extend.items():
        number = _counted(expression)
        found = None if number is None else row.get(number["field"] or number["column"])
        if found is not None and name in row:
            items = found if isinstance(found, list) else [found]
            if str(len(items)) != str(row[name]):
                return True
    return False


def count(shape: Shape, target: Row) -> None:
    """Adds, to a row that has a list, what the shape's `extend` computes of its number and its first item."""
    for name, expression in shape.extend.items():
        number = _counted(expression)
        if number is None or name in target:
            continue
        if number["field"]:
            found = target.get(number["field"])
            items = found if isinstance(found, list) else [] if found is None else [found]
        else:
            items = _listed_in(shape, number["column"], target)
        if items:
            target[name] = str(len(items))


def counted_field(expression: str) -> str | None:
    """The field of which the expression counts the values; None for any other expression."""
    found = _counted(expression)
    return None if found is None else found["field"]


def _listed_in(shape: Shape, column: str, target: Row) -> list[Any]:
    """The items of a column that the row has as a text; what is computed of the first is added to the row."""
    inside = {name: _INSIDE.match(expression) for name, expression in shape.extend.items()}
    paths = {name: one["path"] for name, one in inside.items() if one is not None and one["column"] == column}
    items: Any = next(
        (_parsed(target[name]) for name, path in paths.items() if not path and name in target), []
    )
    for name, path in paths.items() if items else ():
        place, *rest = [*_steps(path), ""]
        if place == 0 and len(rest) > 1 and isinstance(value := items[0].get(rest[0]), str | bool):
            target.setdefault(name, str(value).lower() if isinstance(value, bool) else value)
    return list(items)


def _joined(match: Match, value: Any, target: Row) -> None:
    head, separator, tail = str(value).rpartition(match["separator"] or match["spl_separator"])
    target[match["head"] or match["spl_head"]] = head if separator else str(value)
    target.setdefault(match["tail"] or match["spl_tail"], tail if separator else "")


def _out_of_text(match: Match, value: Any, target: Row) -> None:
    column = match["column"] or match["field"]
    target[column] = _captured(match["kusto"] or match["spl"], str(value), target.get(column))


def _is_captured(match: Match, value: str, target: Row) -> bool:
    """Whether the expression finds the value in its column."""
    text = target[match["column"] or match["field"]]
    found = re.search(match["kusto"] or match["spl"], text) if isinstance(text, str) else None
    return found is not None and found[1] == value


def _first_of(match: Match, value: Any, target: Row) -> None:
    target[match["column"]] = _put(target.get(match["column"]), _steps(match["path"]), value)


def _out_of_xml(match: Match, value: Any, target: Row) -> None:
    from html import escape  # with all of HTML's entities

    item = f'<Data Name="{match["name"]}">{escape(str(value), quote=False)}</Data>'
    target[match["column"]] = target.get(match["column"], "") + item


def _packed(match: Match, value: Any, target: Row) -> None:
    for path, item in zip(match["paths"].split(", "), json.loads(str(value)), strict=False):
        column, _, rest = path.partition("[")
        target[column] = _put(target.get(column), _steps("[" + rest), item)


def _out_of_url(match: Match, value: Any, target: Row) -> None:
    target[match["column"]] = f"https://example.com{value}"


def _extracted(match: Match, value: Any, target: Row) -> None:
    steps = [name or int(place) for name, place in _PATH_STEP.findall(match["path"])]
    _put_in_text(target, match["column"], steps, value)


def _inner(match: Match, value: Any, target: Row) -> None:
    _put_in_text(target, f"{match['column']}.{match['name']}", _steps(match["path"]), value)


def _inside(match: Match, value: Any, target: Row) -> None:
    if match["text"]:
        _put_in_text(target, match["text"], _steps(match["path"]), value)
    else:
        column = match["column"]
        target[column] = _put(target.get(column), _steps(match["path"]), _parsed(value))


_FORMS: Sequence[tuple[re.Pattern[str], Undo]] = (
    (_JOINED, _joined),
    (_FIRST_OF, _first_of),
    (_CAPTURED, _out_of_text),
    (_XML, _out_of_xml),
    (_PACKED, _packed),
    (_URL_PATH, _out_of_url),
    (_EXTRACTED, _extracted),
    (_INNER, _inner),
    (_INSIDE, _inside),
)


@lru_cache(maxsize=4096)
def _document(expression: str) -> Match | None:
    """A text that is read as an object."""
    return _DOCUMENT.match(expression)


@lru_cache(maxsize=4096)
def _counted(expression: str) -> Match | None:
    """A list of which the items are counted."""
    return _COUNTED.match(expression)


@lru_cache(maxsize=4096)
def _form(expression: str) -> tuple[Match | None, Undo | None]:
    """The expression's form, and what undoes it."""
    found = ((pattern.match(expression), undo) for pattern, undo in _FORMS)
    return next((one for one in found if one[0] is not None), (None, None))


def _steps(path: str) -> list[str | int]:
    return [name or quoted or int(place) for name, quoted, place in _STEP.findall(path)]


def _put_in_text(target: Row, column: str, path: Sequence[str | int], value: Any) -> None:
    """The value at its place in the JSON text of a column."""
    document = json.loads(target.get(column) or "{}")
    target[column] = json.dumps(_put(document, path, _parsed(value)), separators=(",", ":"))


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
