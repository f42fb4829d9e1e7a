"""Sigma YAML changed one step at a time: the parsed document is changed and written again.

Documents are changed as YAML nodes, so that what is not changed is written as it was, and each change has its
place in the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import chain
from typing import Any, TypeAlias

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from converter.harness.mutation.edit import PRESENT, Edit, Mutant, few, table
from converter.harness.mutation.known import NOTHING, Known
from converter.harness.mutation.texts import expression_edits, is_lettered, value_edits, wildcard_edits
from converter.source import Position

_TOKEN = re.compile(r"[\w*]+|[()]")
_SPAN = re.compile(r"(\d+)([a-zA-Z]+)")
_LOGSOURCE = {"windows": "linux", "linux": "windows", "macos": "windows"}

Path: TypeAlias = tuple[int, ...]
"""The way to a node: places of children, keys and values of a mapping counted alike."""


@dataclass(frozen=True)
class _Change:
    """What to do at a node. `before` and `after`: how it reads; `field`, `value`, `made`: as in `Edit`."""

    kind: str
    path: Path
    apply: Callable[[Node], None]
    at: Node
    before: str
    after: str
    field: str = ""
    value: str = ""
    made: str = ""

    @property
    def edit(self) -> Edit:
        """The change as one of a text."""
        added = self.made[: -len(self.value)] == "*" or self.made[len(self.value) :] == "*"
        after = "*" if self.kind == "wildcard" and added else self.after
        return Edit(self.kind, 0, 0, after, self.field, self.value, self.made)


def sigma_mutants(text: str, most: int | None = None, known: Known = NOTHING) -> Iterator[Mutant]:
    """Texts one step from a file's documents, `most` of each kind. `known`: what is known of the fields."""
    documents = list(yaml.compose_all(text, yaml.SafeLoader))
    seen: set[str] = {_written(documents)}
    keys = {f"{key}|exists: true" for document in documents for key in _keys(document)}
    changes = (
        (number, change)
        for number, document in enumerate(documents)
        if isinstance(document, MappingNode)
        for change in _document(document)
        if change.kind != "predicate" or change.before not in keys
        if not known.is_equal(change.edit)
    )
    for number, change in few(changes, most, lambda item: item[1].kind):
        copy = deepcopy(documents[number])
        change.apply(_at(copy, change.path))
        changed = _written([*documents[:number], copy, *documents[number + 1 :]])
        if changed in seen:
            continue
        seen.add(changed)
        mark = change.at.start_mark
        position = Position(mark.line + 1, mark.column + 1)
        yield Mutant(change.kind, position, change.before, change.after, changed)


def _keys(document: Any) -> Iterator[str]:
    """What a correlation groups by: an event without it is in no group, whatever its rule asks."""
    for key, value in document.value if isinstance(document, MappingNode) else ():
        if key.value == "correlation" and isinstance(value, MappingNode):
            for name, inner in value.value:
                if name.value == "group-by":
                    yield from (item.value for item in inner.value)


def _written(documents: list[Any]) -> str:
    written: str = yaml.serialize_all(documents, Dumper=yaml.SafeDumper, allow_unicode=True, width=100_000)
    return written


