"""The tree of search terms, read from the arguments of `search` (and of `tstats ... where`)."""

from __future__ import annotations

import re
from typing import TypeAlias

from converter.evaluate.spl.grammars import parse_search
from converter.evaluate.spl.split import Command
from converter.frozen import dataclass
from converter.kept.nodes import Token, Tree
from converter.source import Position


@dataclass(frozen=True)
class Literal:
    """A value to compare with; `*` in it is a wildcard."""

    text: str
    position: Position
    cased: bool = False
    term: bool = False
    quoted: bool = False


@dataclass(frozen=True)
class Comparison:
    """`field op value`; IN is an `=` with several values."""

    field: str
    operator: str
    values: tuple[Literal, ...]
    position: Position


@dataclass(frozen=True)
class Keyword:
    """A word or phrase anywhere in the event."""

    value: Literal


@dataclass(frozen=True)
class Subsearch:
    """`[search ...]`: the command's subsearch of that number."""

    number: int
    position: Position


@dataclass(frozen=True)
class Not:
    """The complement: holds where the term doesn't."""

    item: Term


@dataclass(frozen=True)
class Group:
    """All of the items (`every`), or any."""

    items: tuple[Term, ...]
    every: bool
    position: Position
    mixed: bool = False
    """AND and OR stand side by side, with no parentheses between them."""


Term: TypeAlias = "Comparison | Keyword | Subsearch | Not | Group"


def read_terms(text: str, command: Command, offset: int = 0) -> Term:
    """The terms of `text`, which begins at `offset` of the arguments. Raises QuerySyntaxError."""
    return _Reader(command, offset).term(parse_search(text, command, offset))


def fields_of(term: Term) -> frozenset[str] | None:
    """The fields that the terms ask; None where they ask the whole event, or what is no field."""
    match term:
        case Comparison(field=field):
            return None if field in ("earliest", "latest") else frozenset((field,))
        case Not(item=item):
            return fields_of(item)
        case Group(items=items):
            found = [fields_of(item) for item in items]
            return None if None in found else frozenset[str]().union(*filter(None, found))
    return None


def unescape(text: str) -> str:
    r"""A value's letters: `\\` is a backslash, `\"` a quote, any other backslash itself.

    Source: Splunk Search Manual, "Backslashes"; a backslash can't make `*` a letter.
    """
    return re.sub(r'\\([\\"])', r"\1", text)


class _Reader:
    def __init__(self, command: Command, offset: int) -> None:
        self.command = command
        self.offset = offset

    def term(self, tree: Tree[Token]) -> Term:
        children = [child for child in tree.children if isinstance(child, Tree)]
        match tree.data:
            case "start":
                return self.term(children[0]) if children else Group((), True, self.command.position)
            case "conjunction":
                return self._group(children, every=True)
            case "disjunction":
                return self._group(children, every=False)
            case "negated":
                return Not(self.term(children[0]))
            case "group":
                return self.term(children[0])
            case "comparison":
                operator = next(str(child) for child in tree.children if isinstance(child, Token))
                return self._comparison(children[0], operator, children[1:])
            case "membership":
                return self._comparison(children[0], "=", children[1:])
            case "subsearch":
                return Subsearch(int(str(tree.children[0])[1:-1]), self._position(tree))
        return Keyword(self._literal(children[0]))

    def _group(self, trees: list[Tree[Token]], every: bool) -> Term:
        items = tuple(map(self.term, trees))
        if len(items) == 1:
            return items[0]
        mixed = every and any(tree.data == "disjunction" and len(tree.children) > 1 for tree in trees)
        return Group(items, every, self._position(trees[0]), mixed)

    def _comparison(self, name: Tree[Token], operator: str, values: list[Tree[Token]]) -> Comparison:
        field = _plain(str(name.children[0]))
        return Comparison(field, operator, tuple(map(self._literal, values)), self._position(name))

    def _literal(self, tree: Tree[Token]) -> Literal:
        token = tree.children[0]
        assert isinstance(token, Token)
        inner = str(token)
        if token.type in ("TERM", "CASE"):
            inner = inner[inner.index("(") + 1 : -1]
        return Literal(
            _plain(inner),
            self._position(tree),
            cased=token.type == "CASE",
            term=token.type == "TERM",
            quoted=inner.startswith('"'),
        )

    def _position(self, tree: Tree[Token]) -> Position:
        return self.command.at(self.offset + tree.meta.start_pos)


def _plain(token: str) -> str:
    return unescape(token[1:-1] if token.startswith('"') else token)
