"""Values: what scripts and ES|QL compute from an event, with null where a field is missing."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias

from converter.frozen import dataclass
from converter.source import Position

if TYPE_CHECKING:
    from converter.ir.predicate import Predicate


@dataclass(frozen=True, slots=True)
class ValueNode:
    """What all values have: `pos`, where the source text says it."""

    pos: Position | None = field(default=None, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class FieldValue(ValueNode):
    """The field's value; null where it is missing."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal_(ValueNode):
    """A constant: text, number, boolean or null."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Call(ValueNode):
    """A function of the source language, by its canonical name there ("endsWith", "to_lower", "date_trunc").

    `language` says whose function it is: EQL's and ES|QL's of one name differ.
    """

    function: str
    arguments: tuple[Value, ...]
    ignore_case: bool = False
    language: Literal["eql", "esql"] = "eql"


@dataclass(frozen=True, slots=True)
class Arithmetic(ValueNode):
    """`left op right` on numbers; null if either is."""

    op: Literal["+", "-", "*", "/", "%"]
    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class Comparison(ValueNode):
    """`left op right`; null if either is null. "like" and "rlike" take a literal pattern on the right."""

    op: Literal["==", "!=", "<", "<=", ">", ">=", "like", "rlike"]
    left: Value
    right: Value
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class Logic(ValueNode):
    """Three-valued and, or, not (Kleene). "not" has one item."""

    op: Literal["and", "or", "not"]
    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class IsNull(ValueNode):
    """True where the item is null, else false; never null."""

    item: Value


@dataclass(frozen=True, slots=True)
class Holds(ValueNode):
    """Whether a two-valued predicate holds: true or false, never null. Lowering makes it of conditions."""

    predicate: Predicate


Value: TypeAlias = FieldValue | Literal_ | Call | Arithmetic | Comparison | Logic | IsNull | Holds
