"""The dialect-neutral tree of a regular expression."""

from __future__ import annotations

from dataclasses import field
from typing import Literal, TypeAlias

from converter.frozen import dataclass

Dialect = Literal["lucene", "pcre", "re2"]
Sign = Literal["\\A", "\\z", "\\Z", "^", "$", "\\b", "\\B", "\\bu", "\\Bu"]


@dataclass(frozen=True, slots=True)
class Char:
    """One character, by itself."""

    char: str


@dataclass(frozen=True, slots=True)
class Any:
    """Any character; `newline`: also a line feed."""

    newline: bool


@dataclass(frozen=True, slots=True)
class Class:
    """One of, or (negated) none of: ranges of characters (inclusive) and shorthands.

    Shorthands: "d" "w" "s" (ASCII; "s" as PCRE has it, with VT), "ud" "uw" "us" (Unicode, as Kusto has them),
    each in capitals ("D", "uD") for all other characters, and Unicode properties as written ("\\p{Greek}").
    """

    ranges: tuple[tuple[str, str], ...] = ()
    shorthands: tuple[str, ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """The items one after the other; no items: the empty text."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Alternation:
    """One of the branches."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """From `least` to `most` times (None: without end); `kind`: "" greedy, "?" lazy, "+" possessive."""

    item: Node
    least: int
    most: int | None
    kind: Literal["", "?", "+"] = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group: capturing with an optional name, non-capturing, or atomic."""

    item: Node
    kind: Literal["capture", "plain", "atomic"] = "capture"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Flags:
    """The case of letters is ignored (`on` is "i") or kept (`off` is "i") in the item.

    The other flags (`s`, `m`, `x`, `U`) are resolved by the parser: no node depends on them.
    """

    on: str
    off: str
    item: Node


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place; one meaning for each sign, whatever the dialect wrote.

    `\\A` start, `\\z` end, `\\Z` end or before a last line feed, `^` and `$` start and end of a line, `\\b`
    and `\\B` an ASCII word boundary or none, `\\bu` and `\\Bu` one by Unicode's word characters.
    """

    sign: Sign


@dataclass(frozen=True, slots=True)
class Look:
    """A look-around: `=`, `!`, `<=`, `<!`."""

    sign: str
    item: Node


@dataclass(frozen=True, slots=True)
class Back:
    """A reference to what a group took, by number or name."""

    group: str


@dataclass(frozen=True, slots=True)
class Interval:
    """Lucene's `<n-m>`: the decimal numbers from n to m; `width`: digits, where both have as many;

    else zeros may stand before."""

    least: int
    most: int
    width: int = 0


@dataclass(frozen=True, slots=True)
class Complement:
    """Lucene's `~`: any text that the item does not match."""

    item: Node


@dataclass(frozen=True, slots=True)
class Intersection:
    """Lucene's `&`: what both match."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Nothing:
    """Lucene's `#`: no text at all, not even the empty one."""

    sign: str = field(default="#")


Node: TypeAlias = (
    Char
    | Any
    | Class
    | Sequence
    | Alternation
    | Repeat
    | Group
    | Flags
    | Anchor
    | Look
    | Back
    | Interval
    | Complement
    | Intersection
    | Nothing
)
EMPTY = Sequence(())