def _at(node: Node, path: Path) -> Node:
    for step in path:
        node = _children(node)[step]
    return node


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [item for pair in node.value for item in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def _document(document: MappingNode) -> Iterator[_Change]:
    for place, (key, value) in enumerate(document.value):
        path: Path = (2 * place + 1,)
        if key.value == "detection" and isinstance(value, MappingNode):
            yield from _detection(value, path)
        elif key.value == "correlation" and isinstance(value, MappingNode):
            yield from _correlation(value, path)
        elif key.value == "logsource" and isinstance(value, MappingNode):
            for inside, (_, source) in enumerate(value.value):
                other = _LOGSOURCE.get(source.value, f"{source.value}_other")
                yield _text("logsource", (*path, 2 * inside + 1), source, other)


def _detection(node: MappingNode, path: Path) -> Iterator[_Change]:
    fields: list[tuple[Path, Node, str]] = []
    for place, (key, value) in enumerate(node.value):
        inside = (*path, 2 * place + 1)
        if key.value == "condition":
            yield from _condition(value, inside, [key.value for key, _ in node.value])
        elif key.value != "timeframe":
            yield from _block(value, inside, fields)
    yield from _renamed(fields)


def _block(node: Node, path: Path, fields: list[tuple[Path, Node, str]]) -> Iterator[_Change]:
    """A map of fields, or a list of such maps (or of keywords)."""
    if isinstance(node, SequenceNode):
        yield from _dropped("element", node, path)
        for place, item in enumerate(node.value):
            if isinstance(item, ScalarNode):
                yield from _value(item, (*path, place), [])
            else:
                yield from _block(item, (*path, place), fields)
    elif isinstance(node, MappingNode):
        for (key, _), change in zip(node.value, _dropped("predicate", node, path), strict=False):
            name, *modifiers = key.value.split("|")
            yield replace(change, field=name, value=PRESENT if modifiers == ["exists"] else "")
        for place, (key, value) in enumerate(node.value):
            name, *modifiers = key.value.split("|")
            fields.append(((*path, 2 * place), key, name))
            changes = chain(
                _modifiers(key, value, (*path, 2 * place), name, modifiers),
                _values(value, (*path, 2 * place + 1), modifiers),
            )
            yield from (replace(change, field=name) for change in changes)


def _values(node: Node, path: Path, modifiers: list[str]) -> Iterator[_Change]:
    if not isinstance(node, SequenceNode):
        yield from _value(node, path, modifiers)
        return
    yield from _dropped("element", node, path)
    for place, item in enumerate(node.value):
        yield from _value(item, (*path, place), modifiers)


def _value(node: Node, path: Path, modifiers: list[str]) -> Iterator[_Change]:
    spelled = str(node.value)
    if "exists" in modifiers:
        yield _text("presence", path, node, "false" if spelled == "true" else "true")
        return
    if node.tag.endswith(":null"):
        yield _text("presence", path, node, "'*'", tag="tag:yaml.org,2002:str", shown="*")
        return
    if node.tag.endswith(":int"):
        for number in (int(spelled) + 1, int(spelled) - 1):
            yield _text("value", path, node, str(number))
        return
    if node.tag.endswith(":bool") or spelled in ("true", "false"):
        yield _text("value", path, node, "false" if spelled == "true" else "true")
        return
    edits: list[Edit] = []
    if "re" in modifiers:
        edits += expression_edits(spelled, 0, case=False)
    else:
        edits += value_edits(spelled, 0)
        if not set(modifiers) & {"contains", "startswith", "endswith", "cidr", "lt", "lte", "gt", "gte"}:
            edits += wildcard_edits(spelled, 0)
    for edit in edits:
        made = spelled[: edit.start] + edit.after + spelled[edit.end :]
        yield replace(_text(edit.kind, path, node, made), value=spelled, made=made)


def _modifiers(key: Node, value: Node, path: Path, name: str, modifiers: list[str]) -> Iterator[_Change]:
    letters = _is_lettered(value, "re" in modifiers)
    for place, modifier in enumerate(modifiers):
        for kind, other in table("sigma", "modifiers").get(modifier, ()):
            if kind == "case" and not letters:
                continue
            changed = [*modifiers[:place], *([other] if other else []), *modifiers[place + 1 :]]
            made = _text(kind, path, key, "|".join([name, *changed]))
            yield replace(made, value=_shown(value)) if kind == "case" else made
    if not letters:
        return
    if "re" in modifiers and "i" not in modifiers:
        yield _text("case", path, key, f"{key.value}|i")
    elif not modifiers or modifiers[-1] in ("contains", "startswith", "endswith"):
        yield replace(_text("case", path, key, f"{key.value}|cased"), value=_shown(value))


def _is_lettered(node: Node, is_expression: bool) -> bool:
    """Whether the value, or one of them, has letters of which the case may matter."""
    if isinstance(node, SequenceNode):
        return any(_is_lettered(item, is_expression) for item in node.value)
    text = _shown(node)
    return is_lettered(text) if is_expression else any(map(str.isalpha, text))


def _renamed(fields: list[tuple[Path, Node, str]]) -> Iterator[_Change]:
    """Each field turned into the next other one of the detection."""
    order = list(dict.fromkeys(name for _, _, name in fields))
    if len(order) < 2:
        return
    for path, key, name in fields:
        other = order[(order.index(name) + 1) % len(order)]
        yield _text("column", path, key, other + key.value[len(name) :])


def _condition(node: Node, path: Path, names: list[str]) -> Iterator[_Change]:
    text = str(node.value)
    words = list(_TOKEN.finditer(text))
    for place, word in enumerate(words):
        counted = place + 1 < len(words) and words[place + 1][0] == "of"
        if word[0] in ("1", "all"):
            counted_names = words[place + 2][0] if counted and place + 2 < len(words) else ""
            if sum(fnmatchcase(name, counted_names) for name in names) < 2:
                continue
        for kind, other in table("sigma", "condition").get(word[0], ()):
            end = word.end() + (not other)
            yield _text(kind, path, node, text[: word.start()] + other + text[end:])
        if word[0] == "(" and (close := _closing(words, place)) is not None:
            inner = text[word.end() : words[close].start()]
            whole = text[: word.start()] + inner + text[words[close].end() :]
            if _holds_together([word[0] for word in words], place, close):
                yield _text("parenthesis", path, node, whole)


def _holds_together(words: Sequence[str], opening: int, closing: int) -> bool:
    """Whether the condition is read otherwise without the parentheses: `not` binds tightest, `or` loosest.

    Source: Sigma specification 2.1, "Condition", order of precedence.
    """
    depth, joins = 0, set[str]()
    for word in words[opening + 1 : closing]:
        depth += {"(": 1, ")": -1}.get(word, 0)
        if not depth and word in ("and", "or"):
            joins.add(word)
    before = words[opening - 1] if opening else ""
    after = words[closing + 1] if closing + 1 < len(words) else ""
    return bool(joins) if before == "not" else "or" in joins and "and" in (before, after)


def _closing(words: list[re.Match[str]], opening: int) -> int | None:
    depth = 0
    for place in range(opening, len(words)):
        depth += {"(": 1, ")": -1}.get(words[place][0], 0)
        if not depth:
            return place
    return None


def _correlation(node: MappingNode, path: Path) -> Iterator[_Change]:
    for place, (key, value) in enumerate(node.value):
        inside = (*path, 2 * place + 1)
        match key.value:
            case "type":
                for kind, other in table("sigma", "types").get(value.value, ()):
                    yield _text(kind, inside, value, other)
            case "timespan" if found := _SPAN.fullmatch(value.value):
                for number in (int(found[1]) + 1, int(found[1]) - 1):
                    yield _text("timespan", inside, value, f"{number}{found[2]}")
            case "group-by":
                yield from _dropped("key", value, inside)
            case "rules" if isinstance(value, SequenceNode) and len(value.value) > 1:
                yield from _dropped("predicate", value, inside)
                yield _Change("order", inside, _reversed, value, "the rules", "the rules in reverse")
            case "aliases":
                yield from _dropped("key", value, inside)
            case "condition" if isinstance(value, MappingNode):
                yield from _count(value, inside)
        if key.value in ("group-by", "aliases"):
            yield _Change("key", path, _without(place), key, key.value, "")


def _count(node: MappingNode, path: Path) -> Iterator[_Change]:
    for place, (key, value) in enumerate(node.value):
        for kind, other in table("sigma", "modifiers").get(key.value, ()):
            yield _text(kind, (*path, 2 * place), key, other)
        if value.value.isdigit():
            for number in (int(value.value) + 1, int(value.value) - 1):
                yield _text("threshold", (*path, 2 * place + 1), value, str(number))


def _text(kind: str, path: Path, node: Node, after: str, tag: str = "", shown: str = "") -> _Change:
    """The scalar's text replaced."""

    def apply(scalar: Node) -> None:
        scalar.value = shown or after
        if tag:
            scalar.tag = tag

    return _Change(kind, path, apply, node, str(node.value), shown or after)


def _dropped(kind: str, node: Node, path: Path) -> Iterator[_Change]:
    """Each item of a list, or each pair of a mapping, left out; the only one stays."""
    if len(node.value) < 2:
        return
    for place, item in enumerate(node.value):
        at = item[0] if isinstance(item, tuple) else item
        yield _Change(kind, path, _without(place), at, _shown(item), "")


def _without(place: int) -> Callable[[Node], None]:
    def apply(node: Node) -> None:
        del node.value[place]

    return apply


def _reversed(node: Node) -> None:
    node.value.reverse()


def _shown(item: Any) -> str:
    if isinstance(item, tuple):
        return f"{_shown(item[0])}: {_shown(item[1])}"
    if isinstance(item, ScalarNode):
        return str(item.value)
    return ", ".join(_shown(child) for child in item.value)
