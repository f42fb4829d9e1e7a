"""Runs Lark's parse tables: the same tokens, reductions and callbacks as Lark's own loop, at half its cost.

Lark hashes a grammar's rule at each reduction, calls three functions for each of the dozen rules that only
hand on their one part (a literal is a primary, which is a sum, which is a comparison ...), and makes an
object of twelve places for each node. Here what a reduction needs lies in the table; a rule that hands on
its part is a change of state; a node's place is its first token. Text that is not of the language is read
again by Lark, which says what is wrong and where.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from lark import Token, Tree
from lark.grammar import Rule
from lark.lexer import ContextualLexer, LexerThread
from lark.parse_tree_builder import ExpandSingleChild
from lark.parsers.lalr_analysis import Shift
from lark.parsers.lalr_parser import LALR_Parser

_END = "$END"
_token: Callable[..., Token] = Token._future_new
"""What `Token()` calls when it has looked for an argument of former days."""


class _Reduction(NamedTuple):
    """How many parts a rule takes, its name, and what is made of them; None: it hands on the only one."""

    size: int
    origin: str
    build: Callable[[list[Any]], Any] | None


class _NotRead(Exception):
    """The text is not of the language."""


class Driver(LALR_Parser):
    """Lark's parser over a table that was kept, for Lark's option `_plugins`.

    `_table`: for each state, by the kind of the next token or the name of what was read, the state that
    follows; or what is to be reduced first. `_callbacks`: by the kind of a token, what it is changed to.
    """

    _table: Mapping[Any, Mapping[str, Any]]
    _callbacks: Mapping[str, Callable[[Token], Any]]

    @classmethod
    def deserialize(  # type: ignore[override]
        cls, data: Any, memo: Any, callbacks: Mapping[Any, Callable[..., Any]], debug: bool = False
    ) -> Driver:
        """As Lark calls it."""
        made: Driver = super().deserialize(data, memo, callbacks, debug)  # type: ignore[no-untyped-call]
        made._callbacks = {kind: call for kind, call in callbacks.items() if isinstance(kind, str)}
        reductions = {
            rule: _reduction(rule, build) for rule, build in callbacks.items() if isinstance(rule, Rule)
        }
        made._table = {
            state: {kind: arg if action is Shift else reductions[arg] for kind, (action, arg) in row.items()}
            for state, row in made._parse_table.states.items()
        }
        return made

    def parse(self, lexer: LexerThread, start: str, on_error: Any = None) -> Any:
        """As Lark calls it."""
        with suppress(_NotRead):
            return self._run(lexer, start)
        return super().parse(lexer, start, on_error)  # type: ignore[no-untyped-call]

    def _run(self, lexer: LexerThread, start: str) -> Any:
        table, callbacks, end = self._table, self._callbacks, self._parse_table.end_states[start]
        states: list[Any] = [self._parse_table.start_states[start]]
        values: list[Any] = []
        firsts: list[Any] = []
        tokens = _tokens(lexer)
        next(tokens)
        while True:
            token = tokens.send(states[-1])
            kind = token.type
            while (step := table[states[-1]].get(kind)).__class__ is _Reduction:
                size, origin, build = step
                if build is None:
                    states[-1] = table[states[-2]][origin]
                else:
                    parts, first = [], None
                    if size:
                        parts, first = values[-size:], firsts[-size]
                        if first is None:  # its first part is empty
                            first = next((one for one in firsts[-size:] if one is not None), None)
                        del states[-size:], values[-size:], firsts[-size:]
                    value = build(parts)
                    if value.__class__ is Tree and value._meta is None:
                        value._meta = first
                    states.append(table[states[-1]][origin])
                    values.append(value)
                    firsts.append(first)
                if kind == _END and states[-1] == end:
                    return values[-1]
            if step is None:
                raise _NotRead
            states.append(step)
            values.append(callbacks[kind](token) if kind in callbacks else token)
            firsts.append(token)


def _reduction(rule: Rule, build: Callable[[list[Any]], Any]) -> _Reduction:
    hands_on = len(rule.expansion) == 1 and isinstance(build, ExpandSingleChild)
    return _Reduction(len(rule.expansion), rule.origin.name, None if hands_on else build)


def _tokens(thread: LexerThread) -> Generator[Any, Any, None]:
    """Is sent the parser's state, gives the next token. Raises what the lexer's callbacks raise."""
    assert thread.state is not None
    text, lexer = thread.state.text, thread.lexer
    lexers = lexer.lexers if isinstance(lexer, ContextualLexer) else None
    place, line, line_start = 0, 1, 0
    state = yield
    while place < text.end:
        basic: Any = lexer if lexers is None else lexers[state]
        scanner = basic.scanner  # before its callbacks, which are made with it
        found = scanner.match(text, place)
        if not found:
            raise _NotRead
        value, kind = found
        start, first_line, column = place, line, place - line_start + 1
        place += len(value)
        if kind in basic.newline_types and (newlines := value.count("\n")):
            line += newlines
            line_start = start + value.rindex("\n") + 1
        if kind not in basic.ignore_types:
            token = _token(kind, value, start, first_line, column, line, place - line_start + 1, place)
            state = yield basic.callback[kind](token) if kind in basic.callback else token
    yield _token(_END, "")


def built(tree: Tree[Any], builder: object) -> Any:
    """What the builder makes of a tree, from the leaves up. Its methods are named as the grammar's rules:
    each is given a node's place, and what became of its parts."""
    parts = [built(part, builder) if part.__class__ is Tree else part for part in tree.children]
    return getattr(builder, tree.data)(tree.meta, parts)
