"""Runs Lark's parse tables: the same tokens, reductions and callbacks as Lark's own loop, at half its cost.

Lark hashes a grammar's rule at each reduction, calls three functions for each of the dozen rules that only
hand on their one part (a literal is a primary, which is a sum, which is a comparison ...), and makes an
object of twelve places for each node. Here what a reduction needs is found by a number; a rule that hands on
its part is a change of state; a node's place is its first token. And Lark makes an object of each rule and
terminal of the grammar, where a text needs a few of them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from converter.kept.nodes import NOWHERE, Place, Token, Tree
from converter.kept.scanners import Scanners

_END = "$END"


class _Reduction(NamedTuple):
    """How many parts a rule takes, its name, and what is made of them; None: it hands on the only one."""

    size: int
    origin: str
    build: Callable[[list[Any]], Any] | None


class NotRead(Exception):
    """The text is not of the language."""


class Driver:
    """The loop over a grammar's tables, which are as `flat` says.

    `transformer` makes nodes of rules and values of tokens, `callbacks` change tokens before they are read:
    both as Lark has them.
    """

    def __init__(self, tables: Mapping[str, Any], transformer: Any, callbacks: Mapping[str, Any]) -> None:
        self._rows, self._ends = tables["rows"], tables["ends"]
        self._reductions = _Reductions(tables, transformer)
        self._scanners = Scanners(tables)
        self._callbacks = callbacks
        self._values = {kind: call for kind in tables["first"] if (call := getattr(transformer, kind, None))}
        self._newlines, self._ignored = frozenset(tables["newlines"]), frozenset(tables["ignored"])
        self._has_ends = bool(tables["places"])

    def parse(self, text: str, start: str | None) -> Any:
        """What the rule `start` makes of the text; None: the only one. Raises NotRead."""
        if start is None:
            (start,) = self._ends
        rows, reductions, values_of = self._rows, self._reductions, self._values
        first_state, end = self._ends[start]
        has_ends, last = self._has_ends, None
        states: list[int] = [first_state]
        values: list[Any] = []
        firsts: list[Any] = []
        tokens = self._tokens(text)
        next(tokens)
        while True:
            token = tokens.send(states[-1])
            kind = token.type
            while (step := rows[states[-1]].get(kind)) is not None and step < 0:
                size, origin, build = reductions[step]
                if build is None:
                    states[-1] = rows[states[-2]][origin]
                else:
                    parts, first = [], None
                    if size:
                        parts, first = values[-size:], firsts[-size]
                        if first is None:  # its first part is empty
                            first = next((one for one in firsts[-size:] if one is not None), None)
                        del states[-size:], values[-size:], firsts[-size:]
                    value = build(parts)
                    if value.__class__ is Tree and value.meta is NOWHERE and first is not None:
                        value.meta = _between(first, last) if has_ends else first
                    states.append(rows[states[-1]][origin])
                    values.append(value)
                    firsts.append(first)
                if kind == _END and states[-1] == end:
                    return values[-1]
            if step is None:
                raise NotRead
            states.append(step)
            values.append(values_of[kind](token) if kind in values_of else token)
            firsts.append(token)
            last = token

    def lex(self, text: str) -> list[Token]:
        """The tokens of a text of which nothing but these is asked, with a lexer that any state has alike.
        Raises NotRead."""
        tokens = self._tokens(text)
        next(tokens)
        found = []
        while (token := tokens.send(0)).type != _END:
            found.append(token)
        return found

    def _tokens(self, text: str) -> Generator[Any, int, None]:
        """Is sent the parser's state, gives the next token. Raises what the callbacks raise, and NotRead."""
        scanners, callbacks = self._scanners, self._callbacks
        newlines, ignored = self._newlines, self._ignored
        place, line, line_start, end = 0, 1, 0, len(text)
        state = yield
        while place < end:
            scanner = scanners[state]
            found = scanner.find(text, place)
            if found is None:
                raise NotRead
            kind, value = found
            start, first_line, column = place, line, place - line_start + 1
            place += len(value)
            if kind in newlines and (count := value.count("\n")):
                line += count
                line_start = start + value.rindex("\n") + 1
            if kind not in ignored:
                said = words.get(value, kind) if (words := scanner.keywords.get(kind)) else kind
                token = Token(said, value, start, first_line, column, line, place - line_start + 1, place)
                state = yield callbacks[kind](token) if kind in callbacks and said == kind else token
        yield Token(_END, "")


class _Reductions(dict[int, _Reduction]):
    """By their numbers in the table; each is made when a text first needs it: by Lark, of its rule."""

    def __init__(self, tables: Mapping[str, Any], transformer: Any) -> None:
        self._tables = tables
        self._transformer = transformer

    def __missing__(self, number: int) -> _Reduction:
        size, origin, name, expands, taken, nones = self._tables["rules"][~number]
        build = getattr(self._transformer, name, None) or partial(Tree, name)
        hands_on = expands and size == 1 and taken is None
        if expands:
            build = partial(_only, build)
        if taken is not None:
            build = partial(_taken, build, taken, nones)
        self[number] = _Reduction(size, origin, None if hands_on else build)
        return self[number]


def _only(build: Callable[[list[Any]], Any], parts: list[Any]) -> Any:
    """A single part stands for itself."""
    return parts[0] if len(parts) == 1 else build(parts)


def _taken(
    build: Callable[[list[Any]], Any], taken: Sequence[tuple[int, bool, int]], nones: int, parts: list[Any]
) -> Any:
    """Of these parts; `flat` says what is `taken`. Of a list that grows to the right the first part's own is
    added to: nobody else has it."""
    found: list[Any] = []
    for place, is_open, before in taken:
        if before:
            found += [None] * before
        if not is_open:
            found.append(parts[place])
        elif found:
            found += parts[place].children
        else:
            found = parts[place].children
    return build(found + [None] * nones if nones else found)


def _between(first: Token, last: Any) -> Place:
    return Place(first.line, first.column, first.start_pos, last.end_pos)


def built(tree: Tree[Any], builder: object) -> Any:
    """What the builder makes of a tree, from the leaves up. Its methods are named as the grammar's rules:
    each is given a node's place, and what became of its parts."""
    parts = [built(part, builder) if part.__class__ is Tree else part for part in tree.children]
    return getattr(builder, tree.data)(tree.meta, parts)
