"""YAML text as plain values that remember where they stood.

Only what JSON can say is accepted, and only when it is spelled without room for doubt: a bare `no`,
`0x3e7` or `1_000`, which YAML 1.1 reads as something else than it looks, is an error.
"""

from __future__ import annotations

import re
from typing import TypeAlias

import yaml

from converter.frozen import dataclass
from converter.source import Position, SourceError

Plain: TypeAlias = str | int | float | bool | list["Plain"] | dict[str, "Plain"] | None

_TAG = "tag:yaml.org,2002:"
_BARE = {
    "int": re.compile(r"-?(?:0|[1-9][0-9]*)"),
    "float": re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+"),
    "bool": re.compile(r"true|false"),
    "null": re.compile(r"null|~"),
}
_DEEPEST = 60
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Placed:
    """A YAML value, read when it is asked for; every error names `path` and the place."""

    node: yaml.Node
    path: str

    @property
    def position(self) -> Position:
        mark = self.node.start_mark
        return Position(mark.line + 1, mark.column + 1)

    def error(self, message: str) -> SourceError:
        return SourceError(message, self.position, self.path)

    def text(self, what: str) -> str:
        """The value as a non-empty string; `what` names it in the error."""
        value = self.plain()
        if not isinstance(value, str) or not value:
            raise self.error(f"{what} must be a string")
        return value

    def choice(self, what: str, allowed: tuple[str, ...]) -> str:
        value = self.plain()
        if value not in allowed or not isinstance(value, str):
            raise self.error(f"{what} must be one of {', '.join(allowed)}")
        return value

    def items(self, what: str) -> list[Placed]:
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error(f"{what} must be a list")
        return [Placed(item, self.path) for item in self.node.value]

    def entries(self, what: str) -> dict[str, tuple[Placed, Placed]]:
        """A mapping as key -> (the key's place, its value). A key that comes twice is an error."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error(f"{what} must be a mapping")
        entries: dict[str, tuple[Placed, Placed]] = {}
        for key_node, value_node in self.node.value:
            key = Placed(key_node, self.path)
            name = key.text("a key")
            if name in entries:
                raise key.error(f"the key {name!r} comes twice")
            entries[name] = key, Placed(value_node, self.path)
        return entries

    def record(self, what: str, required: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, Placed]:
        """A mapping whose keys are all known and whose required keys are all there."""
        entries = self.entries(what)
        for name, (key, _) in entries.items():
            if name not in required and name not in optional:
                raise key.error(f"{what} has no key {name!r}; it takes {', '.join(required + optional)}")
        for name in required:
            if name not in entries:
                raise self.error(f"{what} lacks the key {name!r}")
        return {name: value for name, (_, value) in entries.items()}

    def plain(self, depth: int = 0) -> Plain:
        """The value with everything in it, as JSON would hold it."""
        if depth > _DEEPEST:
            raise self.error(f"nested deeper than {_DEEPEST} levels")
        if isinstance(self.node, yaml.ScalarNode):
            return self._scalar(self.node)
        if isinstance(self.node, yaml.SequenceNode):
            return [item.plain(depth + 1) for item in self.items("it")]
        return {name: value.plain(depth + 1) for name, (_, value) in self.entries("it").items()}

    def _scalar(self, node: yaml.ScalarNode) -> Plain:
        kind, text = node.tag.removeprefix(_TAG), str(node.value)
        # A bare timestamp stays the text that it is: an ECS document holds dates as strings.
        if kind in ("str", "timestamp"):
            return text
        spelling = _BARE.get(kind)
        if spelling is None or not spelling.fullmatch(text):
            raise self.error(f"write {text!r} in quotes, or as JSON would")
        if kind == "int":
            return int(text)
        if kind == "float":
            return float(text)
        return None if kind == "null" else text == "true"


def parse(text: str, path: str) -> Placed:
    """The one document in `text`. Raises SourceError with the place; `path` is used in errors only."""
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Position(mark.line + 1, mark.column + 1) if mark else None
        raise SourceError(f"not YAML: {error.problem or error.context}", place, path) from None
    except yaml.reader.ReaderError as error:
        place = _place_of_unprintable(text)
        raise SourceError(f"not YAML: {error.reason}", place, path) from None
    except RecursionError:
        raise SourceError("not readable: nested too deep", None, path) from None
    if node is None:
        raise SourceError("the file is empty", Position(1, 1), path)
    _refuse_aliases(node, path, set())
    return Placed(node, path)


def _refuse_aliases(node: yaml.Node, path: str, seen: set[int]) -> None:
    """An alias makes one node stand in two places; a chain of them can be endless to read."""
    if isinstance(node, yaml.ScalarNode):
        return
    if id(node) in seen:
        raise Placed(node, path).error("no anchors and aliases here: write it out")
    seen.add(id(node))
    for item in node.value:
        for inner in item if isinstance(item, tuple) else (item,):
            _refuse_aliases(inner, path, seen)


def _place_of_unprintable(text: str) -> Position | None:
    """Where the first character stands that YAML does not allow (the C parser gives no line for it)."""
    match = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if match is None:
        return None
    before = text[: match.start()]
    return Position(before.count("\n") + 1, match.start() - before.rfind("\n"))
