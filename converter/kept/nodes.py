"""What a text becomes by its grammar: tokens, and trees of them, with their places.

They are asked as Lark's are; Lark itself is of use where there are no tables yet, or a text is not of the
language (`larks`), and takes longer to load than most rules to read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

_Leaf = TypeVar("_Leaf")


class Token(str):
    """A terminal's text. Two of one text are equal where they are of one kind; a plain text has any."""

    __slots__ = ("column", "end_column", "end_line", "end_pos", "line", "start_pos", "type")

    type: str
    start_pos: int
    line: int
    column: int
    end_line: int
    end_column: int
    end_pos: int

    def __new__(
        cls,
        kind: str,
        text: str,
        start_pos: int = 0,
        line: int = 1,
        column: int = 1,
        end_line: int = 1,
        end_column: int = 1,
        end_pos: int = 0,
    ) -> Token:
        made = str.__new__(cls, text)
        made.type = kind
        made.start_pos = start_pos
        made.line = line
        made.column = column
        made.end_line = end_line
        made.end_column = end_column
        made.end_pos = end_pos
        return made

    def __getnewargs__(self) -> tuple[Any, ...]:
        begin = self.start_pos, self.line, self.column
        return self.type, str(self), *begin, self.end_line, self.end_column, self.end_pos

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Token) and other.type != self.type:
            return False
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


class Place(NamedTuple):
    """Where a node stands: from its first token's beginning to its last one's end."""

    line: int
    column: int
    start_pos: int
    end_pos: int


Meta: TypeAlias = Token | Place
"""A node's place: its first token, where nobody asks for its end."""

NOWHERE = Place(1, 1, 0, 0)
"""A node without a token stands at the text's beginning."""


class Tree(Generic[_Leaf]):
    """A rule's name, or its alias, and what became of its parts."""

    __slots__ = ("children", "data", "meta")

    def __init__(self, data: str, children: list[Any]) -> None:
        self.data = data
        self.children: list[Tree[_Leaf] | _Leaf] = children
        self.meta: Meta = NOWHERE


def subtrees(tree: Tree[Token]) -> Iterator[Tree[Token]]:
    """The tree and all below it, in the order of the text, however deep it is."""
    waiting = [tree]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += (child for child in reversed(found.children) if isinstance(child, Tree))


class Unexpected(Exception):
    """What stands in a text where its language has nothing like it.

    `token`: None for a character that begins none. `expected`: the terminals that could stand there.
    """

    def __init__(self, token: Token | None, expected: frozenset[str], place: Place) -> None:
        super().__init__(token, expected, place)
        self.token, self.expected, self.place = token, expected, place

    @property
    def is_end(self) -> bool:
        """Whether the text ends too early."""
        return self.token is not None and self.token.type == "$END"
