"""Changes of YAML nodes: what is done, where, and how it reads before and then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from yaml.nodes import Node, ScalarNode

from converter.frozen import dataclass
from converter.harness.mutation.edit import Edit

Path: TypeAlias = tuple[int, ...]
"""The way to a node: places of children, keys and values of a mapping counted alike."""


@dataclass(frozen=True)
class Change:
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


def retold(kind: str, path: Path, node: Node, after: str, tag: str = "", shown: str = "") -> Change:
    """The scalar's text replaced."""

    def apply(scalar: Node) -> None:
        scalar.value = shown or after
        if tag:
            scalar.tag = tag

    return Change(kind, path, apply, node, str(node.value), shown or after)


def dropped(kind: str, node: Node, path: Path) -> Iterator[Change]:
    """Each item of a list, or each pair of a mapping, left out; the only one stays."""
    if len(node.value) < 2:
        return
    for place, item in enumerate(node.value):
        at = item[0] if isinstance(item, tuple) else item
        yield Change(kind, path, without(place), at, shown_of(item), "")


def without(place: int) -> Callable[[Node], None]:
    """Leaves an item, or a pair, out."""

    def apply(node: Node) -> None:
        del node.value[place]

    return apply


def shown_of(item: Any) -> str:
    """A node, or a pair of them, as it reads."""
    if isinstance(item, tuple):
        return f"{shown_of(item[0])}: {shown_of(item[1])}"
    if isinstance(item, ScalarNode):
        return str(item.value)
    return ", ".join(shown_of(child) for child in item.value)
