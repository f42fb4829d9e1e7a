"""Where the keys and strings of a TOML document stand; `tomli` gives values without places.

The scanner walks statements, not text: a line inside a multi-line string that looks like a key is
never taken for one. It expects a document that `tomli` has accepted, so it checks no syntax itself.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right

from converter.frozen import dataclass
from converter.late import late
from converter.source import Position

_BLANK = late(r"(?:[ \t\r\n]+|#[^\n]*)+")
_HEADER = late(r"\[(\[?)([^\n\]]*)\]\]?")
_KEY = late(r"""((?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[ \t]*\.[ \t]*)+?)[ \t]*=[ \t]*""")
_STRING = re.compile(
    r'"""[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*"{3,5}'
    r"|'''[^']*(?:'(?!'')[^']*)*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
)
_INSIDE = late(rf"""[^\[\]{{}}"'#]+|#[^\n]*|{_STRING.pattern}""")
"""A piece of what stands between the brackets of an array or inline table. No quantifier here is possessive:
Python before 3.11.5 repeats such a group without end (its issue 106052)."""
_REST_OF_LINE = late(r"[^\n]*")


@dataclass(frozen=True, slots=True)
class Places:
    """`keys`: the offset of each key, as "table.key" ("table[1].key" in an array's second table) and of
    each table's header, as "table"; `strings`: the offset of the first character of each string value.
    """

    keys: dict[str, int]
    strings: dict[str, int]
    line_starts: list[int]

    def position(self, offset: int) -> Position:
        """The line and column of a character of the document."""
        line = bisect_right(self.line_starts, offset)
        return Position(line, offset - self.line_starts[line - 1] + 1)

    def key(self, name: str) -> Position | None:
        """Where a key or a table's header stands, if the document has it."""
        offset = self.keys.get(name)
        return None if offset is None else self.position(offset)

    def string(self, name: str) -> Position | None:
        """Where the text of a string begins; the newline after opening triple quotes is not part of it."""
        offset = self.strings.get(name)
        return None if offset is None else self.position(offset)


def find_places(text: str) -> Places:
    """Scan a TOML document that is known to be valid."""
    keys: dict[str, int] = {}
    strings: dict[str, int] = {}
    counts: dict[str, int] = {}
    table, offset, end = "", 0, len(text)
    while offset < end:
        if blank := _BLANK.match(text, offset):
            offset = blank.end()
        elif header := _HEADER.match(text, offset):
            table = header.group(2).strip()
            if header.group(1):
                number = counts[table] = counts.get(table, -1) + 1
                table = f"{table}[{number}]"
            keys.setdefault(table, offset)
            offset = header.end()
        elif key := _KEY.match(text, offset):
            name = f"{table}.{key.group(1).strip()}" if table else key.group(1).strip()
            keys[name] = offset
            offset = _skip_value(text, key.end(), name, strings)
        else:
            offset += 1
    return Places(keys, strings, _line_starts(text))


def _skip_value(text: str, offset: int, name: str, strings: dict[str, int]) -> int:
    """The offset after the value that begins at `offset`; a string's place is noted."""
    if string := _STRING.match(text, offset):
        strings[name] = _text_start(text, offset)
        return string.end()
    if text[offset : offset + 1] not in ("[", "{"):
        rest = _REST_OF_LINE.match(text, offset)
        return rest.end() if rest else len(text)
    depth = 0
    while offset < len(text):
        if inside := _INSIDE.match(text, offset):
            offset = inside.end()
        else:
            depth += 1 if text[offset] in "[{" else -1
            offset += 1
            if depth == 0:
                break
    return offset


def _text_start(text: str, offset: int) -> int:
    if text.startswith(('"""', "'''"), offset):
        offset += 3
        if text.startswith("\r\n", offset):
            return offset + 2
        return offset + 1 if text.startswith("\n", offset) else offset
    return offset + 1


def _line_starts(text: str) -> list[int]:
    starts = [0]
    find = text.find
    offset = find("\n")
    while offset >= 0:
        starts.append(offset + 1)
        offset = find("\n", offset + 1)
    return starts


def json_position(query: str, start: Position, position: Position) -> Position:
    """A place in `query`, as a place in the one line of JSON that holds the query as a string at `start`.

    Exact for JSON as JavaScript's `JSON.stringify` writes it, which is what Kibana exports.
    """
    lines = query.split("\n")
    before = "\n".join([*lines[: position.line - 1], lines[position.line - 1][: position.column - 1]])
    return Position(start.line, start.column + len(json.dumps(before, ensure_ascii=False)) - 2)


def json_string_start(line: str, key: str, value: str) -> int | None:
    """The offset in a line of JSON of the text of the string `value` under `key`, where it is found."""
    for match in re.finditer(rf'"{re.escape(key)}"\s*:\s*"', line):
        if line.startswith(json.dumps(value, ensure_ascii=False)[1:], match.end()):
            return match.end()
    return None
