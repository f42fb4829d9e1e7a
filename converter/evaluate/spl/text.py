"""SPL text before parsing: comments out, macros in, and the place of every character in the user's text.

Source: Splunk Search Manual, "Add comments to searches", Knowledge Manager Manual, "Use search macros".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property

from converter.frozen import dataclass
from converter.late import late
from converter.source import NotSupportedError, Position, QuerySyntaxError

BUILT_IN_MACROS: Mapping[str, str] = {"drop_dm_object_name(object)": 'rename "$object$.*" AS "*"'}
"""Macros of the CIM add-on that every tstats search of a data model ends with."""

_DEPTH = 50
_LINE = re.compile(r"\n")
_STRING = r'"(?:[^"\\]|\\.)*"'
_PIECE = late(rf"{_STRING}|```.*?```|`(?P<macro>[^`]*)`", re.DOTALL)
_CALL = late(r"\s*([\w:.-]+)\s*(?:\((.*)\))?\s*", re.DOTALL)
_ARGUMENT = late(rf'\s*(?:{_STRING}|[^,"])*\s*(?:,|$)')


@dataclass(frozen=True)
class Text:
    """The text to parse. `starts` are offsets in it, `origins` where these stand in the user's text."""

    content: str
    original: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]
    literal: tuple[bool, ...]

    def position(self, offset: int) -> Position:
        """Where the character at `offset` comes from; for a macro's text the place of its call."""
        piece = bisect_right(self.starts, offset) - 1
        place = self.origins[piece] + (offset - self.starts[piece] if self.literal[piece] else 0)
        line = bisect_right(self._lines, place)
        return Position(line, place - self._lines[line - 1] + 1)

    @cached_property
    def _lines(self) -> list[int]:
        """Where each line of the user's text begins: every node of a search asks for its place."""
        return [0, *(found.end() for found in _LINE.finditer(self.original))]


def prepare(query: str, macros: Mapping[str, str] | None = None) -> Text:
    """Blank comments and expand macros.

    `macros` are definitions by name, with argument names where they have some: `name(a, b)`, the text
    holding `$a$`. Raises NotSupportedError for an unknown macro.
    """
    if "`" not in query:
        return Text(query, query, (0,), (0,), (True,))
    definitions = _definitions({**BUILT_IN_MACROS, **(macros or {})})
    pieces: list[tuple[str, int, bool]] = []
    done = 0
    for found in _PIECE.finditer(query):
        if found.group().startswith('"'):
            continue
        pieces.append((query[done : found.start()], done, True))
        if found.group("macro") is None:
            blank = re.sub(r"[^\n]", " ", found.group())
            pieces.append((blank, found.start(), True))
        else:
            place = Text(query, query, (0,), (0,), (True,)).position(found.start())
            pieces.append((_expand(found.group("macro"), definitions, place, 0), found.start(), False))
        done = found.end()
    pieces.append((query[done:], done, True))
    return _joined(query, pieces)


def _joined(query: str, pieces: list[tuple[str, int, bool]]) -> Text:
    starts: list[int] = []
    length = 0
    for piece, _, _ in pieces:
        starts.append(length)
        length += len(piece)
    content = "".join(piece for piece, _, _ in pieces)
    return Text(
        content,
        query,
        tuple(starts),
        tuple(origin for _, origin, _ in pieces),
        tuple(literal for _, _, literal in pieces),
    )


def _definitions(macros: Mapping[str, str]) -> dict[tuple[str, int], tuple[tuple[str, ...], str]]:
    definitions = {}
    for signature, text in macros.items():
        name, _, rest = signature.partition("(")
        names = tuple(part.strip() for part in rest.rstrip(") ").split(",")) if rest else ()
        definitions[name.strip(), len(names)] = (names, text)
    return definitions


def _expand(
    call: str,
    definitions: Mapping[tuple[str, int], tuple[tuple[str, ...], str]],
    place: Position,
    depth: int,
) -> str:
    parsed = _CALL.fullmatch(call)
    if parsed is None:
        raise QuerySyntaxError(f"not a macro call: `{call}`", place)
    name, inside = parsed.groups()
    arguments = _arguments(inside)
    if (name, len(arguments)) not in definitions:
        count = f"({len(arguments)} arguments)" if arguments else ""
        raise NotSupportedError(f"macro {name}{count}, which is not given", place, code="spl-macro")
    if depth > _DEPTH:
        raise NotSupportedError(f"macro {name}: nested too deep", place, code="spl-macro")
    names, text = definitions[name, len(arguments)]
    for argument, value in zip(names, arguments, strict=True):
        text = text.replace(f"${argument}$", value)
    return _PIECE.sub(
        lambda found: (
            _expand(found.group("macro"), definitions, place, depth + 1)
            if found.group("macro") is not None
            else found.group()
        ),
        text,
    )


def _arguments(inside: str | None) -> list[str]:
    if inside is None or not inside.strip():
        return []
    arguments: list[str] = []
    offset = 0
    while offset <= len(inside):
        found = _ARGUMENT.match(inside, offset)
        if found is None or found.end() == offset:
            break
        arguments.append(found.group().strip().rstrip(",").strip())
        offset = found.end()
    return [text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text for text in arguments]
