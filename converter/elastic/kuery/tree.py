"""What a Kuery text says, before field types give it its meaning."""

from __future__ import annotations

from typing import Literal, TypeAlias

from converter.frozen import dataclass
from converter.ir import Wild
from converter.source import Position


@dataclass(frozen=True, slots=True)
class Value:
    """A literal: its pieces and wildcards; `constant` is set for an unquoted true, false or null."""

    pieces: tuple[str | Wild, ...]
    quoted: bool
    pos: Position
    constant: Literal["true", "false", "null"] | None = None

    @property
    def text(self) -> str:
        """The literal as one text, wildcards as `*`."""
        return "".join("*" if isinstance(piece, Wild) else piece for piece in self.pieces)

    @property
    def is_wildcard(self) -> bool:
        """Whether an unquoted `*` is in it."""
        return any(isinstance(piece, Wild) for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Both:
    """`and` or `or` of several, of queries or of values alike."""

    op: Literal["and", "or"]
    items: tuple[Tree, ...]
    pos: Position


@dataclass(frozen=True, slots=True)
class Negated:
    """`not` of a query or a value."""

    item: Tree
    pos: Position


@dataclass(frozen=True, slots=True)
class Is:
    """`field:values`; without a field, a bare value."""

    field: Value | None
    values: Tree
    pos: Position


@dataclass(frozen=True, slots=True)
class Range:
    """`field >= value`."""

    field: Value
    op: Literal["<", "<=", ">", ">="]
    value: Value
    pos: Position


@dataclass(frozen=True, slots=True)
class Inside:
    """`path:{ query }`."""

    path: Value
    item: Tree
    pos: Position


Tree: TypeAlias = Value | Both | Negated | Is | Range | Inside
