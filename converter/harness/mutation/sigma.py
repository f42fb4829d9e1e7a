"""Sigma YAML changed one step at a time: the parsed document is changed and written again.

Documents are changed as YAML nodes, so that what is not changed is written as it was, and each change has its
place in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, SequenceNode

from converter.harness.mutation.edit import Mutant, few
from converter.harness.mutation.known import NOTHING, Known
from converter.harness.mutation.sigma_correlation import correlation_changes
from converter.harness.mutation.sigma_detection import detection_changes
from converter.harness.mutation.sigma_nodes import Change, Path, retold
from converter.source import Position

_LOGSOURCE = {"windows": "linux", "linux": "windows", "macos": "windows"}


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


def _document(document: MappingNode) -> Iterator[Change]:
    for place, (key, value) in enumerate(document.value):
        path: Path = (2 * place + 1,)
        if key.value == "detection" and isinstance(value, MappingNode):
            yield from detection_changes(value, path)
        elif key.value == "correlation" and isinstance(value, MappingNode):
            yield from correlation_changes(value, path)
        elif key.value == "logsource" and isinstance(value, MappingNode):
            for inside, (_, source) in enumerate(value.value):
                other = _LOGSOURCE.get(source.value, f"{source.value}_other")
                yield retold("logsource", (*path, 2 * inside + 1), source, other)
