"""Predicates: two-valued questions to one event.

A leaf asks one field and holds if **any** of the field's values satisfies it; on a missing field
it is false. A field name with `*` in it (Kuery) asks every field of such a name: one must satisfy it.
`Not` is the complement: it holds wherever its item does not, also where the field is missing.
Languages with three-valued logic are brought to this form when they are read; what can't be is a
:class:`Script`, which holds only where its expression is true.

A list of values is an `Or` of leaves: with arrays, "some element equals one of these" and "some
element equals this, or some element equals that" are the same.
"""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from typing import Literal, TypeAlias

from converter.frozen import dataclass
from converter.ir.value import Value
from converter.source import Position

Scalar: TypeAlias = str | int | float | bool


class Wild(Enum):
    """A wildcard in a :class:`Like` pattern."""

    ANY = "*"
    ONE = "?"

    __hash__ = object.__hash__  # patterns are hashed often, and an enumeration's own method is slow


@dataclass(frozen=True, slots=True)
class Node:
    """What all nodes have: `pos`, where the source text says it."""

    pos: Position | None = field(default=None, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """Always true, or never."""

    value: bool


TRUE = Constant(True)
FALSE = Constant(False)


@dataclass(frozen=True, slots=True)
class And(Node):
    """All items hold."""

    items: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """At least one item holds."""

    items: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """The item does not hold."""

    item: Predicate


@dataclass(frozen=True, slots=True)
class Exists(Node):
    """The field has at least one value that is not null. The empty string is a value."""

    field: str


@dataclass(frozen=True, slots=True)
class Equals(Node):
    """Some value equals `value`, by the field's type: an `ip` as an address, a number as a number."""

    field: str
    value: Scalar
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class Like(Node):
    """Some value matches the whole pattern: literal pieces and wildcards, `("a", Wild.ANY, "b")` is `a*b`."""

    field: str
    pattern: tuple[str | Wild, ...]
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class Regex(Node):
    """Some value matches. A "lucene" pattern is anchored at both ends, "pcre" and "re2" at none."""

    field: str
    pattern: str
    dialect: Literal["lucene", "pcre", "re2"] = "lucene"
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """Some value is less or greater: numbers, dates (ISO text), addresses, or text by code point."""

    field: str
    op: Literal["<", "<=", ">", ">="]
    value: Scalar


@dataclass(frozen=True, slots=True)
class Between(Node):
    """Some one value is in the range; two :class:`Compare` could each be satisfied by another value."""

    field: str
    low: Scalar
    high: Scalar
    low_op: Literal[">", ">="] = ">="
    high_op: Literal["<", "<="] = "<="


@dataclass(frozen=True, slots=True)
class Cidr(Node):
    """Some address lies in the network ("10.0.0.0/8", "fe80::/10")."""

    field: str
    network: str


@dataclass(frozen=True, slots=True)
class Phrase(Node):
    """An analysed text field holds these tokens (lower case) next to each other, in this order.

    A token of `Wild` parts is not split further: `("power", Wild.ANY)` is one token that starts so.
    """

    field: str
    tokens: tuple[str | tuple[str | Wild, ...], ...]


@dataclass(frozen=True, slots=True)
class AnyField(Node):
    """Some field of the event, whichever, has a value that the bare pattern matches (Kuery, Lucene)."""

    pattern: tuple[str | Wild, ...]
    phrase: bool = False


@dataclass(frozen=True, slots=True)
class Nested(Node):
    """One object of the array `path` satisfies the item (Kuery's `path:{ ... }`); fields by full name."""

    path: str
    item: Predicate


@dataclass(frozen=True, slots=True)
class Script(Node):
    """A three-valued expression over values; the predicate holds where it is true, not where it is null."""

    expression: Value


Predicate: TypeAlias = (
    Constant
    | And
    | Or
    | Not
    | Exists
    | Equals
    | Like
    | Regex
    | Compare
    | Between
    | Cidr
    | Phrase
    | AnyField
    | Nested
    | Script
)
