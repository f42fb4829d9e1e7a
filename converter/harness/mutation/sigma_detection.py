"""A Sigma rule's detection changed one step at a time: fields, modifiers, values, the condition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import chain

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from converter.harness.mutation.edit import PRESENT, Edit, table
from converter.harness.mutation.expressions import expression_edits, is_lettered
from converter.harness.mutation.sigma_nodes import Change, Path, dropped, retold, shown_of
from converter.harness.mutation.texts import value_edits, wildcard_edits

_TOKEN = re.compile(r"[\w*]+|[()]")
_FLAGS = ("true", "false")
"""Which logs spell in one way."""


def detection_changes(node: MappingNode, path: Path) -> Iterator[Change]:
    """The changes of the `detection` mapping that stands at this path."""
    fields: list[tuple[Path, Node, str]] = []
    for place, (key, value) in enumerate(node.value):
        inside = (*path, 2 * place + 1)
        if key.value == "condition":
            yield from _condition(value, inside, [key.value for key, _ in node.value])
        elif key.value != "timeframe":
            yield from _block(value, inside, fields)
    yield from _renamed(fields)


def _block(node: Node, path: Path, fields: list[tuple[Path, Node, str]]) -> Iterator[Change]:
    """A map of fields, or a list of such maps (or of keywords)."""
    if isinstance(node, SequenceNode):
        yield from dropped("element", node, path)
        for place, item in enumerate(node.value):
            if isinstance(item, ScalarNode):
                yield from _value(item, (*path, place), [])
            else:
                yield from _block(item, (*path, place), fields)
    elif isinstance(node, MappingNode):
        for (key, _), change in zip(node.value, dropped("predicate", node, path), strict=False):
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


def _values(node: Node, path: Path, modifiers: list[str]) -> Iterator[Change]:
    if not isinstance(node, SequenceNode):
        yield from _value(node, path, modifiers)
        return
    yield from dropped("element", node, path)
    for place, item in enumerate(node.value):
        yield from _value(item, (*path, place), modifiers)


def _value(node: Node, path: Path, modifiers: list[str]) -> Iterator[Change]:
    spelled = str(node.value)
    if "exists" in modifiers:
        yield retold("presence", path, node, "false" if spelled == "true" else "true")
        return
    if node.tag.endswith(":null"):
        yield retold("presence", path, node, "'*'", tag="tag:yaml.org,2002:str", shown="*")
        return
    if node.tag.endswith(":int"):
        for number in (int(spelled) + 1, int(spelled) - 1):
            yield retold("value", path, node, str(number))
        return
    if node.tag.endswith(":bool") or spelled in _FLAGS:
        yield retold("value", path, node, "false" if spelled == "true" else "true")
        return
    edits: list[Edit] = []
    if "re" in modifiers:
        edits += expression_edits(spelled, 0, case=False, escaped=False)
    else:
        edits += value_edits(spelled, 0)
        if not set(modifiers) & {"contains", "startswith", "endswith", "cidr", "lt", "lte", "gt", "gte"}:
            edits += wildcard_edits(spelled, 0)
    for edit in edits:
        made = spelled[: edit.start] + edit.after + spelled[edit.end :]
        yield replace(retold(edit.kind, path, node, made), value=spelled, made=made)


def _modifiers(key: Node, value: Node, path: Path, name: str, modifiers: list[str]) -> Iterator[Change]:
    letters = _is_lettered(value, "re" in modifiers)
    for place, modifier in enumerate(modifiers):
        for kind, other in table("sigma", "modifiers").get(modifier, ()):
            if kind == "case" and not letters:
                continue
            changed = [*modifiers[:place], *([other] if other else []), *modifiers[place + 1 :]]
            made = retold(kind, path, key, "|".join([name, *changed]))
            yield replace(made, value=shown_of(value)) if kind == "case" else made
    if not letters:
        return
    if "re" in modifiers and "i" not in modifiers:
        yield retold("case", path, key, f"{key.value}|i")
    elif not modifiers or modifiers[-1] in ("contains", "startswith", "endswith"):
        yield replace(retold("case", path, key, f"{key.value}|cased"), value=shown_of(value))


def _renamed(fields: list[tuple[Path, Node, str]]) -> Iterator[Change]:
    """Each field turned into the next other one of the detection."""
    order = list(dict.fromkeys(name for _, _, name in fields))
    if len(order) < 2:
        return
    for path, key, name in fields:
        other = order[(order.index(name) + 1) % len(order)]
        yield retold("column", path, key, other + key.value[len(name) :])


def _is_lettered(node: Node, is_expression: bool) -> bool:
    """Whether the value, or one of them, has letters of which the case may matter."""
    if isinstance(node, SequenceNode):
        return any(_is_lettered(item, is_expression) for item in node.value)
    text = shown_of(node)
    if text in _FLAGS:
        return False
    return is_lettered(text) if is_expression else any(map(str.isalpha, text))


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


def _condition(node: Node, path: Path, names: list[str]) -> Iterator[Change]:
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
            yield retold(kind, path, node, text[: word.start()] + other + text[end:])
        if word[0] == "(" and (close := _closing(words, place)) is not None:
            inner = text[word.end() : words[close].start()]
            whole = text[: word.start()] + inner + text[words[close].end() :]
            if _holds_together([word[0] for word in words], place, close):
                yield retold("parenthesis", path, node, whole)


def _closing(words: list[re.Match[str]], opening: int) -> int | None:
    depth = 0
    for place in range(opening, len(words)):
        depth += {"(": 1, ")": -1}.get(words[place][0], 0)
        if not depth:
            return place
    return None
