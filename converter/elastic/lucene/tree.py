"""What a query string says: groups of clauses, before their operators are weighed."""

from __future__ import annotations

from typing import Literal, TypeAlias

from converter.frozen import dataclass
from converter.source import Position


@dataclass(frozen=True, slots=True)
class Leaf:
    """A word, phrase, range, regular expression or bare operator, as written; `fuzzy` if a `~` follows."""

    kind: Literal["WORD", "QUOTED", "RANGE", "REGEX", "BARE"]
    text: str
    pos: Position
    fuzzy: bool = False
    boosted: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """One item of a group with what stands before it: `field` is None where the group's field holds."""

    item: Leaf | Group
    field: str | None
    conjunction: Literal["AND", "OR"] | None
    modifier: Literal["+", "-"] | None
    pos: Position


@dataclass(frozen=True, slots=True)
class Group:
    """Clauses in order."""

    clauses: tuple[Clause, ...]
    pos: Position


Tree: TypeAlias = Leaf | Group
