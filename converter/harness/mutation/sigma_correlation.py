"""A Sigma correlation changed one step at a time: its type, span, keys, rules and count."""

from __future__ import annotations

import re
from collections.abc import Iterator

from yaml.nodes import MappingNode, Node, SequenceNode

from converter.harness.mutation.edit import table
from converter.harness.mutation.sigma_nodes import Change, Path, dropped, retold, without

_SPAN = re.compile(r"(\d+)([a-zA-Z]+)")


def correlation_changes(node: MappingNode, path: Path) -> Iterator[Change]:
    """The changes of the `correlation` mapping that stands at this path."""
    for place, (key, value) in enumerate(node.value):
        inside = (*path, 2 * place + 1)
        match key.value:
            case "type":
                for kind, other in table("sigma", "types").get(value.value, ()):
                    yield retold(kind, inside, value, other)
            case "timespan" if found := _SPAN.fullmatch(value.value):
                for number in (int(found[1]) + 1, int(found[1]) - 1):
                    yield retold("timespan", inside, value, f"{number}{found[2]}")
            case "group-by":
                yield from dropped("key", value, inside)
            case "rules" if isinstance(value, SequenceNode) and len(value.value) > 1:
                yield from dropped("predicate", value, inside)
                yield Change("order", inside, _reversed, value, "the rules", "the rules in reverse")
            case "aliases":
                yield from dropped("key", value, inside)
            case "condition" if isinstance(value, MappingNode):
                yield from _count(value, inside)
        if key.value in ("group-by", "aliases"):
            yield Change("key", path, without(place), key, key.value, "")


def _count(node: MappingNode, path: Path) -> Iterator[Change]:
    for place, (key, value) in enumerate(node.value):
        for kind, other in table("sigma", "modifiers").get(key.value, ()):
            yield retold(kind, (*path, 2 * place), key, other)
        if value.value.isdigit():
            for number in (int(value.value) + 1, int(value.value) - 1):
                yield retold("threshold", (*path, 2 * place + 1), value, str(number))


def _reversed(node: Node) -> None:
    node.value.reverse()
